//! 지수옵션 and 야간옵션.

layout! {
    /// 지수옵션: a trade.
    pub struct OptionTrade {
        /// 옵션 단축 종목코드
        optn_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 옵션 현재가
        optn_prpr: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 옵션 전일 대비
        optn_prdy_vrss: Decimal,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 옵션 시가2
        optn_oprc: Decimal,
        /// 옵션 최고가
        optn_hgpr: Decimal,
        /// 옵션 최저가
        optn_lwpr: Decimal,
        /// 최종 거래량
        last_cnqn: Integer,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// HTS 미결제 약정 수량
        hts_otst_stpl_qty: Integer,
        /// 미결제 약정 수량 증감
        otst_stpl_qty_icdc: Integer,
        /// 시가 시간
        oprc_hour: Time,
        /// 시가2 대비 현재가 부호
        oprc_vrss_prpr_sign: Sign,
        /// 시가 대비 지수 현재가
        oprc_vrss_nmix_prpr: Decimal,
        /// 최고가 시간
        hgpr_hour: Time,
        /// 최고가 대비 현재가 부호
        hgpr_vrss_prpr_sign: Sign,
        /// 최고가 대비 지수 현재가
        hgpr_vrss_nmix_prpr: Decimal,
        /// 최저가 시간
        lwpr_hour: Time,
        /// 최저가 대비 현재가 부호
        lwpr_vrss_prpr_sign: Sign,
        /// 최저가 대비 지수 현재가
        lwpr_vrss_nmix_prpr: Decimal,
        /// 매수2 비율
        shnu_rate: Decimal,
        /// 프리미엄 값
        prmm_val: Decimal,
        /// 내재가치 값
        invl_val: Decimal,
        /// 시간가치 값
        tmvl_val: Decimal,
        /// 델타
        delta: Decimal,
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
        /// 괴리도
        esdg: Decimal,
        /// 미결제 약정 직전 수량 증감
        otst_stpl_rgbf_qty_icdc: Integer,
        /// 이론 베이시스
        thpr_basis: Decimal,
        /// 역사적변동성
        unas_hist_vltl: Decimal,
        /// 체결강도
        cttr: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 시장 베이시스
        mrkt_basis: Decimal,
        /// 옵션 매도호가1
        optn_askp1: Decimal,
        /// 옵션 매수호가1
        optn_bidp1: Decimal,
        /// 매도호가 잔량1
        askp_rsqn1: Integer,
        /// 매수호가 잔량1
        bidp_rsqn1: Integer,
        /// 매도 체결 건수
        seln_cntg_csnu: Integer,
        /// 매수 체결 건수
        shnu_cntg_csnu: Integer,
        /// 순매수 체결 건수
        ntby_cntg_csnu: Integer,
        /// 총 매도 수량
        seln_cntg_smtn: Integer,
        /// 총 매수 수량
        shnu_cntg_smtn: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 전일 거래량 대비 등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 평균 변동성
        avrg_vltl: Decimal,
        /// 협의대량누적 거래량
        dscs_lrqn_vol: Integer,
        /// 실시간상한가
        dynm_mxpr: Decimal,
        /// 실시간하한가
        dynm_llam: Decimal,
        /// 실시간가격제한구분
        dynm_prc_limt_yn: Code,
    }
    view {
        symbol: optn_shrn_iscd,
        time: bsop_hour,
        price: optn_prpr,
        quantity: last_cnqn,
        sign: prdy_vrss_sign,
        change: optn_prdy_vrss,
        change_rate: prdy_ctrt,
        open: optn_oprc,
        high: optn_hgpr,
        low: optn_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: optn_askp1,
        bid: optn_bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
        open_interest: hts_otst_stpl_qty,
    }
}

