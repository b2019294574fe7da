//! The table of streams.

use serde::Serialize;

use crate::{Evidence, Layout, Width, record};

tr_ids! {
    /// 국내주식 실시간체결가(KRX)
    H0STCNT0: Stock Krx Trade StockCode("005930") RealAndPaper {
        46 Recorded "2022-08-30" => stock::StockTrade,
        47 Recorded "2026-09-14" => stock::StockTrade,
    }
    /// 국내주식 실시간체결가 (NXT)
    H0NXCNT0: Stock Nxt Trade StockCode("005930") RealOnly {
        46 Documented "2025-07" => stock::VenueStockTrade,
        47 Announced "2026-09-14" => stock::VenueStockTrade,
    }
    /// 국내주식 실시간체결가 (통합)
    H0UNCNT0: Stock Unified Trade StockCode("005930") RealOnly {
        46 Documented "2025-07" => stock::VenueStockTrade,
        47 Announced "2026-09-14" => stock::VenueStockTrade,
    }
    /// 국내주식 실시간호가 (KRX)
    H0STASP0: Stock Krx OrderBook StockCode("005930") RealAndPaper {
        59 Recorded "2022-12" => stock::StockBook,
        62 Recorded "2025-07" => stock::StockBook,
        63 Recorded "2026-09-22" => stock::StockBook,
    }
    /// 국내주식 실시간호가 (NXT)
    H0NXASP0: Stock Nxt OrderBook StockCode("005930") RealOnly {
        62 Documented "2026-09-11" => stock::NxtStockBook62,
        65 Documented "2025-07" => stock::NxtStockBook,
    }
    /// 국내주식 실시간호가 (통합)
    H0UNASP0: Stock Unified OrderBook StockCode("005930") RealOnly {
        65 Documented "2025-07" => stock::UnifiedStockBook,
        66 Announced "2026-09-14" => stock::UnifiedStockBook,
    }
    /// 국내주식 실시간예상체결 (KRX)
    H0STANC0: Stock Krx ExpectedTrade StockCode("005930") RealOnly {
        45 Example "2024-04-26" => stock::StockExpectedTrade,
        46 Example "2026-07-07" => stock::StockExpectedTrade,
    }
    /// 국내주식 실시간예상체결 (NXT)
    H0NXANC0: Stock Nxt ExpectedTrade StockCode("005930") RealOnly {
        46 Example "2026-07-07" => stock::StockExpectedTrade,
    }
    /// 국내주식 실시간예상체결(통합)
    H0UNANC0: Stock Unified ExpectedTrade StockCode("005930") RealOnly {
        46 Documented "2025-07" => stock::StockExpectedTrade,
    }
    /// 국내주식 실시간회원사 (KRX)
    H0STMBC0: Stock Krx Members StockCode("005930") RealOnly {
        78 Example "2024" => stock::StockMembers,
    }
    /// 국내주식 실시간회원사 (NXT)
    H0NXMBC0: Stock Nxt Members StockCode("005930") RealOnly {
        78 Documented "2025-07" => stock::StockMembers,
    }
    /// 국내주식 실시간회원사 (통합)
    H0UNMBC0: Stock Unified Members StockCode("005930") RealOnly {
        78 Documented "2025-07" => stock::StockMembers,
    }
    /// 국내주식 실시간프로그램매매 (KRX)
    H0STPGM0: Stock Krx ProgramTrade StockCode("005930") RealOnly {
        11 Example "2024" => stock::StockProgramTrade,
    }
    /// 국내주식 실시간프로그램매매 (NXT)
    H0NXPGM0: Stock Nxt ProgramTrade StockCode("032640") RealOnly {
        11 Documented "2025-07" => stock::StockProgramTrade,
    }
    /// 국내주식 실시간프로그램매매 (통합)
    H0UNPGM0: Stock Unified ProgramTrade StockCode("005930") RealOnly {
        11 Documented "2025-07" => stock::StockProgramTrade,
    }
    /// 국내주식 장운영정보 (KRX)
    H0STMKO0: Stock Krx MarketStatus StockCode("005930") RealOnly {
        11 Documented "2025-07" => stock::StockMarketStatus,
        10 Example "2024" => stock::StockMarketStatus,
    }
    /// 국내주식 장운영정보(NXT)
    H0NXMKO0: Stock Nxt MarketStatus StockCode("006220") RealOnly {
        11 Documented "2025-07" => stock::StockMarketStatus,
    }
    /// 국내주식 장운영정보(통합)
    H0UNMKO0: Stock Unified MarketStatus StockCode("158430") RealOnly {
        10 Recorded "2026-09-21" => stock::StockMarketStatus,
    }
    /// 국내주식 시간외 실시간체결가 (KRX)
    H0STOUP0: Stock Krx OvertimeTrade StockCode("005930") RealOnly {
        43 Example "2024-05-03" => stock::OvertimeStockTrade,
    }
    /// 국내주식 시간외 실시간예상체결 (KRX)
    H0STOAC0: Stock Krx OvertimeExpectedTrade StockCode("005930") RealOnly {
        43 Example "2024-05-03" => stock::OvertimeStockTrade,
    }
    /// 국내주식 시간외 실시간호가 (KRX)
    H0STOAA0: Stock Krx OvertimeOrderBook StockCode("005930") RealOnly {
        54 Documented "2025-07" => stock::OvertimeStockBook54,
        58 Example "2024-05-03" => stock::OvertimeStockBook,
    }
    /// 국내주식 주식체결통보
    H0STCNI0: Stock Krx Notice HtsId("your HTS id") RealOnly {
        26 Documented "2025-07" => stock::StockNotice,
        23 Example "2023" => stock::StockNotice23,
    }
    /// 국내주식 주식체결통보 (모의투자)
    H0STCNI9: Stock Krx Notice HtsId("your HTS id") PaperOnly {
        26 Documented "2025-07" => stock::StockNotice,
        23 Recorded "2025-07" => stock::StockNotice23,
    }
    /// 국내지수 실시간체결
    H0UPCNT0: Index Krx Trade IndexCode("0001") RealOnly {
        30 Recorded "2026-10-01" => index::IndexTrade,
    }
    /// 국내지수 실시간예상체결
    H0UPANC0: Index Krx ExpectedTrade IndexCode("0001") RealOnly {
        30 Documented "2025-07" => index::IndexTrade,
        15 Example "2024-04" => index::IndexExpectedTrade15,
    }
    /// 국내지수 실시간프로그램매매
    H0UPPGM0: Index Krx ProgramTrade IndexCode("0001") RealOnly {
        88 Example "2024" => index::IndexProgramTrade,
    }
    /// ELW 실시간체결가
    H0EWCNT0: Elw Krx Trade ElwCode("57LA24") RealOnly {
        63 Example "2024-04-26" => elw::ElwTrade,
    }
    /// ELW 실시간호가
    H0EWASP0: Elw Krx OrderBook ElwCode("57LA24") RealOnly {
        73 Example "2024-04-26" => elw::ElwBook,
    }
    /// ELW 실시간예상체결
    H0EWANC0: Elw Krx ExpectedTrade ElwCode("57LA24") RealOnly {
        59 Documented "2025-07" => elw::ElwExpectedTrade,
    }
    /// 국내ETF NAV추이
    H0STNAV0: Etf Krx Nav StockCode("069500") RealOnly {
        8 Example "2024" => etf::EtfNav,
    }
    /// 지수선물 실시간체결가
    H0IFCNT0: IndexFuture Krx Trade FutureOption("101W09") RealOnly {
        50 Recorded "2025-07" => index_future::FutureTrade,
    }
    /// 지수선물 실시간호가
    H0IFASP0: IndexFuture Krx OrderBook FutureOption("101W09") RealOnly {
        38 Documented "2025-07" => index_future::FutureBook,
    }
    /// 지수옵션 실시간체결가
    H0IOCNT0: IndexOption Krx Trade FutureOption("201W08427") RealOnly {
        58 Recorded "2025-07" => index_option::OptionTrade,
    }
    /// 지수옵션 실시간호가
    H0IOASP0: IndexOption Krx OrderBook FutureOption("201W08427") RealOnly {
        38 Documented "2025-07" => index_option::OptionBook,
    }
    /// 상품선물 실시간체결가
    H0CFCNT0: CommodityFuture Krx Trade FutureOption("165W09") RealOnly {
        50 Documented "2025-07" => index_future::FutureTrade,
    }
    /// 상품선물 실시간호가
    H0CFASP0: CommodityFuture Krx OrderBook FutureOption("165W09") RealOnly {
        38 Documented "2025-07" => index_future::FutureBook,
    }
    /// 주식선물 실시간체결가
    H0ZFCNT0: StockFuture Krx Trade FutureOption("111W08") RealOnly {
        49 Example "2024" => stock_future::StockFutureTrade,
    }
    /// 주식선물 실시간호가
    H0ZFASP0: StockFuture Krx OrderBook FutureOption("111W08") RealOnly {
        68 Example "2024" => stock_future::StockFutureBook,
    }
    /// 주식선물 실시간예상체결
    H0ZFANC0: StockFuture Krx ExpectedTrade FutureOption("111W07") RealOnly {
        8 Documented "2025-07" => stock_future::StockFutureExpectedTrade,
    }
    /// 주식옵션 실시간체결가
    H0ZOCNT0: StockOption Krx Trade FutureOption("339W08088") RealOnly {
        53 Example "2024" => stock_option::StockOptionTrade,
    }
    /// 주식옵션 실시간호가
    H0ZOASP0: StockOption Krx OrderBook FutureOption("239W08090") RealOnly {
        68 Example "2024-04" => stock_option::StockOptionBook,
    }
    /// 주식옵션 실시간예상체결
    H0ZOANC0: StockOption Krx ExpectedTrade FutureOption("339W08088") RealOnly {
        7 Documented "2025-07" => stock_option::StockOptionExpectedTrade,
    }
    /// KRX야간선물 실시간종목체결
    H0MFCNT0: IndexFuture Night Trade FutureOption("101W09") RealOnly {
        49 Documented "2025-07" => index_future::NightFutureTrade,
        46 Recorded "2025-07" => index_future::NightFutureTrade,
    }
    /// KRX야간선물 실시간호가
    H0MFASP0: IndexFuture Night OrderBook FutureOption("101W09") RealOnly {
        46 Example "2024-05" => index_future::FutureBook,
        38 Recorded "2025-07" => index_future::FutureBook,
        40 Recorded "2025-07" => index_future::FutureBook,
    }
    /// KRX야간옵션 실시간체결가
    H0EUCNT0: IndexOption Night Trade FutureOption("201W08450") RealOnly {
        56 Documented "2025-07" => index_option::NightOptionTrade,
        53 Example "2024-05" => index_option::NightOptionTrade,
    }
    /// KRX야간옵션 실시간호가
    H0EUASP0: IndexOption Night OrderBook FutureOption("201W08450") RealOnly {
        37 Example "2024-05" => index_option::NightOptionBook37,
        38 Documented "2025-07" => index_option::OptionBook,
    }
    /// KRX야간옵션실시간예상체결
    H0EUANC0: IndexOption Night ExpectedTrade FutureOption("201W08450") RealOnly {
        8 Documented "2025-07" => index_option::NightOptionExpectedTrade,
    }
    /// 선물옵션 실시간체결통보
    H0IFCNI0: FutureOption Krx Notice HtsId("your HTS id") RealOnly {
        22 Example "2024" => index_future::FutureOptionNotice,
    }
    /// 선물옵션 실시간체결통보 (모의투자)
    H0IFCNI9: FutureOption Krx Notice HtsId("your HTS id") PaperOnly {
        22 Documented "2025-07" => index_future::FutureOptionNotice,
    }
    /// KRX야간선물 실시간체결통보
    H0MFCNI0: FutureOption Night Notice HtsId("your HTS id") RealOnly {
        19 Documented "2025-07" => index_future::NightNotice,
    }
    /// KRX야간옵션실시간체결통보
    H0EUCNI0: FutureOption Night Notice HtsId("your HTS id") RealOnly {
        19 Example "2024" => index_future::NightNotice,
    }
    /// 일반채권 실시간체결가
    H0BJCNT0: Bond Krx Trade BondIsin("KR103502GA34") RealOnly {
        19 Example "2024-07-26" => bond::BondTrade,
    }
    /// 일반채권 실시간호가
    H0BJASP0: Bond Krx OrderBook BondIsin("KR103502GA34") RealOnly {
        34 Example "2024-07-26" => bond::BondBook,
    }
    /// 채권지수 실시간체결가
    H0BICNT0: Bond Krx IndexTrade BondIndex("KBPR01") RealOnly {
        20 Example "2024-07-26" => bond::BondIndexTrade,
    }
    /// 해외주식 실시간지연체결가
    HDFSCNT0: OverseasStock Overseas Trade OverseasStock("DNASAAPL") RealOnly {
        26 Recorded "2023-05-02" => overseas_stock::OverseasStockTrade,
    }
    /// 해외주식 실시간호가
    HDFSASP0: OverseasStock Overseas OrderBook OverseasStock("DNASAAPL") RealOnly {
        71 Recorded "2026-07-10" => overseas_stock::OverseasStockBook,
    }
    /// 해외주식 지연호가(아시아)
    HDFSASP1: OverseasStock Overseas OrderBook OverseasStock("DHKS00003") RealOnly {
        17 Documented "2025-07" => overseas_stock::OverseasStockBook17,
    }
    /// 해외주식 실시간체결통보
    H0GSCNI0: OverseasStock Overseas Notice HtsId("your HTS id") RealOnly {
        25 Documented "2025-07" => overseas_stock::OverseasStockNotice,
        24 Example "2024" => overseas_stock::OverseasStockNotice,
    }
    /// 해외주식 실시간체결통보 (모의투자)
    H0GSCNI9: OverseasStock Overseas Notice HtsId("your HTS id") PaperOnly {
        25 Documented "2025-07" => overseas_stock::OverseasStockNotice,
    }
    /// 해외선물옵션 실시간체결가
    HDFFF020: OverseasFuture Overseas Trade OverseasFuture("1OZQ25") RealOnly {
        25 Documented "2025-07" => overseas_future::OverseasFutureTrade,
    }
    /// 해외선물옵션 실시간호가
    HDFFF010: OverseasFuture Overseas OrderBook OverseasFuture("SPIU25") RealOnly {
        35 Documented "2025-07" => overseas_future::OverseasFutureBook,
    }
    /// 해외선물옵션 실시간주문내역통보
    HDFFF1C0: OverseasFuture Overseas Notice HtsId("your HTS id") RealOnly {
        33 Documented "2025-07" => overseas_future::OverseasFutureOrderNotice,
    }
    /// 해외선물옵션 실시간체결내역통보
    HDFFF2C0: OverseasFuture Overseas Notice HtsId("your HTS id") RealOnly {
        33 Documented "2025-07" => overseas_future::OverseasFutureFillNotice,
    }
}

