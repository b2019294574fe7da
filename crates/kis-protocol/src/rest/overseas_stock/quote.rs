//! Prices, books and charts of overseas stocks, and the days on which they trade.

use std::num::NonZeroU16;

use crate::{
    code::{
        ChartPeriod, OverseasChartPeriod, OverseasExchange, OverseasIndexMarket, OverseasPriceBasis,
    },
    rest::macros::{answers, requests, rows},
    time::{Date, Time},
};

requests! {
    /// 해외주식 현재체결가: the last price of a stock.
    OverseasPrice<'a>: "overseas-stock/price" -> OverseasPriceAnswer {
        /// The exchange.
        exchange: OverseasExchange<'a> => "EXCD",
        /// 종목코드, such as `AAPL`.
        symbol: &'a str => "SYMB",
    }

    /// 해외주식 현재가상세: the price of a stock, and what else there is to know about it.
    OverseasPriceDetail<'a>: "overseas-stock/price-detail" -> OverseasPriceDetailAnswer {
        /// The exchange.
        exchange: OverseasExchange<'a> => "EXCD",
        /// 종목코드
        symbol: &'a str => "SYMB",
    }

    /// 해외주식 현재가 1호가: the order book, ten levels in the United States and one
    /// elsewhere.
    OverseasBook<'a>: "overseas-stock/inquire-asking-price" -> OverseasBookAnswer {
        /// The exchange.
        exchange: OverseasExchange<'a> => "EXCD",
        /// 종목코드
        symbol: &'a str => "SYMB",
    }

    /// 해외주식 기간별시세: up to 100 bars of a day, week or month, the last one first.
    OverseasChart<'a>: "overseas-stock/dailyprice" -> OverseasChartAnswer {
        /// The exchange.
        exchange: OverseasExchange<'a> => "EXCD",
        /// 종목코드
        symbol: &'a str => "SYMB",
        /// How long a bar lasts.
        period: OverseasChartPeriod => "GUBN",
        /// The last day; `None` for today.
        to: Option<Date> => "BYMD",
        /// Whether prices before a split are adjusted.
        basis: OverseasPriceBasis => "MODP",
    }

    /// 해외주식 종목/지수/환율기간별시세: bars of an index, a rate, or a stock in one of the
    /// large American indices.
    OverseasIndexChart<'a>: "overseas-stock/inquire-daily-chartprice"
        -> OverseasIndexChartAnswer {
        /// What it is.
        market: OverseasIndexMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드, from KIS' file of overseas indices.
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The first day.
        from: Date => "FID_INPUT_DATE_1",
        /// The last day.
        to: Date => "FID_INPUT_DATE_2",
        /// How long a bar lasts.
        period: ChartPeriod => "FID_PERIOD_DIV_CODE",
    }

    /// 해외주식분봉조회: bars of some minutes, the last one first, over earlier days too.
    OverseasMinutes<'a>: "overseas-stock/inquire-time-itemchartprice" -> OverseasMinutesAnswer {
        /// The exchange.
        exchange: OverseasExchange<'a> => "EXCD",
        /// 종목코드
        symbol: &'a str => "SYMB",
        /// How many minutes a bar lasts.
        minutes: NonZeroU16 => "NMIN",
        /// How many bars, at most 120.
        count: NonZeroU16 => "NREC",
        /// For the page that follows: one bar before the last of this page, in local time.
        /// `None` for the first page.
        before: Option<(Date, Time)> => "NEXT" "KEYB",
        "PINC": "1",
    }

    /// 해외결제일자조회: in which markets trades of a day are settled, and when.
    OverseasHolidays: "overseas-stock/countries-holiday" -> OverseasHolidaysAnswer {
        /// The day.
        date: Date => "TRAD_DT",
    }
}

