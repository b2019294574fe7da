//! Codes of quotes and markets.

use std::fmt;

use super::{Meanings, open_codes};
use crate::FromField;

open_codes! {
    /// 전일 대비 부호: the direction of a change.
    Sign {
        /// 상한
        "1" => UpperLimit,
        /// 상승
        "2" => Rise,
        /// 보합
        "3" => Unchanged,
        /// 하한
        "4" => LowerLimit,
        /// 하락
        "5" => Fall,
    }

    /// 체결구분: which side took the other's price.
    TradeSide {
        /// 매수(+)
        "1" => Buy,
        /// 장전
        "3" => PreOpen,
        /// 매도(-)
        "5" => Sell,
    }

    /// 체결구분 of overseas futures: which side took the other's price.
    QuoteSide {
        /// 매수체결
        "2" => Buy,
        /// 매도체결
        "5" => Sell,
    }

    /// 거래정지 여부: whether trading in the instrument is halted.
    Halt {
        /// 정지
        "Y" => Halted,
        /// 정상거래
        "N" => Trading,
    }

    /// 시간 구분 코드: what a price or book is of. `0` is documented for every
    /// stream; the letters are those of the portal's page for H0STASP0, and
    /// `A` and `B` have been recorded.
    HourClass {
        /// 장중
        "0" => Regular,
        /// 장후예상
        "A" => ExpectedClose,
        /// 장전예상
        "B" => ExpectedOpen,
        /// 9시 이후의 예상가, VI 발동
        "C" => Interruption,
        /// 시간외 단일가 예상
        "D" => ExpectedOvertime,
    }

    /// 장구분 코드 (MARKET_CLS_CODE, since 2026-09-14).
    MarketClass {
        /// 장전
        "1" => PreMarket,
        /// 정규장
        "2" => Regular,
        /// 장후
        "3" => AfterMarket,
        /// 장마감
        "5" => Closed,
    }

    /// 임의종료구분코드: an auction whose end is set at random.
    AuctionEnd {
        /// 시초동시 임의종료 지정
        "1" => OpeningSet,
        /// 시초동시 임의종료 해제
        "2" => OpeningReleased,
        /// 마감동시 임의종료 지정
        "3" => ClosingSet,
        /// 마감동시 임의종료 해제
        "4" => ClosingReleased,
        /// 시간외단일가임의종료 지정
        "5" => OvertimeSet,
        /// 시간외단일가임의종료 해제
        "6" => OvertimeReleased,
    }

    /// 장운영구분코드: what the market has just done.
    MarketOperation {
        /// 장전 동시호가 개시
        "110" => OpeningAuctionStart,
        /// 장개시
        "112" => Open,
        /// 장후 동시호가 개시
        "121" => ClosingAuctionStart,
        /// 장마감
        "129" => Close,
        /// 장개시전시간외개시
        "130" => PreMarketStart,
        /// 장개시전시간외종료
        "139" => PreMarketEnd,
        /// 시간외 종가 매매 개시
        "140" => AfterMarketStart,
        /// 장종료후시간외 체결지시
        "146" => AfterMarketMatch,
        /// 시간외 종가 매매 종료
        "149" => AfterMarketEnd,
        /// 시간외 단일가 매매 개시
        "150" => OvertimeStart,
        /// 시간외단일가 체결지시
        "156" => OvertimeMatch,
        /// 시간외 단일가 매매 종료
        "159" => OvertimeEnd,
        /// 시장임시정지
        "164" => MarketHalt,
        /// 서킷브레이크 발동
        "174" => CircuitBreakerTriggered,
        /// 서킷브레이크 해제
        "175" => CircuitBreakerReleased,
        /// 서킷브레이크 장중동시마감
        "182" => CircuitBreakerAuctionEnd,
        /// 서킷브레이크 개시
        "184" => CircuitBreakerStart,
        /// 서킷브레이크 해제
        "185" => CircuitBreakerEnd,
        /// 사이드카 매도발동
        "387" => SidecarSell,
        /// 사이드카 매도발동해제
        "388" => SidecarSellReleased,
        /// 사이드카 매수발동
        "397" => SidecarBuy,
        /// 사이드카 매수발동해제
        "398" => SidecarBuyReleased,
        /// 장개시 10초전
        "F01" => OpenIn10Seconds,
        /// 장개시 1분전
        "F06" => OpenIn1Minute,
        /// 장개시 5분전
        "F07" => OpenIn5Minutes,
        /// 장개시 10분전
        "F08" => OpenIn10Minutes,
        /// 장개시 3분전
        "F09" => OpenIn3Minutes,
        /// 장마감 10초전
        "F11" => CloseIn10Seconds,
        /// 장마감 1분전
        "F16" => CloseIn1Minute,
        /// 장마감 5분전
        "F17" => CloseIn5Minutes,
        /// 장마감 3분전
        "F18" => CloseIn3Minutes,
        /// 장개시 10초전
        "P01" => POpenIn10Seconds,
        /// 장개시 1분전
        "P06" => POpenIn1Minute,
        /// 장개시 5분전
        "P07" => POpenIn5Minutes,
        /// 장개시 10분전
        "P08" => POpenIn10Minutes,
        /// 장개시 30분전
        "P09" => POpenIn30Minutes,
        /// 장마감 10초전
        "P11" => PCloseIn10Seconds,
        /// 장마감 1분전
        "P16" => PCloseIn1Minute,
        /// 장마감 5분전
        "P17" => PCloseIn5Minutes,
        /// 장마감 3분전
        "P18" => PCloseIn3Minutes,
    }

    /// 예상장운영구분코드: where the market is with expected prices.
    ExpectedOperation {
        /// 장전예상종료
        "112" => OpeningEnd,
        /// 장후예상시작
        "121" => ClosingStart,
        /// 장후예상종료
        "129" => ClosingEnd,
        /// 장전예상시작
        "311" => OpeningStart,
    }

    /// 동시호가배분처리구분코드: the sharing out of orders at a price limit.
    Allocation {
        /// 배분개시 매수상한
        "11" => StartBuyUpper,
        /// 배분개시 매수하한
        "12" => StartBuyLower,
        /// 배분개시 매도상한
        "13" => StartSellUpper,
        /// 배분개시 매도하한
        "14" => StartSellLower,
        /// 배분해제 매수상한
        "21" => EndBuyUpper,
        /// 배분해제 매수하한
        "22" => EndBuyLower,
        /// 배분해제 매도상한
        "23" => EndSellUpper,
        /// 배분해제 매도하한
        "24" => EndSellLower,
    }

    /// 종목상태구분코드: what to know about the instrument.
    IssueStatus {
        /// 관리종목
        "51" => Administrative,
        /// 투자위험
        "52" => InvestmentRisk,
        /// 투자경고
        "53" => InvestmentWarning,
        /// 투자주의
        "54" => InvestmentCaution,
        /// 당사 신용가능
        "55" => CreditAllowed,
        /// 당사 증거금률 100
        "57" => FullMargin,
        /// 거래정지
        "58" => Halted,
        /// 단기과열
        "59" => Overheated,
        /// 그 외
        "00" => Ordinary,
    }

    /// VI적용구분코드: whether a volatility interruption is on.
    ViState {
        /// 적용
        "Y" => On,
        /// 미적용
        "N" => Off,
    }

    /// 예상체결 거래소 구분 코드: whose expected price it is.
    ExpectedExchange {
        /// KRX
        "1" => Krx,
        /// NXT
        "2" => Nxt,
    }

    /// 시장구분 of overseas stocks.
    OverseasSession {
        /// 장중
        "1" => Regular,
        /// 장전
        "2" => PreMarket,
        /// 장후
        "3" => AfterMarket,
    }

    /// The session in 신 장운영 구분 코드, its first character.
    PhaseSession {
        /// 장개시전
        "1" => PreOpen,
        /// 장중
        "2" => Regular,
        /// 장종료후
        "3" => AfterClose,
        /// 시간외단일가
        "4" => Overtime,
        /// 일반Buy-in
        "7" => BuyIn,
        /// 당일Buy-in
        "8" => SameDayBuyIn,
    }

    /// The way of trading in 신 장운영 구분 코드, its second character.
    PhaseMethod {
        /// 보통
        "0" => Ordinary,
        /// 종가
        "1" => Closing,
        /// 대량
        "2" => Block,
        /// 바스켓
        "3" => Basket,
        /// 정리매매
        "7" => Liquidation,
        /// Buy-in
        "8" => BuyIn,
    }

    /// The exchange in the key of an overseas stock.
    OverseasExchange {
        /// 미국 뉴욕
        "NYS" => NewYork,
        /// 미국 나스닥
        "NAS" => Nasdaq,
        /// 미국 아멕스
        "AMS" => Amex,
        /// 미국 뉴욕 (주간거래)
        "BAY" => NewYorkDay,
        /// 미국 나스닥 (주간거래)
        "BAQ" => NasdaqDay,
        /// 미국 아멕스 (주간거래)
        "BAA" => AmexDay,
        /// 일본 도쿄
        "TSE" => Tokyo,
        /// 홍콩
        "HKS" => HongKong,
        /// 중국 상해
        "SHS" => Shanghai,
        /// 중국 심천
        "SZS" => Shenzhen,
        /// 베트남 호치민
        "HSX" => HoChiMinh,
        /// 베트남 하노이
        "HNX" => Hanoi,
    }

    /// The feed in the key of an overseas stock.
    Feed {
        /// 무료: real-time for the United States, delayed elsewhere
        "D" => Free,
        /// 미국 주간거래, or a paid real-time feed
        "R" => RealTime,
    }
}