/// A stream identifier this crate does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown tr_id {0:?}")]
pub struct UnknownTrId(pub Box<str>);

/// What is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Market {
    /// 국내주식
    Stock,
    /// 업종지수
    Index,
    /// ELW
    Elw,
    /// ETF, ETN
    Etf,
    /// 지수선물
    IndexFuture,
    /// 지수옵션
    IndexOption,
    /// 상품선물
    CommodityFuture,
    /// 주식선물
    StockFuture,
    /// 주식옵션
    StockOption,
    /// 선물옵션, where one stream serves them all.
    FutureOption,
    /// 장내채권
    Bond,
    /// 해외주식
    OverseasStock,
    /// 해외선물옵션
    OverseasFuture,
}

/// Where it is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Venue {
    /// 한국거래소, by day.
    Krx,
    /// 넥스트레이드.
    Nxt,
    /// KRX and NXT together (통합).
    Unified,
    /// 한국거래소, the night session of derivatives.
    Night,
    /// The foreign exchange that the key names.
    Overseas,
}

/// What a stream tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StreamKind {
    /// 체결: trades, or an index value.
    Trade,
    /// 호가: the order book.
    OrderBook,
    /// 예상체결: the expected trade of an auction.
    ExpectedTrade,
    /// 시간외 체결: trades of the former single-price session.
    OvertimeTrade,
    /// 시간외 호가: its order book.
    OvertimeOrderBook,
    /// 시간외 예상체결: its expected trades.
    OvertimeExpectedTrade,
    /// 회원사: the most active member firms.
    Members,
    /// 프로그램매매: program trading.
    ProgramTrade,
    /// 장운영정보: halts, interruptions, market phases.
    MarketStatus,
    /// NAV: the net asset value.
    Nav,
    /// 채권지수: a bond index.
    IndexTrade,
    /// 체결통보: what became of the account's orders.
    Notice,
}