layout! {
    /// KRX 야간옵션: a trade.
    ///
    /// The wire has sent 53 columns so far, without the three price limits.
    pub struct NightOptionTrade {
        /// 옵션단축종목코드
        optn_shrn_iscd: Symbol,
        /// 영업시간
        bsop_hour: Time,
        /// 옵션현재가
        optn_prpr: Decimal,
        /// 전일대비부호
        prdy_vrss_sign: Sign,
        /// 옵션전일대비
        optn_prdy_vrss: Decimal,
        /// 전일대비율
        prdy_ctrt: Decimal,
        /// 옵션시가2
        optn_oprc: Decimal,
        /// 옵션최고가
        optn_hgpr: Decimal,
        /// 옵션최저가
        optn_lwpr: Decimal,
        /// 최종거래량
        last_cnqn: Integer,
        /// 누적거래량
        acml_vol: Integer,
        /// 누적거래대금
        acml_tr_pbmn: Decimal,
        /// HTS이론가
        hts_thpr: Decimal,
        /// HTS미결제약정수량
        hts_otst_stpl_qty: Integer,
        /// 미결제약정수량증감
        otst_stpl_qty_icdc: Integer,
        /// 시가시간
        oprc_hour: Time,
        /// 시가2대비현재가부호
        oprc_vrss_prpr_sign: Sign,
        /// 시가대비지수현재가
        oprc_vrss_nmix_prpr: Decimal,
        /// 최고가시간
        hgpr_hour: Time,
        /// 최고가대비현재가부호
        hgpr_vrss_prpr_sign: Sign,
        /// 최고가대비지수현재가
        hgpr_vrss_nmix_prpr: Decimal,
        /// 최저가시간
        lwpr_hour: Time,
        /// 최저가대비현재가부호
        lwpr_vrss_prpr_sign: Sign,
        /// 최저가대비지수현재가
        lwpr_vrss_nmix_prpr: Decimal,
        /// 매수2비율
        shnu_rate: Decimal,
        /// 프리미엄값
        prmm_val: Decimal,
        /// 내재가치값
        invl_val: Decimal,
        /// 시간가치값
        tmvl_val: Decimal,
        /// 델타
        delta: Decimal,
        /// 감마
        gama: Decimal,
        /// 베가
        vega: Decimal,
        /// 세타
        theta: Decimal,
        /// 로우
        rho: Decimal,
        /// HTS내재변동성
        hts_ints_vltl: Decimal,
        /// 괴리도
        esdg: Decimal,
        /// 미결제약정직전수량증감
        otst_stpl_rgbf_qty_icdc: Integer,
        /// 이론베이시스
        thpr_basis: Decimal,
        /// 역사적변동성
        unas_hist_vltl: Decimal,
        /// 체결강도
        cttr: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 시장베이시스
        mrkt_basis: Decimal,
        /// 옵션매도호가1
        optn_askp1: Decimal,
        /// 옵션매수호가1
        optn_bidp1: Decimal,
        /// 매도호가잔량1
        askp_rsqn1: Integer,
        /// 매수호가잔량1
        bidp_rsqn1: Integer,
        /// 매도체결건수
        seln_cntg_csnu: Integer,
        /// 매수체결건수
        shnu_cntg_csnu: Integer,
        /// 순매수체결건수
        ntby_cntg_csnu: Integer,
        /// 총매도수량
        seln_cntg_smtn: Integer,
        /// 총매수수량
        shnu_cntg_smtn: Integer,
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
        /// 전일거래량대비등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 실시간상한가
        dynm_mxpr: Decimal,
        /// 실시간가격제한구분
        dynm_prc_limt_yn: Code,
        /// 실시간하한가
        dynm_llam: Decimal,
    }
    view {
        symbol: optn_shrn_iscd,
        time: bsop_hour,
        price: optn_prpr,
        quantity: last_cnqn,
        sign: prdy_vrss_sign,
        change: optn_prdy_vrss,
        change_rate: prdy_ctrt,
        open: optn_oprc,
        high: optn_hgpr,
        low: optn_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: optn_askp1,
        bid: optn_bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
        open_interest: hts_otst_stpl_qty,
    }
}

