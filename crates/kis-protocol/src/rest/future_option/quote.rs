//! Prices, books, charts and boards of Korean futures and options.

use crate::{
    code::{BarSeconds, ChartPeriod, FutureOptionMarket, OptionClass},
    rest::macros::{answers, requests, rows},
    time::{Date, Time},
};

requests! {
    /// 선물옵션 시세: the price of a future or option, and of what it is on.
    FutureOptionPrice<'a>: "domestic-futureoption/inquire-price" -> FutureOptionPriceAnswer {
        /// Which market.
        market: FutureOptionMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
    }

    /// 선물옵션 시세호가: five levels of the order book.
    FutureOptionBook<'a>: "domestic-futureoption/inquire-asking-price" -> FutureOptionBookAnswer {
        /// Which market.
        market: FutureOptionMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
    }

    /// 선물옵션 분봉조회: up to 102 bars of half a minute or longer, the last one first.
    FutureOptionMinutes<'a>: "domestic-futureoption/inquire-time-fuopchartprice"
        -> FutureOptionMinutesAnswer {
        /// Which market.
        market: FutureOptionMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// How long a bar lasts.
        seconds: BarSeconds<'a> => "FID_HOUR_CLS_CODE",
        /// The day of the last bar.
        date: Date => "FID_INPUT_DATE_1",
        /// The time of the last bar.
        until: Time => "FID_INPUT_HOUR_1",
        /// Whether bars of earlier days may fill up the answer.
        past: bool => "FID_PW_DATA_INCU_YN",
        "FID_FAKE_TICK_INCU_YN": "N",
    }

    /// 선물옵션기간별시세: up to 100 bars of a day, week, month or year, the last one first.
    FutureOptionChart<'a>: "domestic-futureoption/inquire-daily-fuopchartprice"
        -> FutureOptionChartAnswer {
        /// Which market.
        market: FutureOptionMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The first day.
        from: Date => "FID_INPUT_DATE_1",
        /// The last day.
        to: Date => "FID_INPUT_DATE_2",
        /// How long a bar lasts.
        period: ChartPeriod => "FID_PERIOD_DIV_CODE",
    }

    /// 국내옵션전광판_옵션월물리스트: the months for which there are options.
    OptionMonths: "domestic-futureoption/display-board-option-list" -> OptionMonthsAnswer {}

    /// 국내옵션전광판_콜풋: all calls and puts of a month.
    OptionBoard<'a>: "domestic-futureoption/display-board-callput" -> OptionBoardAnswer {
        /// Which options.
        class: OptionClass<'a> => "FID_COND_MRKT_CLS_CODE",
        /// The month, as [`OptionMonths`] lists it: `202508`.
        month: &'a str => "FID_MTRT_CNT",
        "FID_COND_MRKT_DIV_CODE": "O",
        "FID_MRKT_CLS_CODE": "CO",
        "FID_MRKT_CLS_CODE1": "PO",
    }
}

answers! {
    /// What [`FutureOptionPrice`] is answered: the instrument, its market's index, and the
    /// index it is on.
    FutureOptionPriceAnswer {
        output1: FutureOptionPriceRow,
        output2: FutureOptionIndexRow,
        output3: FutureOptionIndexRow,
    }

    /// What [`FutureOptionBook`] is answered: the price and the book.
    FutureOptionBookAnswer { output1: FutureOptionBookPriceRow, output2: FutureOptionBookRow, }

    /// What [`FutureOptionMinutes`] is answered: the present, and bars.
    FutureOptionMinutesAnswer {
        output1 | "Output1": FutureOptionMinutesRow,
        output2 | "Output2": Vec<FutureOptionMinuteBar>,
    }

    /// What [`FutureOptionChart`] is answered: the present, and bars.
    FutureOptionChartAnswer { output1: FutureOptionChartRow, output2: Vec<FutureOptionBar>, }

    /// What [`OptionMonths`] is answered. KIS' sample calls it `output`.
    OptionMonthsAnswer { output1 | "output": Vec<OptionMonth>, }

    /// What [`OptionBoard`] is answered: calls, and puts.
    OptionBoardAnswer { output1: Vec<OptionBoardRow>, output2: Vec<OptionBoardRow>, }
}