/// What the `tr_key` of a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyKind {
    /// 종목코드, six characters.
    StockCode,
    /// 업종코드, four digits.
    IndexCode,
    /// ELW 단축코드, six characters.
    ElwCode,
    /// 선물·옵션 단축코드, such as `101W09`, `A01609` or `201W08427`.
    FutureOption,
    /// 채권 표준코드 (ISIN), twelve characters.
    BondIsin,
    /// 채권지수 id.
    BondIndex,
    /// `D` or `R`, the exchange in three letters, and the symbol: `DNASAAPL`.
    OverseasStock,
    /// 해외선물옵션 series, blanks included: `OESH23 C3900`.
    OverseasFuture,
    /// The HTS id of the account's owner.
    HtsId,
}

/// Which of KIS' environments serve a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Environments {
    /// 실전 and 모의.
    RealAndPaper,
    /// 실전 only.
    RealOnly,
    /// 모의 only.
    PaperOnly,
}

/// An identifier's eight characters as a number.
const fn number(text: &str) -> u64 {
    match text.as_bytes().first_chunk() {
        Some(bytes) if text.len() == 8 => u64::from_le_bytes(*bytes),
        _ => 0,
    }
}

struct Properties {
    text: &'static str,
    label: &'static str,
    market: Market,
    venue: Venue,
    kind: StreamKind,
    key_kind: KeyKind,
    example_key: &'static str,
    environments: Environments,
    widths: &'static [Width],
}

