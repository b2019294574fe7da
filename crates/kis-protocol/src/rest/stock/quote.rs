//! Prices, books, charts and flows of Korean stocks, and the days on which they trade.

use crate::{
    code::{ChartPeriod, PriceBasis, StockMarket},
    rest::macros::{answers, requests, rows},
    time::{Date, Time},
};

requests! {
    /// 주식현재가 시세: the price of a stock, and what else there is to know about it.
    StockPrice<'a>: "domestic-stock/inquire-price" -> StockPriceAnswer {
        /// Where the price comes from.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드; that of an ETN begins with Q.
        symbol: &'a str => "FID_INPUT_ISCD",
    }

    /// 주식현재가 호가/예상체결: ten levels of the order book, and the expected price.
    StockBook<'a>: "domestic-stock/inquire-asking-price-exp-ccn" -> StockBookAnswer {
        /// Whose book.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
    }

    /// 주식당일분봉조회: up to 30 bars of a minute of today, the last one first.
    StockMinutes<'a>: "domestic-stock/inquire-time-itemchartprice" -> StockMinutesAnswer {
        /// Whose trades.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The minute of the last bar.
        until: Time => "FID_INPUT_HOUR_1",
        /// Whether bars of earlier days may fill up the answer.
        past: bool => "FID_PW_DATA_INCU_YN",
    }

    /// 주식일별분봉조회: up to 120 bars of a minute of a day, the last one first.
    StockMinutesOfDay<'a>: "domestic-stock/inquire-time-dailychartprice" -> StockMinutesAnswer {
        /// Whose trades.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The day.
        date: Date => "FID_INPUT_DATE_1",
        /// The minute of the last bar.
        until: Time => "FID_INPUT_HOUR_1",
        /// Whether bars of earlier days may fill up the answer.
        past: bool => "FID_PW_DATA_INCU_YN",
    }

    /// 국내주식기간별시세: up to 100 bars of a day, week, month or year, the last one first.
    StockChart<'a>: "domestic-stock/inquire-daily-itemchartprice" -> StockChartAnswer {
        /// Whose trades.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The first day.
        from: Date => "FID_INPUT_DATE_1",
        /// The last day.
        to: Date => "FID_INPUT_DATE_2",
        /// How long a bar lasts.
        period: ChartPeriod => "FID_PERIOD_DIV_CODE",
        /// Whether prices before a split are adjusted.
        basis: PriceBasis => "FID_ORG_ADJ_PRC",
    }

    /// 주식현재가 투자자: what persons, foreigners and institutions traded, 30 days. Today's
    /// numbers come after the close.
    StockInvestors<'a>: "domestic-stock/inquire-investor" -> StockInvestorsAnswer {
        /// Where they traded.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
    }

    /// 종목별 투자자매매동향(일별): what each kind of investor traded, day by day until a day.
    StockInvestorDays<'a>: "domestic-stock/investor-trade-by-stock-daily"
        -> StockInvestorDaysAnswer {
        /// Where they traded.
        market: StockMarket<'a> => "FID_COND_MRKT_DIV_CODE",
        /// 종목코드
        symbol: &'a str => "FID_INPUT_ISCD",
        /// The last day.
        to: Date => "FID_INPUT_DATE_1",
    }

    /// 국내휴장일조회: which days are trading days, from a day on. KIS asks for one call a
    /// day at most.
    StockHolidays: "domestic-stock/chk-holiday" -> StockHolidaysAnswer {
        /// The first day.
        from: Date => "BASS_DT",
    }
}