impl OverseasExchange<'_> {
    /// The currency in which the exchange quotes its main board, as ISO 4217;
    /// the B shares of Shanghai and Shenzhen are quoted in another.
    pub fn currency(self) -> Option<&'static str> {
        match self {
            Self::NewYork | Self::Nasdaq | Self::Amex => Some("USD"),
            Self::NewYorkDay | Self::NasdaqDay | Self::AmexDay => Some("USD"),
            Self::Tokyo => Some("JPY"),
            Self::HongKong => Some("HKD"),
            Self::Shanghai | Self::Shenzhen => Some("CNY"),
            Self::HoChiMinh | Self::Hanoi => Some("VND"),
            Self::Other(_) => None,
        }
    }
}

/// 신 장운영 구분 코드: two characters, each with its own table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Phase<'a> {
    /// The session.
    pub session: PhaseSession<'a>,
    /// The way of trading.
    pub method: PhaseMethod<'a>,
}

impl Phase<'_> {
    /// None, for the code has two tables: those of [`PhaseSession`] and
    /// [`PhaseMethod`].
    pub const MEANINGS: Meanings = &[];
}

impl<'a> FromField<'a> for Phase<'a> {
    const NAME: &'static str = "code of two characters";

    fn from_field(text: &'a str) -> Option<Self> {
        let (session, method) = text.split_at(text.chars().next()?.len_utf8());
        Some(Self {
            session: PhaseSession::from_field(session)?,
            method: PhaseMethod::from_field(method)?,
        })
    }
}

/// 실시간종목코드: the key of an overseas stock taken apart, `DNASAAPL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OverseasKey<'a> {
    /// The feed: the first letter.
    pub feed: Feed<'a>,
    /// The exchange: the next three.
    pub exchange: OverseasExchange<'a>,
    /// The symbol on that exchange.
    pub symbol: &'a str,
}

impl OverseasKey<'_> {
    /// None; its parts have tables.
    pub const MEANINGS: Meanings = &[];
}

/// As KIS wants it in a `tr_key`.
impl fmt::Display for OverseasKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.feed.as_str(), self.exchange.as_str(), self.symbol)
    }
}

impl<'a> FromField<'a> for OverseasKey<'a> {
    const NAME: &'static str = "key such as DNASAAPL";

    fn from_field(text: &'a str) -> Option<Self> {
        let (feed, rest) = text.split_at_checked(1)?;
        let (exchange, symbol) = rest.split_at_checked(3)?;
        Some(Self {
            feed: Feed::from_field(feed)?,
            exchange: OverseasExchange::from_field(exchange)?,
            symbol,
        })
    }
}