impl TrId {
    /// The identifier as it appears on the wire.
    pub fn as_str(self) -> &'static str {
        self.properties().text
    }

    /// KIS' Korean name of the stream.
    pub fn label(self) -> &'static str {
        self.properties().label
    }

    /// What is traded.
    pub fn market(self) -> Market {
        self.properties().market
    }

    /// Where it is traded.
    pub fn venue(self) -> Venue {
        self.properties().venue
    }

    /// What the stream tells.
    pub fn kind(self) -> StreamKind {
        self.properties().kind
    }

    /// What the stream's `tr_key` is.
    pub fn key_kind(self) -> KeyKind {
        self.properties().key_kind
    }

    /// A `tr_key` to try; futures and options expire, so it may be an old one.
    pub fn example_key(self) -> &'static str {
        self.properties().example_key
    }

    /// Which environments serve the stream.
    pub fn environments(self) -> Environments {
        self.properties().environments
    }

    /// Whether the records arrive encrypted: the order notices do.
    pub fn encrypted(self) -> bool {
        self.kind() == StreamKind::Notice
    }

    /// The widths that the stream's records have had; the last is the one to
    /// expect.
    pub fn widths(self) -> &'static [Width] {
        self.properties().widths
    }

    /// The columns to expect; [`layout_for`](Self::layout_for) a record at hand.
    pub fn layout(self) -> &'static Layout {
        let widths = self.widths();
        widths[widths.len() - 1].layout
    }

    /// The columns of a record of this width: the layout of that very width,
    /// else of the next smaller one, else the smallest.
    pub fn layout_for(self, columns: usize) -> &'static Layout {
        let mut widths = self.widths().iter();
        let Some(first) = widths.next() else { return self.layout() };
        let better = |best: &'static Width, it: &'static Width| match (best.columns, it.columns) {
            (best_fit, fit) if fit > columns && best_fit > columns => fit < best_fit,
            (best_fit, fit) => fit <= columns && (fit >= best_fit || best_fit > columns),
        };
        widths.fold(first, |best, it| if better(best, it) { it } else { best }).layout
    }

    /// The known width that `columns` is a multiple of, being none itself.
    pub(crate) fn multiple_of(self, columns: usize) -> Option<usize> {
        let widths = self.widths();
        if widths.iter().any(|it| it.columns == columns) {
            return None;
        }
        let multiple = |it: &&Width| columns > it.columns && columns.is_multiple_of(it.columns);
        widths.iter().find(multiple).map(|it| it.columns)
    }

    fn properties(self) -> &'static Properties {
        &Self::PROPERTIES[self as usize]
    }
}