rows! {
    /// A future or option and its price.
    FutureOptionPriceRow {
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 선물 전일 대비
        futs_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 종가
        futs_prdy_clpr: Decimal,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 미결제 약정 수량
        hts_otst_stpl_qty: Integer,
        /// 미결제 약정 수량 증감
        otst_stpl_qty_icdc: Integer,
        /// 선물 시가2
        futs_oprc: Decimal,
        /// 선물 최고가
        futs_hgpr: Decimal,
        /// 선물 최저가
        futs_lwpr: Decimal,
        /// 선물 상한가
        futs_mxpr: Decimal,
        /// 선물 하한가
        futs_llam: Decimal,
        /// 베이시스
        basis: Decimal,
        /// 선물 기준가
        futs_sdpr: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 서킷브레이커 적용 상한가
        crbr_aply_mxpr: Decimal,
        /// 서킷브레이커 적용 하한가
        crbr_aply_llam: Decimal,
        /// 선물 최종 거래 일자
        futs_last_tr_date: Date,
        /// HTS 잔존 일수
        hts_rmnn_dynu: Integer,
        /// 선물 상장 중 최고가
        futs_lstn_medm_hgpr: Decimal,
        /// 선물 상장 중 최저가
        futs_lstn_medm_lwpr: Decimal,
        /// 델타 값
        delta_val: Decimal,
        /// 감마
        gama: Decimal,
        /// 세타
        theta: Decimal,
        /// 베가
        vega: Decimal,
        /// 로우
        rho: Decimal,
        /// 역사적 변동성
        hist_vltl: Decimal,
        /// HTS 내재 변동성
        hts_ints_vltl: Decimal,
        /// 시장 베이시스
        mrkt_basis: Decimal,
        /// 행사가
        acpr: Decimal,
    }

    /// An index.
    FutureOptionIndexRow {
        /// 업종 구분 코드
        bstp_cls_code: Text,
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 업종 지수 현재가
        bstp_nmix_prpr: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 업종 지수 전일 대비
        bstp_nmix_prdy_vrss: Decimal,
        /// 업종 지수 전일 대비율
        bstp_nmix_prdy_ctrt: Decimal,
    }

    /// The price, beside an order book.
    FutureOptionBookPriceRow {
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 대비
        futs_prdy_vrss: Decimal,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 선물 전일 종가
        futs_prdy_clpr: Decimal,
        /// 선물 단축 종목코드
        futs_shrn_iscd: Text,
    }

    /// An order book.
    FutureOptionBookRow {
        /// 선물 매도호가1
        futs_askp1: Decimal,
        /// 선물 매도호가2
        futs_askp2: Decimal,
        /// 선물 매도호가3
        futs_askp3: Decimal,
        /// 선물 매도호가4
        futs_askp4: Decimal,
        /// 선물 매도호가5
        futs_askp5: Decimal,
        /// 선물 매수호가1
        futs_bidp1: Decimal,
        /// 선물 매수호가1
        futs_bidp2: Decimal,
        /// 선물 매수호가3
        futs_bidp3: Decimal,
        /// 선물 매수호가4
        futs_bidp4: Decimal,
        /// 선물 매수호가5
        futs_bidp5: Decimal,
        /// 매도호가 잔량1
        askp_rsqn1: Integer,
        /// 매도호가 잔량2
        askp_rsqn2: Integer,
        /// 매도호가 잔량3
        askp_rsqn3: Integer,
        /// 매도호가 잔량4
        askp_rsqn4: Integer,
        /// 매도호가 잔량5
        askp_rsqn5: Integer,
        /// 매수호가 잔량1
        bidp_rsqn1: Integer,
        /// 매수호가 잔량2
        bidp_rsqn2: Integer,
        /// 매수호가 잔량3
        bidp_rsqn3: Integer,
        /// 매수호가 잔량4
        bidp_rsqn4: Integer,
        /// 매수호가 잔량5
        bidp_rsqn5: Integer,
        /// 매도호가 건수1
        askp_csnu1: Integer,
        /// 매도호가 건수2
        askp_csnu2: Integer,
        /// 매도호가 건수3
        askp_csnu3: Integer,
        /// 매도호가 건수4
        askp_csnu4: Integer,
        /// 매도호가 건수5
        askp_csnu5: Integer,
        /// 매수호가 건수1
        bidp_csnu1: Integer,
        /// 매수호가 건수2
        bidp_csnu2: Integer,
        /// 매수호가 건수3
        bidp_csnu3: Integer,
        /// 매수호가 건수4
        bidp_csnu4: Integer,
        /// 매수호가 건수5
        bidp_csnu5: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 총 매도호가 건수
        total_askp_csnu: Integer,
        /// 총 매수호가 건수
        total_bidp_csnu: Integer,
        /// 호가 접수 시간
        aspr_acpt_hour: Time,
    }

    /// The present, beside a minute chart.
    FutureOptionMinutesRow {
        /// 선물 전일 대비
        futs_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 선물 전일 종가
        futs_prdy_clpr: Decimal,
        /// 전일 지수
        prdy_nmix: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 선물 단축 종목코드
        futs_shrn_iscd: Text,
        /// 전일 거래량
        prdy_vol: Integer,
        /// 선물 상한가
        futs_mxpr: Decimal,
        /// 선물 하한가
        futs_llam: Decimal,
        /// 선물 시가2
        futs_oprc: Decimal,
        /// 선물 최고가
        futs_hgpr: Decimal,
        /// 선물 최저가
        futs_lwpr: Decimal,
        /// 선물 전일 시가
        futs_prdy_oprc: Decimal,
        /// 선물 전일 최고가
        futs_prdy_hgpr: Decimal,
        /// 선물 전일 최저가
        futs_prdy_lwpr: Decimal,
        /// 선물 매도호가
        futs_askp: Decimal,
        /// 선물 매수호가
        futs_bidp: Decimal,
        /// 베이시스
        basis: Decimal,
        /// KOSPI200 지수
        kospi200_nmix: Decimal,
        /// KOSPI200 전일 대비
        kospi200_prdy_vrss: Decimal,
        /// KOSPI200 전일 대비율
        kospi200_prdy_ctrt: Decimal,
        /// KOSPI200 전일 대비 부호
        kospi200_prdy_vrss_sign: Sign,
        /// HTS 미결제 약정 수량
        hts_otst_stpl_qty: Integer,
        /// 미결제 약정 수량 증감
        otst_stpl_qty_icdc: Integer,
        /// 당일 체결강도
        tday_rltv: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 괴리율
        dprt: Decimal,
    }

    /// A bar of a minute chart.
    FutureOptionMinuteBar {
        /// 주식 영업 일자
        stck_bsop_date: Date,
        /// 주식 체결 시간
        stck_cntg_hour: Time,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 선물 시가2
        futs_oprc: Decimal,
        /// 선물 최고가
        futs_hgpr: Decimal,
        /// 선물 최저가
        futs_lwpr: Decimal,
        /// 체결 거래량
        cntg_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
    }

    /// The present, beside a chart.
    FutureOptionChartRow {
        /// 전일 대비
        futs_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 선물 전일 종가
        futs_prdy_clpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 현재가
        futs_prpr: Decimal,
        /// 단축 종목코드
        futs_shrn_iscd: Text,
        /// 전일 거래량
        prdy_vol: Integer,
        /// 상한가
        futs_mxpr: Decimal,
        /// 하한가
        futs_llam: Decimal,
        /// 시가
        futs_oprc: Decimal,
        /// 최고가
        futs_hgpr: Decimal,
        /// 최저가
        futs_lwpr: Decimal,
        /// 전일 시가
        futs_prdy_oprc: Decimal,
        /// 전일 최고가
        futs_prdy_hgpr: Decimal,
        /// 전일 최저가
        futs_prdy_lwpr: Decimal,
        /// 매도호가
        futs_askp: Decimal,
        /// 매수호가
        futs_bidp: Decimal,
        /// 베이시스
        basis: Decimal,
        /// KOSPI200 지수
        kospi200_nmix: Decimal,
        /// KOSPI200 전일 대비
        kospi200_prdy_vrss: Decimal,
        /// KOSPI200 전일 대비율
        kospi200_prdy_ctrt: Decimal,
        /// 전일 대비 부호
        kospi200_prdy_vrss_sign: Sign,
        /// HTS 미결제 약정 수량
        hts_otst_stpl_qty: Integer,
        /// 미결제 약정 수량 증감
        otst_stpl_qty_icdc: Integer,
        /// 당일 체결강도
        tday_rltv: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 괴리율
        dprt: Decimal,
    }

    /// A day, week, month or year.
    FutureOptionBar {
        /// 영업 일자
        stck_bsop_date: Date,
        /// 현재가
        futs_prpr: Decimal,
        /// 시가
        futs_oprc: Decimal,
        /// 최고가
        futs_hgpr: Decimal,
        /// 최저가
        futs_lwpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 변경 여부
        mod_yn: Flag,
    }

    /// A month for which there are options.
    OptionMonth {
        /// 만기 년월 코드
        mtrt_yymm_code: Text,
        /// 만기 년월
        mtrt_yymm: Text,
    }

    /// An option of a board.
    OptionBoardRow {
        /// 행사가
        acpr: Decimal,
        /// 환산 현재가
        unch_prpr: Decimal,
        /// 옵션 단축 종목코드
        optn_shrn_iscd: Text,
        /// 옵션 현재가
        optn_prpr: Decimal,
        /// 옵션 전일 대비
        optn_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 옵션 전일 대비율
        optn_prdy_ctrt: Decimal,
        /// 옵션 매수호가
        optn_bidp: Decimal,
        /// 옵션 매도호가
        optn_askp: Decimal,
        /// 시간가치 값
        tmvl_val: Decimal,
        /// 지수 기준가
        nmix_sdpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 매도 잔량
        seln_rsqn: Integer,
        /// 매수2 잔량
        shnu_rsqn: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 미결제 약정 수량
        hts_otst_stpl_qty: Integer,
        /// 미결제 약정 수량 증감
        otst_stpl_qty_icdc: Integer,
        /// 델타 값
        delta_val: Decimal,
        /// 감마
        gama: Decimal,
        /// 베가
        vega: Decimal,
        /// 세타
        theta: Decimal,
        /// 로우
        rho: Decimal,
        /// HTS 내재 변동성
        hts_ints_vltl: Decimal,
        /// 내재가치 값
        invl_val: Decimal,
        /// 괴리도
        esdg: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 역사적 변동성
        hist_vltl: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 옵션 시가2
        optn_oprc: Decimal,
        /// 옵션 최고가
        optn_hgpr: Decimal,
        /// 옵션 최저가
        optn_lwpr: Decimal,
        /// 옵션 상한가
        optn_mxpr: Decimal,
        /// 옵션 하한가
        optn_llam: Decimal,
        /// ATM 구분 명
        atm_cls_name: Text,
        /// 직전 대비 증감
        rgbf_vrss_icdc: Decimal,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 선물예상체결가
        futs_antc_cnpr: Decimal,
        /// 선물예상체결대비
        futs_antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
    }
}