answers! {
    /// What [`StockPrice`] is answered.
    StockPriceAnswer { output: StockPriceRow, }

    /// What [`StockBook`] is answered: the book and the expected price.
    StockBookAnswer { output1: StockBookRow, output2: StockExpectedRow, }

    /// What [`StockMinutes`] and [`StockMinutesOfDay`] are answered: the present, and bars.
    StockMinutesAnswer { output1: StockMinutesRow, output2: Vec<StockMinuteBar>, }

    /// What [`StockChart`] is answered: the present, and bars.
    StockChartAnswer { output1: StockChartRow, output2: Vec<StockBar>, }

    /// What [`StockInvestors`] is answered.
    StockInvestorsAnswer { output: Vec<StockInvestorsRow>, }

    /// What [`StockInvestorDays`] is answered: the present, and days.
    StockInvestorDaysAnswer { output1: StockInvestorDaysRow, output2: Vec<StockInvestorDay>, }

    /// What [`StockHolidays`] is answered.
    StockHolidaysAnswer { output: Vec<StockHoliday>, }
}

rows! {
    /// A stock and its price.
    StockPriceRow {
        /// 종목 상태 구분 코드
        iscd_stat_cls_code: Text,
        /// 증거금 비율
        marg_rate: Decimal,
        /// 대표 시장 한글 명
        rprs_mrkt_kor_name: Text,
        /// 신 고가 저가 구분 코드
        new_hgpr_lwpr_cls_code: Text,
        /// 업종 한글 종목명
        bstp_kor_isnm: Text,
        /// 임시 정지 여부
        temp_stop_yn: Flag,
        /// 시가 범위 연장 여부
        oprc_rang_cont_yn: Flag,
        /// 종가 범위 연장 여부
        clpr_rang_cont_yn: Flag,
        /// 신용 가능 여부
        crdt_able_yn: Flag,
        /// 보증금 비율 구분 코드
        grmn_rate_cls_code: Text,
        /// ELW 발행 여부
        elw_pblc_yn: Flag,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 전일 대비 거래량 비율
        prdy_vrss_vol_rate: Decimal,
        /// 주식 시가2
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 주식 상한가
        stck_mxpr: Decimal,
        /// 주식 하한가
        stck_llam: Decimal,
        /// 주식 기준가
        stck_sdpr: Decimal,
        /// 가중 평균 주식 가격
        wghn_avrg_stck_prc: Decimal,
        /// HTS 외국인 소진율
        hts_frgn_ehrt: Decimal,
        /// 외국인 순매수 수량
        frgn_ntby_qty: Integer,
        /// 프로그램매매 순매수 수량
        pgtr_ntby_qty: Integer,
        /// 피벗 2차 디저항 가격
        pvt_scnd_dmrs_prc: Decimal,
        /// 피벗 1차 디저항 가격
        pvt_frst_dmrs_prc: Decimal,
        /// 피벗 포인트 값
        pvt_pont_val: Decimal,
        /// 피벗 1차 디지지 가격
        pvt_frst_dmsp_prc: Decimal,
        /// 피벗 2차 디지지 가격
        pvt_scnd_dmsp_prc: Decimal,
        /// 디저항 값
        dmrs_val: Decimal,
        /// 디지지 값
        dmsp_val: Decimal,
        /// 자본금
        cpfn: Decimal,
        /// 제한 폭 가격
        rstc_wdth_prc: Decimal,
        /// 주식 액면가
        stck_fcam: Decimal,
        /// 주식 대용가
        stck_sspr: Decimal,
        /// 호가단위
        aspr_unit: Decimal,
        /// HTS 매매 수량 단위 값
        hts_deal_qty_unit_val: Integer,
        /// 상장 주수
        lstn_stcn: Integer,
        /// HTS 시가총액
        hts_avls: Decimal,
        /// PER
        per: Decimal,
        /// PBR
        pbr: Decimal,
        /// 결산 월
        stac_month: Text,
        /// 거래량 회전율
        vol_tnrt: Decimal,
        /// EPS
        eps: Decimal,
        /// BPS
        bps: Decimal,
        /// 250일 최고가
        d250_hgpr: Decimal,
        /// 250일 최고가 일자
        d250_hgpr_date: Date,
        /// 250일 최고가 대비 현재가 비율
        d250_hgpr_vrss_prpr_rate: Decimal,
        /// 250일 최저가
        d250_lwpr: Decimal,
        /// 250일 최저가 일자
        d250_lwpr_date: Date,
        /// 250일 최저가 대비 현재가 비율
        d250_lwpr_vrss_prpr_rate: Decimal,
        /// 주식 연중 최고가
        stck_dryy_hgpr: Decimal,
        /// 연중 최고가 대비 현재가 비율
        dryy_hgpr_vrss_prpr_rate: Decimal,
        /// 연중 최고가 일자
        dryy_hgpr_date: Date,
        /// 주식 연중 최저가
        stck_dryy_lwpr: Decimal,
        /// 연중 최저가 대비 현재가 비율
        dryy_lwpr_vrss_prpr_rate: Decimal,
        /// 연중 최저가 일자
        dryy_lwpr_date: Date,
        /// 52주일 최고가
        w52_hgpr: Decimal,
        /// 52주일 최고가 대비 현재가 대비
        w52_hgpr_vrss_prpr_ctrt: Decimal,
        /// 52주일 최고가 일자
        w52_hgpr_date: Date,
        /// 52주일 최저가
        w52_lwpr: Decimal,
        /// 52주일 최저가 대비 현재가 대비
        w52_lwpr_vrss_prpr_ctrt: Decimal,
        /// 52주일 최저가 일자
        w52_lwpr_date: Date,
        /// 전체 융자 잔고 비율
        whol_loan_rmnd_rate: Decimal,
        /// 공매도가능여부
        ssts_yn: Flag,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Text,
        /// 액면가 통화명
        fcam_cnnm: Text,
        /// 자본금 통화명
        cpfn_cnnm: Text,
        /// 접근도
        apprch_rate: Decimal,
        /// 외국인 보유 수량
        frgn_hldn_qty: Integer,
        /// VI적용구분코드
        vi_cls_code: Text,
        /// 시간외단일가VI적용구분코드
        ovtm_vi_cls_code: Text,
        /// 최종 공매도 체결 수량
        last_ssts_cntg_qty: Integer,
        /// 투자유의여부
        invt_caful_yn: Flag,
        /// 시장경고코드
        mrkt_warn_cls_code: Text,
        /// 단기과열여부
        short_over_yn: Flag,
        /// 정리매매여부
        sltr_yn: Flag,
        /// 관리종목여부
        mang_issu_cls_code: Text,
    }

    /// An order book.
    StockBookRow {
        /// 호가 접수 시간
        aspr_acpt_hour: Time,
        /// 매도호가1
        askp1: Decimal,
        /// 매도호가2
        askp2: Decimal,
        /// 매도호가3
        askp3: Decimal,
        /// 매도호가4
        askp4: Decimal,
        /// 매도호가5
        askp5: Decimal,
        /// 매도호가6
        askp6: Decimal,
        /// 매도호가7
        askp7: Decimal,
        /// 매도호가8
        askp8: Decimal,
        /// 매도호가9
        askp9: Decimal,
        /// 매도호가10
        askp10: Decimal,
        /// 매수호가1
        bidp1: Decimal,
        /// 매수호가2
        bidp2: Decimal,
        /// 매수호가3
        bidp3: Decimal,
        /// 매수호가4
        bidp4: Decimal,
        /// 매수호가5
        bidp5: Decimal,
        /// 매수호가6
        bidp6: Decimal,
        /// 매수호가7
        bidp7: Decimal,
        /// 매수호가8
        bidp8: Decimal,
        /// 매수호가9
        bidp9: Decimal,
        /// 매수호가10
        bidp10: Decimal,
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
        /// 매도호가 잔량6
        askp_rsqn6: Integer,
        /// 매도호가 잔량7
        askp_rsqn7: Integer,
        /// 매도호가 잔량8
        askp_rsqn8: Integer,
        /// 매도호가 잔량9
        askp_rsqn9: Integer,
        /// 매도호가 잔량10
        askp_rsqn10: Integer,
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
        /// 매수호가 잔량6
        bidp_rsqn6: Integer,
        /// 매수호가 잔량7
        bidp_rsqn7: Integer,
        /// 매수호가 잔량8
        bidp_rsqn8: Integer,
        /// 매수호가 잔량9
        bidp_rsqn9: Integer,
        /// 매수호가 잔량10
        bidp_rsqn10: Integer,
        /// 매도호가 잔량 증감1
        askp_rsqn_icdc1: Integer,
        /// 매도호가 잔량 증감2
        askp_rsqn_icdc2: Integer,
        /// 매도호가 잔량 증감3
        askp_rsqn_icdc3: Integer,
        /// 매도호가 잔량 증감4
        askp_rsqn_icdc4: Integer,
        /// 매도호가 잔량 증감5
        askp_rsqn_icdc5: Integer,
        /// 매도호가 잔량 증감6
        askp_rsqn_icdc6: Integer,
        /// 매도호가 잔량 증감7
        askp_rsqn_icdc7: Integer,
        /// 매도호가 잔량 증감8
        askp_rsqn_icdc8: Integer,
        /// 매도호가 잔량 증감9
        askp_rsqn_icdc9: Integer,
        /// 매도호가 잔량 증감10
        askp_rsqn_icdc10: Integer,
        /// 매수호가 잔량 증감1
        bidp_rsqn_icdc1: Integer,
        /// 매수호가 잔량 증감2
        bidp_rsqn_icdc2: Integer,
        /// 매수호가 잔량 증감3
        bidp_rsqn_icdc3: Integer,
        /// 매수호가 잔량 증감4
        bidp_rsqn_icdc4: Integer,
        /// 매수호가 잔량 증감5
        bidp_rsqn_icdc5: Integer,
        /// 매수호가 잔량 증감6
        bidp_rsqn_icdc6: Integer,
        /// 매수호가 잔량 증감7
        bidp_rsqn_icdc7: Integer,
        /// 매수호가 잔량 증감8
        bidp_rsqn_icdc8: Integer,
        /// 매수호가 잔량 증감9
        bidp_rsqn_icdc9: Integer,
        /// 매수호가 잔량 증감10
        bidp_rsqn_icdc10: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 순매수 호가 잔량
        ntby_aspr_rsqn: Integer,
        /// 신 장운영 구분 코드
        new_mkop_cls_code: Text,
    }

    /// The price and volume that an auction would have now.
    StockExpectedRow {
        /// 예상 장운영 구분 코드
        antc_mkop_cls_code: Text,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 주식 시가2
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 주식 기준가
        stck_sdpr: Decimal,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 예상 거래량
        antc_vol: Integer,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Text,
        /// VI적용구분코드
        vi_cls_code: Text,
    }

    /// The present, beside a minute chart.
    StockMinutesRow {
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 전일대비 종가
        stck_prdy_clpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래대금
        acml_tr_pbmn: Decimal,
        /// 한글 종목명
        hts_kor_isnm: Text,
        /// 주식 현재가
        stck_prpr: Decimal,
    }

    /// A minute.
    StockMinuteBar {
        /// 주식 영업일자
        stck_bsop_date: Date,
        /// 주식 체결시간
        stck_cntg_hour: Time,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 주식 시가
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 체결 거래량
        cntg_vol: Integer,
        /// 누적 거래대금
        acml_tr_pbmn: Decimal,
    }

    /// The present, beside a chart.
    StockChartRow {
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 주식 전일 종가
        stck_prdy_clpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 한글 종목명
        hts_kor_isnm: Text,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Text,
        /// 전일 거래량
        prdy_vol: Integer,
        /// 주식 상한가
        stck_mxpr: Decimal,
        /// 주식 하한가
        stck_llam: Decimal,
        /// 주식 시가2
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 주식 전일 시가
        stck_prdy_oprc: Decimal,
        /// 주식 전일 최고가
        stck_prdy_hgpr: Decimal,
        /// 주식 전일 최저가
        stck_prdy_lwpr: Decimal,
        /// 매도호가
        askp: Decimal,
        /// 매수호가
        bidp: Decimal,
        /// 전일 대비 거래량
        prdy_vrss_vol: Integer,
        /// 거래량 회전율
        vol_tnrt: Decimal,
        /// 주식 액면가
        stck_fcam: Decimal,
        /// 상장 주수
        lstn_stcn: Integer,
        /// 자본금
        cpfn: Decimal,
        /// HTS 시가총액
        hts_avls: Decimal,
        /// PER
        per: Decimal,
        /// EPS
        eps: Decimal,
        /// PBR
        pbr: Decimal,
        /// 전체 융자 잔고 비율
        itewhol_loan_rmnd_ratem: Decimal,
    }

    /// A day, week, month or year.
    StockBar {
        /// 주식 영업 일자
        stck_bsop_date: Date,
        /// 주식 종가
        stck_clpr: Decimal,
        /// 주식 시가2
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 락 구분 코드
        flng_cls_code: Text,
        /// 분할 비율
        prtt_rate: Decimal,
        /// 변경 여부
        mod_yn: Flag,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 재평가사유코드
        revl_issu_reas: Text,
    }

    /// A day's trading by persons (`prsn`), foreigners (`frgn`) and institutions (`orgn`).
    StockInvestorsRow {
        /// 주식 영업 일자
        stck_bsop_date: Date,
        /// 주식 종가
        stck_clpr: Decimal,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 개인 순매수 수량
        prsn_ntby_qty: Integer,
        /// 외국인 순매수 수량
        frgn_ntby_qty: Integer,
        /// 기관계 순매수 수량
        orgn_ntby_qty: Integer,
        /// 개인 순매수 거래 대금
        prsn_ntby_tr_pbmn: Decimal,
        /// 외국인 순매수 거래 대금
        frgn_ntby_tr_pbmn: Decimal,
        /// 기관계 순매수 거래 대금
        orgn_ntby_tr_pbmn: Decimal,
        /// 개인 매수2 거래량
        prsn_shnu_vol: Integer,
        /// 외국인 매수2 거래량
        frgn_shnu_vol: Integer,
        /// 기관계 매수2 거래량
        orgn_shnu_vol: Integer,
        /// 개인 매수2 거래 대금
        prsn_shnu_tr_pbmn: Decimal,
        /// 외국인 매수2 거래 대금
        frgn_shnu_tr_pbmn: Decimal,
        /// 기관계 매수2 거래 대금
        orgn_shnu_tr_pbmn: Decimal,
        /// 개인 매도 거래량
        prsn_seln_vol: Integer,
        /// 외국인 매도 거래량
        frgn_seln_vol: Integer,
        /// 기관계 매도 거래량
        orgn_seln_vol: Integer,
        /// 개인 매도 거래 대금
        prsn_seln_tr_pbmn: Decimal,
        /// 외국인 매도 거래 대금
        frgn_seln_tr_pbmn: Decimal,
        /// 기관계 매도 거래 대금
        orgn_seln_tr_pbmn: Decimal,
    }

    /// The present, beside the investors.
    StockInvestorDaysRow {
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 전일 거래량
        prdy_vol: Integer,
        /// 대표 시장 한글 명
        rprs_mrkt_kor_name: Text,
    }

    /// A day's trading by each kind of investor.
    StockInvestorDay {
        /// 주식 영업 일자
        stck_bsop_date: Date,
        /// 주식 종가
        stck_clpr: Decimal,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 주식 시가2
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 외국인 순매수 수량
        frgn_ntby_qty: Integer,
        /// 외국인 등록 순매수 수량
        frgn_reg_ntby_qty: Integer,
        /// 외국인 비등록 순매수 수량
        frgn_nreg_ntby_qty: Integer,
        /// 개인 순매수 수량
        prsn_ntby_qty: Integer,
        /// 기관계 순매수 수량
        orgn_ntby_qty: Integer,
        /// 증권 순매수 수량
        scrt_ntby_qty: Integer,
        /// 투자신탁 순매수 수량
        ivtr_ntby_qty: Integer,
        /// 사모 펀드 순매수 거래량
        pe_fund_ntby_vol: Integer,
        /// 은행 순매수 수량
        bank_ntby_qty: Integer,
        /// 보험 순매수 수량
        insu_ntby_qty: Integer,
        /// 종금 순매수 수량
        mrbn_ntby_qty: Integer,
        /// 기금 순매수 수량
        fund_ntby_qty: Integer,
        /// 기타 순매수 수량
        etc_ntby_qty: Integer,
        /// 기타 법인 순매수 거래량
        etc_corp_ntby_vol: Integer,
        /// 기타 단체 순매수 거래량
        etc_orgt_ntby_vol: Integer,
        /// 외국인 등록 순매수 대금
        frgn_reg_ntby_pbmn: Decimal,
        /// 외국인 순매수 거래 대금
        frgn_ntby_tr_pbmn: Decimal,
        /// 외국인 비등록 순매수 대금
        frgn_nreg_ntby_pbmn: Decimal,
        /// 개인 순매수 거래 대금
        prsn_ntby_tr_pbmn: Decimal,
        /// 기관계 순매수 거래 대금
        orgn_ntby_tr_pbmn: Decimal,
        /// 증권 순매수 거래 대금
        scrt_ntby_tr_pbmn: Decimal,
        /// 사모 펀드 순매수 거래 대금
        pe_fund_ntby_tr_pbmn: Decimal,
        /// 투자신탁 순매수 거래 대금
        ivtr_ntby_tr_pbmn: Decimal,
        /// 은행 순매수 거래 대금
        bank_ntby_tr_pbmn: Decimal,
        /// 보험 순매수 거래 대금
        insu_ntby_tr_pbmn: Decimal,
        /// 종금 순매수 거래 대금
        mrbn_ntby_tr_pbmn: Decimal,
        /// 기금 순매수 거래 대금
        fund_ntby_tr_pbmn: Decimal,
        /// 기타 순매수 거래 대금
        etc_ntby_tr_pbmn: Decimal,
        /// 기타 법인 순매수 거래 대금
        etc_corp_ntby_tr_pbmn: Decimal,
        /// 기타 단체 순매수 거래 대금
        etc_orgt_ntby_tr_pbmn: Decimal,
        /// 외국인 매도 거래량
        frgn_seln_vol: Integer,
        /// 외국인 매수2 거래량
        frgn_shnu_vol: Integer,
        /// 외국인 매도 거래 대금
        frgn_seln_tr_pbmn: Decimal,
        /// 외국인 매수2 거래 대금
        frgn_shnu_tr_pbmn: Decimal,
        /// 외국인 등록 매도 수량
        frgn_reg_askp_qty: Integer,
        /// 외국인 등록 매수 수량
        frgn_reg_bidp_qty: Integer,
        /// 외국인 등록 매도 대금
        frgn_reg_askp_pbmn: Decimal,
        /// 외국인 등록 매수 대금
        frgn_reg_bidp_pbmn: Decimal,
        /// 외국인 비등록 매도 수량
        frgn_nreg_askp_qty: Integer,
        /// 외국인 비등록 매수 수량
        frgn_nreg_bidp_qty: Integer,
        /// 외국인 비등록 매도 대금
        frgn_nreg_askp_pbmn: Decimal,
        /// 외국인 비등록 매수 대금
        frgn_nreg_bidp_pbmn: Decimal,
        /// 개인 매도 거래량
        prsn_seln_vol: Integer,
        /// 개인 매수2 거래량
        prsn_shnu_vol: Integer,
        /// 개인 매도 거래 대금
        prsn_seln_tr_pbmn: Decimal,
        /// 개인 매수2 거래 대금
        prsn_shnu_tr_pbmn: Decimal,
        /// 기관계 매도 거래량
        orgn_seln_vol: Integer,
        /// 기관계 매수2 거래량
        orgn_shnu_vol: Integer,
        /// 기관계 매도 거래 대금
        orgn_seln_tr_pbmn: Decimal,
        /// 기관계 매수2 거래 대금
        orgn_shnu_tr_pbmn: Decimal,
        /// 증권 매도 거래량
        scrt_seln_vol: Integer,
        /// 증권 매수2 거래량
        scrt_shnu_vol: Integer,
        /// 증권 매도 거래 대금
        scrt_seln_tr_pbmn: Decimal,
        /// 증권 매수2 거래 대금
        scrt_shnu_tr_pbmn: Decimal,
        /// 투자신탁 매도 거래량
        ivtr_seln_vol: Integer,
        /// 투자신탁 매수2 거래량
        ivtr_shnu_vol: Integer,
        /// 투자신탁 매도 거래 대금
        ivtr_seln_tr_pbmn: Decimal,
        /// 투자신탁 매수2 거래 대금
        ivtr_shnu_tr_pbmn: Decimal,
        /// 사모 펀드 매도 거래 대금
        pe_fund_seln_tr_pbmn: Decimal,
        /// 사모 펀드 매도 거래량
        pe_fund_seln_vol: Integer,
        /// 사모 펀드 매수2 거래 대금
        pe_fund_shnu_tr_pbmn: Decimal,
        /// 사모 펀드 매수2 거래량
        pe_fund_shnu_vol: Integer,
        /// 은행 매도 거래량
        bank_seln_vol: Integer,
        /// 은행 매수2 거래량
        bank_shnu_vol: Integer,
        /// 은행 매도 거래 대금
        bank_seln_tr_pbmn: Decimal,
        /// 은행 매수2 거래 대금
        bank_shnu_tr_pbmn: Decimal,
        /// 보험 매도 거래량
        insu_seln_vol: Integer,
        /// 보험 매수2 거래량
        insu_shnu_vol: Integer,
        /// 보험 매도 거래 대금
        insu_seln_tr_pbmn: Decimal,
        /// 보험 매수2 거래 대금
        insu_shnu_tr_pbmn: Decimal,
        /// 종금 매도 거래량
        mrbn_seln_vol: Integer,
        /// 종금 매수2 거래량
        mrbn_shnu_vol: Integer,
        /// 종금 매도 거래 대금
        mrbn_seln_tr_pbmn: Decimal,
        /// 종금 매수2 거래 대금
        mrbn_shnu_tr_pbmn: Decimal,
        /// 기금 매도 거래량
        fund_seln_vol: Integer,
        /// 기금 매수2 거래량
        fund_shnu_vol: Integer,
        /// 기금 매도 거래 대금
        fund_seln_tr_pbmn: Decimal,
        /// 기금 매수2 거래 대금
        fund_shnu_tr_pbmn: Decimal,
        /// 기타 매도 거래량
        etc_seln_vol: Integer,
        /// 기타 매수2 거래량
        etc_shnu_vol: Integer,
        /// 기타 매도 거래 대금
        etc_seln_tr_pbmn: Decimal,
        /// 기타 매수2 거래 대금
        etc_shnu_tr_pbmn: Decimal,
        /// 기타 단체 매도 거래량
        etc_orgt_seln_vol: Integer,
        /// 기타 단체 매수2 거래량
        etc_orgt_shnu_vol: Integer,
        /// 기타 단체 매도 거래 대금
        etc_orgt_seln_tr_pbmn: Decimal,
        /// 기타 단체 매수2 거래 대금
        etc_orgt_shnu_tr_pbmn: Decimal,
        /// 기타 법인 매도 거래량
        etc_corp_seln_vol: Integer,
        /// 기타 법인 매수2 거래량
        etc_corp_shnu_vol: Integer,
        /// 기타 법인 매도 거래 대금
        etc_corp_seln_tr_pbmn: Decimal,
        /// 기타 법인 매수2 거래 대금
        etc_corp_shnu_tr_pbmn: Decimal,
        /// BOLD 여부
        bold_yn: Flag,
    }

    /// A day, and what is open on it.
    StockHoliday {
        /// 기준일자
        bass_dt: Date,
        /// 요일구분코드
        wday_dvsn_cd: Text,
        /// 영업일여부
        bzdy_yn: Flag,
        /// 거래일여부
        tr_day_yn: Flag,
        /// 개장일여부
        opnd_yn: Flag,
        /// 결제일여부
        sttl_day_yn: Flag,
    }
}