impl Serialize for TrId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl std::fmt::Display for TrId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tr_id_reads_back() {
        assert_eq!(TrId::ALL.len(), 63);
        for &tr_id in TrId::ALL {
            assert_eq!(tr_id.as_str().parse(), Ok(tr_id));
            assert_eq!(format!("{tr_id:?}"), tr_id.as_str());
        }
        assert_eq!(TrId::ALL.iter().filter(|it| it.encrypted()).count(), 10);
    }

    #[test]
    fn widths_fit_their_layouts() {
        for tr_id in TrId::ALL {
            for width in tr_id.widths() {
                // At night the tail of this book is garbage of any width.
                let known = width.layout.columns.len();
                assert!(width.columns <= known || *tr_id == TrId::H0MFASP0, "{tr_id}");
                assert_eq!(tr_id.layout_for(width.columns), width.layout, "{tr_id}");
            }
        }
    }

    #[test]
    fn layouts_by_width() {
        let name = |tr_id: TrId, columns| tr_id.layout_for(columns).name;
        assert_eq!(name(TrId::H0STCNI0, 23), "StockNotice23");
        assert_eq!(name(TrId::H0STCNI0, 24), "StockNotice23");
        assert_eq!(name(TrId::H0STCNI0, 26), "StockNotice");
        assert_eq!(name(TrId::H0STCNI0, 30), "StockNotice");
        assert_eq!(name(TrId::H0STCNI0, 3), "StockNotice23");
        assert_eq!(name(TrId::H0NXASP0, 62), "NxtStockBook62");
        assert_eq!(name(TrId::H0NXASP0, 66), "NxtStockBook");
        assert_eq!(name(TrId::H0UPANC0, 15), "IndexExpectedTrade15");
        assert_eq!(name(TrId::H0UPANC0, 30), "IndexTrade");
    }

    #[test]
    fn multiples_of_known_widths() {
        assert_eq!(TrId::H0STCNT0.multiple_of(138), Some(46));
        assert_eq!(TrId::H0STCNT0.multiple_of(94), Some(47));
        assert_eq!(TrId::H0STCNT0.multiple_of(47), None);
        assert_eq!(TrId::H0UPANC0.multiple_of(30), None);
    }
}