layout! {
    /// 지수옵션·야간옵션: the order book, five levels.
    pub struct OptionBook {
        /// 옵션 단축 종목코드
        optn_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 옵션 매도호가1
        optn_askp1: Decimal,
        /// 옵션 매도호가2
        optn_askp2: Decimal,
        /// 옵션 매도호가3
        optn_askp3: Decimal,
        /// 옵션 매도호가4
        optn_askp4: Decimal,
        /// 옵션 매도호가5
        optn_askp5: Decimal,
        /// 옵션 매수호가1
        optn_bidp1: Decimal,
        /// 옵션 매수호가2
        optn_bidp2: Decimal,
        /// 옵션 매수호가3
        optn_bidp3: Decimal,
        /// 옵션 매수호가4
        optn_bidp4: Decimal,
        /// 옵션 매수호가5
        optn_bidp5: Decimal,
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
        /// 총 매도호가 건수
        total_askp_csnu: Integer,
        /// 총 매수호가 건수
        total_bidp_csnu: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
    }
    view {
        symbol: optn_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: optn_askp1, quantity: askp_rsqn1, orders: askp_csnu1 },
            { price: optn_askp2, quantity: askp_rsqn2, orders: askp_csnu2 },
            { price: optn_askp3, quantity: askp_rsqn3, orders: askp_csnu3 },
            { price: optn_askp4, quantity: askp_rsqn4, orders: askp_csnu4 },
            { price: optn_askp5, quantity: askp_rsqn5, orders: askp_csnu5 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: optn_bidp1, quantity: bidp_rsqn1, orders: bidp_csnu1 },
            { price: optn_bidp2, quantity: bidp_rsqn2, orders: bidp_csnu2 },
            { price: optn_bidp3, quantity: bidp_rsqn3, orders: bidp_csnu3 },
            { price: optn_bidp4, quantity: bidp_rsqn4, orders: bidp_csnu4 },
            { price: optn_bidp5, quantity: bidp_rsqn5, orders: bidp_csnu5 },
        ],
    }
}

layout! {
    /// KRX 야간옵션: the order book as documented in 2024, one order count short.
    ///
    /// The quantities add up to their totals only when `bidp_csnu5` is left out.
    pub struct NightOptionBook37 {
        /// 옵션 단축 종목코드
        optn_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 옵션 매도호가1
        optn_askp1: Decimal,
        /// 옵션 매도호가2
        optn_askp2: Decimal,
        /// 옵션 매도호가3
        optn_askp3: Decimal,
        /// 옵션 매도호가4
        optn_askp4: Decimal,
        /// 옵션 매도호가5
        optn_askp5: Decimal,
        /// 옵션 매수호가1
        optn_bidp1: Decimal,
        /// 옵션 매수호가2
        optn_bidp2: Decimal,
        /// 옵션 매수호가3
        optn_bidp3: Decimal,
        /// 옵션 매수호가4
        optn_bidp4: Decimal,
        /// 옵션 매수호가5
        optn_bidp5: Decimal,
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
        /// 총 매도호가 건수
        total_askp_csnu: Integer,
        /// 총 매수호가 건수
        total_bidp_csnu: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
    }
    view {
        symbol: optn_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: optn_askp1, quantity: askp_rsqn1, orders: askp_csnu1 },
            { price: optn_askp2, quantity: askp_rsqn2, orders: askp_csnu2 },
            { price: optn_askp3, quantity: askp_rsqn3, orders: askp_csnu3 },
            { price: optn_askp4, quantity: askp_rsqn4, orders: askp_csnu4 },
            { price: optn_askp5, quantity: askp_rsqn5, orders: askp_csnu5 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: optn_bidp1, quantity: bidp_rsqn1, orders: bidp_csnu1 },
            { price: optn_bidp2, quantity: bidp_rsqn2, orders: bidp_csnu2 },
            { price: optn_bidp3, quantity: bidp_rsqn3, orders: bidp_csnu3 },
            { price: optn_bidp4, quantity: bidp_rsqn4, orders: bidp_csnu4 },
            { price: optn_bidp5, quantity: bidp_rsqn5 },
        ],
    }
}

layout! {
    /// KRX 야간옵션: the expected trade of an auction.
    pub struct NightOptionExpectedTrade {
        /// 옵션단축종목코드
        optn_shrn_iscd: Symbol,
        /// 영업시간
        bsop_hour: Time,
        /// 예상체결가
        antc_cnpr: Decimal,
        /// 예상체결대비
        antc_cntg_vrss: Decimal,
        /// 예상체결대비부호
        antc_cntg_vrss_sign: Sign,
        /// 예상체결전일대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 예상장운영구분코드
        antc_mkop_cls_code: ExpectedOperation,
        /// 예상체결수량
        antc_cnqn: Integer,
    }
    view {
        symbol: optn_shrn_iscd,
        time: bsop_hour,
        price: antc_cnpr,
        quantity: antc_cnqn,
        sign: antc_cntg_vrss_sign,
        change: antc_cntg_vrss,
        change_rate: antc_cntg_prdy_ctrt,
    }
}
