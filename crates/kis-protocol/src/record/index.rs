//! 업종지수.

layout! {
    /// 업종지수: an index value.
    pub struct IndexTrade {
        /// 업종 구분 코드
        bstp_cls_code: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 현재가 지수
        prpr_nmix: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 업종 지수 전일 대비
        bstp_nmix_prdy_vrss: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 건별 거래량
        pcas_vol: Integer,
        /// 건별 거래 대금
        pcas_tr_pbmn: Decimal,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 시가 지수
        oprc_nmix: Decimal,
        /// 지수 최고가
        nmix_hgpr: Decimal,
        /// 지수 최저가
        nmix_lwpr: Decimal,
        /// 시가 대비 지수 현재가
        oprc_vrss_nmix_prpr: Decimal,
        /// 시가 대비 지수 부호
        oprc_vrss_nmix_sign: Sign,
        /// 최고가 대비 지수 현재가
        hgpr_vrss_nmix_prpr: Decimal,
        /// 최고가 대비 지수 부호
        hgpr_vrss_nmix_sign: Sign,
        /// 최저가 대비 지수 현재가
        lwpr_vrss_nmix_prpr: Decimal,
        /// 최저가 대비 지수 부호
        lwpr_vrss_nmix_sign: Sign,
        /// 전일 종가 대비 시가2 비율
        prdy_clpr_vrss_oprc_rate: Decimal,
        /// 전일 종가 대비 최고가 비율
        prdy_clpr_vrss_hgpr_rate: Decimal,
        /// 전일 종가 대비 최저가 비율
        prdy_clpr_vrss_lwpr_rate: Decimal,
        /// 상한 종목 수
        uplm_issu_cnt: Integer,
        /// 상승 종목 수
        ascn_issu_cnt: Integer,
        /// 보합 종목 수
        stnr_issu_cnt: Integer,
        /// 하락 종목 수
        down_issu_cnt: Integer,
        /// 하한 종목 수
        lslm_issu_cnt: Integer,
        /// 기세 상승 종목수
        qtqt_ascn_issu_cnt: Integer,
        /// 기세 하락 종목수
        qtqt_down_issu_cnt: Integer,
        /// TICK대비
        tick_vrss: Decimal,
    }
    view {
        symbol: bstp_cls_code,
        time: bsop_hour,
        price: prpr_nmix,
        sign: prdy_vrss_sign,
        change: bstp_nmix_prdy_vrss,
        change_rate: prdy_ctrt,
        open: oprc_nmix,
        high: nmix_hgpr,
        low: nmix_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        upper_limit_count: uplm_issu_cnt,
        rising_count: ascn_issu_cnt,
        unchanged_count: stnr_issu_cnt,
        falling_count: down_issu_cnt,
        lower_limit_count: lslm_issu_cnt,
    }
}

layout! {
    /// 업종지수: an expected index value as the wire sends it.
    pub struct IndexExpectedTrade15 {
        /// 업종 구분 코드
        bstp_cls_code: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 현재가 지수
        prpr_nmix: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 업종 지수 전일 대비
        bstp_nmix_prdy_vrss: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 건별 거래량
        pcas_vol: Integer,
        /// 건별 거래 대금
        pcas_tr_pbmn: Decimal,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 상한 종목 수
        uplm_issu_cnt: Integer,
        /// 상승 종목 수
        ascn_issu_cnt: Integer,
        /// 보합 종목 수
        stnr_issu_cnt: Integer,
        /// 하락 종목 수
        down_issu_cnt: Integer,
        /// 하한 종목 수
        lslm_issu_cnt: Integer,
    }
    view {
        symbol: bstp_cls_code,
        time: bsop_hour,
        price: prpr_nmix,
        sign: prdy_vrss_sign,
        change: bstp_nmix_prdy_vrss,
        change_rate: prdy_ctrt,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        upper_limit_count: uplm_issu_cnt,
        rising_count: ascn_issu_cnt,
        unchanged_count: stnr_issu_cnt,
        falling_count: down_issu_cnt,
        lower_limit_count: lslm_issu_cnt,
    }
}