answers! {
    /// What [`OverseasPrice`] is answered.
    OverseasPriceAnswer { output: OverseasPriceRow, }

    /// What [`OverseasPriceDetail`] is answered.
    OverseasPriceDetailAnswer { output: OverseasPriceDetailRow, }

    /// What [`OverseasBook`] is answered: the price, the book, and the expected price.
    OverseasBookAnswer {
        output1: OverseasBookPriceRow,
        output2: OverseasBookRow,
        output3: OverseasExpectedRow,
    }

    /// What [`OverseasChart`] is answered.
    OverseasChartAnswer { output1: OverseasChartRow, output2: Vec<OverseasBar>, }

    /// What [`OverseasIndexChart`] is answered: the present, and bars.
    OverseasIndexChartAnswer {
        output1: OverseasIndexChartRow,
        output2: Vec<OverseasIndexBar>,
    }

    /// What [`OverseasMinutes`] is answered: the session, and bars.
    OverseasMinutesAnswer { output1: OverseasMinutesRow, output2: Vec<OverseasMinuteBar>, }

    /// What [`OverseasHolidays`] is answered.
    OverseasHolidaysAnswer { output: Vec<OverseasSettlement>, }
}

rows! {
    /// A stock's last price.
    OverseasPriceRow {
        /// 실시간조회종목코드
        rsym: Text,
        /// 소수점자리수
        zdiv: Integer,
        /// 전일종가
        base: Decimal,
        /// 전일거래량
        pvol: Decimal,
        /// 현재가
        last: Decimal,
        /// 대비기호
        sign: Sign,
        /// 대비
        diff: Decimal,
        /// 등락율
        rate: Decimal,
        /// 거래량
        tvol: Decimal,
        /// 거래대금
        tamt: Decimal,
        /// 매수가능여부
        ordy: Text,
    }

    /// A stock and its price.
    OverseasPriceDetailRow {
        /// 실시간조회종목코드
        rsym: Text,
        /// 전일거래량
        pvol: Decimal,
        /// 시가
        open: Decimal,
        /// 고가
        high: Decimal,
        /// 저가
        low: Decimal,
        /// 현재가
        last: Decimal,
        /// 전일종가
        base: Decimal,
        /// 시가총액
        tomv: Decimal,
        /// 전일거래대금
        pamt: Decimal,
        /// 상한가
        uplp: Decimal,
        /// 하한가
        dnlp: Decimal,
        /// 52주최고가
        h52p: Decimal,
        /// 52주최고일자
        h52d: Date,
        /// 52주최저가
        l52p: Decimal,
        /// 52주최저일자
        l52d: Date,
        /// PER
        perx: Decimal,
        /// PBR
        pbrx: Decimal,
        /// EPS
        epsx: Decimal,
        /// BPS
        bpsx: Decimal,
        /// 상장주수
        shar: Decimal,
        /// 자본금
        mcap: Decimal,
        /// 통화
        curr: Text,
        /// 소수점자리수
        zdiv: Integer,
        /// 매매단위
        vnit: Integer,
        /// 원환산당일가격
        t_xprc: Decimal,
        /// 원환산당일대비
        t_xdif: Decimal,
        /// 원환산당일등락
        t_xrat: Decimal,
        /// 원환산전일가격
        p_xprc: Decimal,
        /// 원환산전일대비
        p_xdif: Decimal,
        /// 원환산전일등락
        p_xrat: Decimal,
        /// 당일환율
        t_rate: Decimal,
        /// 전일환율
        p_rate: Decimal,
        /// 원환산당일기호
        t_xsgn: Sign,
        /// 원환산전일기호
        p_xsng: Sign,
        /// 거래가능여부
        e_ordyn: Text,
        /// 호가단위
        e_hogau: Decimal,
        /// 업종(섹터)
        e_icod: Text,
        /// 액면가
        e_parp: Decimal,
        /// 거래량
        tvol: Decimal,
        /// 거래대금
        tamt: Decimal,
        /// ETP 분류명
        etyp_nm: Text,
    }

    /// The price, beside an order book.
    OverseasBookPriceRow {
        /// 실시간조회종목코드
        rsym: Text,
        /// 소수점자리수
        zdiv: Integer,
        /// 통화
        curr: Text,
        /// 전일종가
        base: Decimal,
        /// 시가
        open: Decimal,
        /// 고가
        high: Decimal,
        /// 저가
        low: Decimal,
        /// 현재가
        last: Decimal,
        /// 호가일자
        dymd: Date,
        /// 호가시간
        dhms: Time,
        /// 매수호가총잔량
        bvol: Decimal,
        /// 매도호가총잔량
        avol: Decimal,
        /// 매수호가총잔량대비
        bdvl: Decimal,
        /// 매도호가총잔량대비
        advl: Decimal,
        /// 종목코드
        code: Text,
        /// 시가율
        ropen: Decimal,
        /// 고가율
        rhigh: Decimal,
        /// 저가율
        rlow: Decimal,
        /// 현재가율
        rclose: Decimal,
    }

    /// An order book.
    OverseasBookRow {
        /// 매수호가가격1
        pbid1: Decimal,
        /// 매도호가가격1
        pask1: Decimal,
        /// 매수호가잔량1
        vbid1: Decimal,
        /// 매도호가잔량1
        vask1: Decimal,
        /// 매수호가대비1
        dbid1: Decimal,
        /// 매도호가대비1
        dask1: Decimal,
        /// 매수호가가격2
        pbid2: Decimal,
        /// 매도호가가격2
        pask2: Decimal,
        /// 매수호가잔량2
        vbid2: Decimal,
        /// 매도호가잔량2
        vask2: Decimal,
        /// 매수호가대비2
        dbid2: Decimal,
        /// 매도호가대비2
        dask2: Decimal,
        /// 매수호가가격3
        pbid3: Decimal,
        /// 매도호가가격3
        pask3: Decimal,
        /// 매수호가잔량3
        vbid3: Decimal,
        /// 매도호가잔량3
        vask3: Decimal,
        /// 매수호가대비3
        dbid3: Decimal,
        /// 매도호가대비3
        dask3: Decimal,
        /// 매수호가가격4
        pbid4: Decimal,
        /// 매도호가가격4
        pask4: Decimal,
        /// 매수호가잔량4
        vbid4: Decimal,
        /// 매도호가잔량4
        vask4: Decimal,
        /// 매수호가대비4
        dbid4: Decimal,
        /// 매도호가대비4
        dask4: Decimal,
        /// 매수호가가격5
        pbid5: Decimal,
        /// 매도호가가격5
        pask5: Decimal,
        /// 매수호가잔량5
        vbid5: Decimal,
        /// 매도호가잔량5
        vask5: Decimal,
        /// 매수호가대비5
        dbid5: Decimal,
        /// 매도호가대비5
        dask5: Decimal,
        /// 매수호가가격6
        pbid6: Decimal,
        /// 매도호가가격6
        pask6: Decimal,
        /// 매수호가잔량6
        vbid6: Decimal,
        /// 매도호가잔량6
        vask6: Decimal,
        /// 매수호가대비6
        dbid6: Decimal,
        /// 매도호가대비6
        dask6: Decimal,
        /// 매수호가가격7
        pbid7: Decimal,
        /// 매도호가가격7
        pask7: Decimal,
        /// 매수호가잔량7
        vbid7: Decimal,
        /// 매도호가잔량7
        vask7: Decimal,
        /// 매수호가대비7
        dbid7: Decimal,
        /// 매도호가대비7
        dask7: Decimal,
        /// 매수호가가격8
        pbid8: Decimal,
        /// 매도호가가격8
        pask8: Decimal,
        /// 매수호가잔량8
        vbid8: Decimal,
        /// 매도호가잔량8
        vask8: Decimal,
        /// 매수호가대비8
        dbid8: Decimal,
        /// 매도호가대비8
        dask8: Decimal,
        /// 매수호가가격9
        pbid9: Decimal,
        /// 매도호가가격9
        pask9: Decimal,
        /// 매수호가잔량9
        vbid9: Decimal,
        /// 매도호가잔량9
        vask9: Decimal,
        /// 매수호가대비9
        dbid9: Decimal,
        /// 매도호가대비9
        dask9: Decimal,
        /// 매수호가가격10
        pbid10: Decimal,
        /// 매도호가가격10
        pask10: Decimal,
        /// 매수호가잔량10
        vbid10: Decimal,
        /// 매도호가잔량10
        vask10: Decimal,
        /// 매수호가대비10
        dbid10: Decimal,
        /// 매도호가대비10
        dask10: Decimal,
    }

    /// The price and volume that an auction would have now.
    OverseasExpectedRow {
        /// VCMStart시간
        vstm: Time,
        /// VCMEnd시간
        vetm: Time,
        /// CAS/VCM기준가
        csbp: Decimal,
        /// CAS/VCMHighprice
        cshi: Decimal,
        /// CAS/VCMLowprice
        cslo: Decimal,
        /// IEP
        iep: Decimal,
        /// IEV
        iev: Integer,
    }

    /// What a chart is of.
    OverseasChartRow {
        /// 실시간조회종목코드
        rsym: Text,
        /// 소수점자리수
        zdiv: Integer,
        /// 전일종가
        nrec: Integer,
    }

    /// A day, week or month.
    OverseasBar {
        /// 일자(YYYYMMDD)
        xymd: Date,
        /// 종가
        clos: Decimal,
        /// 대비기호
        sign: Sign,
        /// 대비
        diff: Decimal,
        /// 등락율
        rate: Decimal,
        /// 시가
        open: Decimal,
        /// 고가
        high: Decimal,
        /// 저가
        low: Decimal,
        /// 거래량
        tvol: Decimal,
        /// 거래대금
        tamt: Decimal,
        /// 매수호가
        pbid: Decimal,
        /// 매수호가잔량
        vbid: Decimal,
        /// 매도호가
        pask: Decimal,
        /// 매도호가잔량
        vask: Decimal,
    }

    /// The present, beside a chart.
    OverseasIndexChartRow {
        /// 전일 대비
        ovrs_nmix_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 전일 종가
        ovrs_nmix_prdy_clpr: Decimal,
        /// 누적 거래량
        acml_vol: Decimal,
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 현재가
        ovrs_nmix_prpr: Decimal,
        /// 단축 종목코드
        stck_shrn_iscd: Text,
        /// 전일 거래량
        prdy_vol: Decimal,
        /// 시가
        ovrs_prod_oprc: Decimal,
        /// 최고가
        ovrs_prod_hgpr: Decimal,
        /// 최저가
        ovrs_prod_lwpr: Decimal,
    }

    /// A day, week, month or year.
    OverseasIndexBar {
        /// 영업 일자
        stck_bsop_date: Date,
        /// 현재가
        ovrs_nmix_prpr: Decimal,
        /// 시가
        ovrs_nmix_oprc: Decimal,
        /// 최고가
        ovrs_nmix_hgpr: Decimal,
        /// 최저가
        ovrs_nmix_lwpr: Decimal,
        /// 누적 거래량
        acml_vol: Decimal,
        /// 변경 여부
        mod_yn: Flag,
    }

    /// The session, beside a minute chart.
    OverseasMinutesRow {
        /// 실시간종목코드
        rsym: Text,
        /// 소수점자리수
        zdiv: Integer,
        /// 장시작현지시간
        stim: Time,
        /// 장종료현지시간
        etim: Time,
        /// 장시작한국시간
        sktm: Time,
        /// 장종료한국시간
        ektm: Time,
        /// 다음가능여부
        next: Text,
        /// 추가데이타여부
        more: Text,
        /// 레코드갯수
        nrec: Integer,
    }

    /// A bar of a minute chart.
    OverseasMinuteBar {
        /// 현지영업일자
        tymd: Date,
        /// 현지기준일자
        xymd: Date,
        /// 현지기준시간
        xhms: Time,
        /// 한국기준일자
        kymd: Date,
        /// 한국기준시간
        khms: Time,
        /// 시가
        open: Decimal,
        /// 고가
        high: Decimal,
        /// 저가
        low: Decimal,
        /// 종가
        last: Decimal,
        /// 체결량
        evol: Decimal,
        /// 체결대금
        eamt: Decimal,
    }

    /// A market, and when it settles the trades of the day.
    OverseasSettlement {
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 거래국가코드
        tr_natn_cd: Text,
        /// 거래국가명
        tr_natn_name: Text,
        /// 국가영문약어코드
        natn_eng_abrv_cd: Text,
        /// 거래시장코드
        tr_mket_cd: Text,
        /// 거래시장명
        tr_mket_name: Text,
        /// 현지결제일자
        acpl_sttl_dt: Date,
        /// 국내결제일자
        dmst_sttl_dt: Date,
    }
}