layout! {
    /// 업종지수: program trading of a market.
    pub struct IndexProgramTrade {
        /// 업종 구분 코드
        bstp_cls_code: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 차익 매도 위탁 체결량
        arbt_seln_entm_cnqn: Integer,
        /// 차익 매도 자기 체결량
        arbt_seln_onsl_cnqn: Integer,
        /// 차익 매수2 위탁 체결량
        arbt_shnu_entm_cnqn: Integer,
        /// 차익 매수2 자기 체결량
        arbt_shnu_onsl_cnqn: Integer,
        /// 비차익 매도 위탁 체결량
        nabt_seln_entm_cnqn: Integer,
        /// 비차익 매도 자기 체결량
        nabt_seln_onsl_cnqn: Integer,
        /// 비차익 매수2 위탁 체결량
        nabt_shnu_entm_cnqn: Integer,
        /// 비차익 매수2 자기 체결량
        nabt_shnu_onsl_cnqn: Integer,
        /// 차익 매도 위탁 체결 금액
        arbt_seln_entm_cntg_amt: Decimal,
        /// 차익 매도 자기 체결 금액
        arbt_seln_onsl_cntg_amt: Decimal,
        /// 차익 매수2 위탁 체결 금액
        arbt_shnu_entm_cntg_amt: Decimal,
        /// 차익 매수2 자기 체결 금액
        arbt_shnu_onsl_cntg_amt: Decimal,
        /// 비차익 매도 위탁 체결 금액
        nabt_seln_entm_cntg_amt: Decimal,
        /// 비차익 매도 자기 체결 금액
        nabt_seln_onsl_cntg_amt: Decimal,
        /// 비차익 매수2 위탁 체결 금액
        nabt_shnu_entm_cntg_amt: Decimal,
        /// 비차익 매수2 자기 체결 금액
        nabt_shnu_onsl_cntg_amt: Decimal,
        /// 차익 합계 매도 거래량
        arbt_smtn_seln_vol: Integer,
        /// 차익 합계 매도 거래량 비율
        arbt_smtm_seln_vol_rate: Decimal,
        /// 차익 합계 매도 거래 대금
        arbt_smtn_seln_tr_pbmn: Decimal,
        /// 차익 합계 매도 거래대금 비율
        arbt_smtm_seln_tr_pbmn_rate: Decimal,
        /// 차익 합계 매수2 거래량
        arbt_smtn_shnu_vol: Integer,
        /// 차익 합계 매수 거래량 비율
        arbt_smtm_shnu_vol_rate: Decimal,
        /// 차익 합계 매수2 거래 대금
        arbt_smtn_shnu_tr_pbmn: Decimal,
        /// 차익 합계 매수 거래대금 비율
        arbt_smtm_shnu_tr_pbmn_rate: Decimal,
        /// 차익 합계 순매수 수량
        arbt_smtn_ntby_qty: Integer,
        /// 차익 합계 순매수 수량 비율
        arbt_smtm_ntby_qty_rate: Decimal,
        /// 차익 합계 순매수 거래 대금
        arbt_smtn_ntby_tr_pbmn: Decimal,
        /// 차익 합계 순매수 거래대금 비율
        arbt_smtm_ntby_tr_pbmn_rate: Decimal,
        /// 비차익 합계 매도 거래량
        nabt_smtn_seln_vol: Integer,
        /// 비차익 합계 매도 거래량 비율
        nabt_smtm_seln_vol_rate: Decimal,
        /// 비차익 합계 매도 거래 대금
        nabt_smtn_seln_tr_pbmn: Decimal,
        /// 비차익 합계 매도 거래대금 비율
        nabt_smtm_seln_tr_pbmn_rate: Decimal,
        /// 비차익 합계 매수2 거래량
        nabt_smtn_shnu_vol: Integer,
        /// 비차익 합계 매수 거래량 비율
        nabt_smtm_shnu_vol_rate: Decimal,
        /// 비차익 합계 매수2 거래 대금
        nabt_smtn_shnu_tr_pbmn: Decimal,
        /// 비차익 합계 매수 거래대금 비율
        nabt_smtm_shnu_tr_pbmn_rate: Decimal,
        /// 비차익 합계 순매수 수량
        nabt_smtn_ntby_qty: Integer,
        /// 비차익 합계 순매수 수량 비율
        nabt_smtm_ntby_qty_rate: Decimal,
        /// 비차익 합계 순매수 거래 대금
        nabt_smtn_ntby_tr_pbmn: Decimal,
        /// 비차익 합계 순매수 거래대금 비율
        nabt_smtm_ntby_tr_pbmn_rate: Decimal,
        /// 전체 위탁 매도 거래량
        whol_entm_seln_vol: Integer,
        /// 위탁 매도 거래량 비율
        entm_seln_vol_rate: Decimal,
        /// 전체 위탁 매도 거래 대금
        whol_entm_seln_tr_pbmn: Decimal,
        /// 위탁 매도 거래대금 비율
        entm_seln_tr_pbmn_rate: Decimal,
        /// 전체 위탁 매수2 거래량
        whol_entm_shnu_vol: Integer,
        /// 위탁 매수 거래량 비율
        entm_shnu_vol_rate: Decimal,
        /// 전체 위탁 매수2 거래 대금
        whol_entm_shnu_tr_pbmn: Decimal,
        /// 위탁 매수 거래대금 비율
        entm_shnu_tr_pbmn_rate: Decimal,
        /// 전체 위탁 순매수 수량
        whol_entm_ntby_qt: Integer,
        /// 위탁 순매수 수량 비율
        entm_ntby_qty_rat: Decimal,
        /// 전체 위탁 순매수 거래 대금
        whol_entm_ntby_tr_pbmn: Decimal,
        /// 위탁 순매수 금액 비율
        entm_ntby_tr_pbmn_rate: Decimal,
        /// 전체 자기 매도 거래량
        whol_onsl_seln_vol: Integer,
        /// 자기 매도 거래량 비율
        onsl_seln_vol_rate: Decimal,
        /// 전체 자기 매도 거래 대금
        whol_onsl_seln_tr_pbmn: Decimal,
        /// 자기 매도 거래대금 비율
        onsl_seln_tr_pbmn_rate: Decimal,
        /// 전체 자기 매수2 거래량
        whol_onsl_shnu_vol: Integer,
        /// 자기 매수 거래량 비율
        onsl_shnu_vol_rate: Decimal,
        /// 전체 자기 매수2 거래 대금
        whol_onsl_shnu_tr_pbmn: Decimal,
        /// 자기 매수 거래대금 비율
        onsl_shnu_tr_pbmn_rate: Decimal,
        /// 전체 자기 순매수 수량
        whol_onsl_ntby_qty: Integer,
        /// 자기 순매수량 비율
        onsl_ntby_qty_rate: Decimal,
        /// 전체 자기 순매수 거래 대금
        whol_onsl_ntby_tr_pbmn: Decimal,
        /// 자기 순매수 대금 비율
        onsl_ntby_tr_pbmn_rate: Decimal,
        /// 총 매도 수량
        total_seln_qty: Integer,
        /// 전체 매도 거래량 비율
        whol_seln_vol_rate: Decimal,
        /// 총 매도 거래 대금
        total_seln_tr_pbmn: Decimal,
        /// 전체 매도 거래대금 비율
        whol_seln_tr_pbmn_rate: Decimal,
        /// 총 매수 수량
        shnu_cntg_smtn: Integer,
        /// 전체 매수 거래량 비율
        whol_shun_vol_rate: Decimal,
        /// 총 매수2 거래 대금
        total_shnu_tr_pbmn: Decimal,
        /// 전체 매수 거래대금 비율
        whol_shun_tr_pbmn_rate: Decimal,
        /// 전체 순매수 수량
        whol_ntby_qty: Integer,
        /// 전체 합계 순매수 수량 비율
        whol_smtm_ntby_qty_rate: Decimal,
        /// 전체 순매수 거래 대금
        whol_ntby_tr_pbmn: Decimal,
        /// 전체 순매수 거래대금 비율
        whol_ntby_tr_pbmn_rate: Decimal,
        /// 차익 위탁 순매수 수량
        arbt_entm_ntby_qty: Integer,
        /// 차익 위탁 순매수 거래 대금
        arbt_entm_ntby_tr_pbmn: Decimal,
        /// 차익 자기 순매수 수량
        arbt_onsl_ntby_qty: Integer,
        /// 차익 자기 순매수 거래 대금
        arbt_onsl_ntby_tr_pbmn: Decimal,
        /// 비차익 위탁 순매수 수량
        nabt_entm_ntby_qty: Integer,
        /// 비차익 위탁 순매수 거래 대금
        nabt_entm_ntby_tr_pbmn: Decimal,
        /// 비차익 자기 순매수 수량
        nabt_onsl_ntby_qty: Integer,
        /// 비차익 자기 순매수 거래 대금
        nabt_onsl_ntby_tr_pbmn: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
    }
    view {
        symbol: bstp_cls_code,
        time: bsop_hour,
        sell_quantity: total_seln_qty,
        sell_amount: total_seln_tr_pbmn,
        buy_quantity: shnu_cntg_smtn,
        buy_amount: total_shnu_tr_pbmn,
        net_quantity: whol_ntby_qty,
        net_amount: whol_ntby_tr_pbmn,
    }
}
