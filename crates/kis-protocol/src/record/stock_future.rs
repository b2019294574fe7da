//! 주식선물.

layout! {
    /// 주식선물: a trade.
    pub struct StockFutureTrade {
        /// 선물단축종목코드
        futs_shrn_iscd: Symbol,
        /// 영업시간
        bsop_hour: Time,
        /// 주식현재가
        stck_prpr: Decimal,
        /// 전일대비부호
        prdy_vrss_sign: Sign,
        /// 전일대비
        prdy_vrss: Decimal,
        /// 선물전일대비율
        futs_prdy_ctrt: Decimal,
        /// 주식시가2
        stck_oprc: Decimal,
        /// 주식최고가
        stck_hgpr: Decimal,
        /// 주식최저가
        stck_lwpr: Decimal,
        /// 최종거래량
        last_cnqn: Integer,
        /// 누적거래량
        acml_vol: Integer,
        /// 누적거래대금
        acml_tr_pbmn: Decimal,
        /// HTS이론가
        hts_thpr: Decimal,
        /// 시장베이시스
        mrkt_basis: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 근월물약정가
        nmsc_fctn_stpl_prc: Decimal,
        /// 원월물약정가
        fmsc_fctn_stpl_prc: Decimal,
        /// 스프레드1
        spead_prc: Decimal,
        /// HTS미결제약정수량
        hts_otst_stpl_qty: Integer,
        /// 미결제약정수량증감
        otst_stpl_qty_icdc: Integer,
        /// 시가시간
        oprc_hour: Time,
        /// 시가2대비현재가부호
        oprc_vrss_prpr_sign: Sign,
        /// 시가2대비현재가
        oprc_vrss_prpr: Decimal,
        /// 최고가시간
        hgpr_hour: Time,
        /// 최고가대비현재가부호
        hgpr_vrss_prpr_sign: Sign,
        /// 최고가대비현재가
        hgpr_vrss_prpr: Decimal,
        /// 최저가시간
        lwpr_hour: Time,
        /// 최저가대비현재가부호
        lwpr_vrss_prpr_sign: Sign,
        /// 최저가대비현재가
        lwpr_vrss_prpr: Decimal,
        /// 매수2비율
        shnu_rate: Decimal,
        /// 체결강도
        cttr: Decimal,
        /// 괴리도
        esdg: Decimal,
        /// 미결제약정직전수량증감
        otst_stpl_rgbf_qty_icdc: Integer,
        /// 이론베이시스
        thpr_basis: Decimal,
        /// 매도호가1
        askp1: Decimal,
        /// 매수호가1
        bidp1: Decimal,
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
        /// 실시간하한가
        dynm_llam: Decimal,
        /// 실시간가격제한구분
        dynm_prc_limt_yn: Code,
    }
    view {
        symbol: futs_shrn_iscd,
        time: bsop_hour,
        price: stck_prpr,
        quantity: last_cnqn,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: futs_prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: askp1,
        bid: bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
        open_interest: hts_otst_stpl_qty,
    }
}

layout! {
    /// 주식선물: the order book, ten levels.
    pub struct StockFutureBook {
        /// 선물단축종목코드
        futs_shrn_iscd: Symbol,
        /// 영업시간
        bsop_hour: Time,
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
        /// 매도호가건수1
        askp_csnu1: Integer,
        /// 매도호가건수2
        askp_csnu2: Integer,
        /// 매도호가건수3
        askp_csnu3: Integer,
        /// 매도호가건수4
        askp_csnu4: Integer,
        /// 매도호가건수5
        askp_csnu5: Integer,
        /// 매도호가건수6
        askp_csnu6: Integer,
        /// 매도호가건수7
        askp_csnu7: Integer,
        /// 매도호가건수8
        askp_csnu8: Integer,
        /// 매도호가건수9
        askp_csnu9: Integer,
        /// 매도호가건수10
        askp_csnu10: Integer,
        /// 매수호가건수1
        bidp_csnu1: Integer,
        /// 매수호가건수2
        bidp_csnu2: Integer,
        /// 매수호가건수3
        bidp_csnu3: Integer,
        /// 매수호가건수4
        bidp_csnu4: Integer,
        /// 매수호가건수5
        bidp_csnu5: Integer,
        /// 매수호가건수6
        bidp_csnu6: Integer,
        /// 매수호가건수7
        bidp_csnu7: Integer,
        /// 매수호가건수8
        bidp_csnu8: Integer,
        /// 매수호가건수9
        bidp_csnu9: Integer,
        /// 매수호가건수10
        bidp_csnu10: Integer,
        /// 매도호가잔량1
        askp_rsqn1: Integer,
        /// 매도호가잔량2
        askp_rsqn2: Integer,
        /// 매도호가잔량3
        askp_rsqn3: Integer,
        /// 매도호가잔량4
        askp_rsqn4: Integer,
        /// 매도호가잔량5
        askp_rsqn5: Integer,
        /// 매도호가잔량6
        askp_rsqn6: Integer,
        /// 매도호가잔량7
        askp_rsqn7: Integer,
        /// 매도호가잔량8
        askp_rsqn8: Integer,
        /// 매도호가잔량9
        askp_rsqn9: Integer,
        /// 매도호가잔량10
        askp_rsqn10: Integer,
        /// 매수호가잔량1
        bidp_rsqn1: Integer,
        /// 매수호가잔량2
        bidp_rsqn2: Integer,
        /// 매수호가잔량3
        bidp_rsqn3: Integer,
        /// 매수호가잔량4
        bidp_rsqn4: Integer,
        /// 매수호가잔량5
        bidp_rsqn5: Integer,
        /// 매수호가잔량6
        bidp_rsqn6: Integer,
        /// 매수호가잔량7
        bidp_rsqn7: Integer,
        /// 매수호가잔량8
        bidp_rsqn8: Integer,
        /// 매수호가잔량9
        bidp_rsqn9: Integer,
        /// 매수호가잔량10
        bidp_rsqn10: Integer,
        /// 총매도호가건수
        total_askp_csnu: Integer,
        /// 총매수호가건수
        total_bidp_csnu: Integer,
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
        /// 총매도호가잔량증감
        total_askp_rsqn_icdc: Integer,
        /// 총매수호가잔량증감
        total_bidp_rsqn_icdc: Integer,
    }
    view {
        symbol: futs_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1, orders: askp_csnu1 },
            { price: askp2, quantity: askp_rsqn2, orders: askp_csnu2 },
            { price: askp3, quantity: askp_rsqn3, orders: askp_csnu3 },
            { price: askp4, quantity: askp_rsqn4, orders: askp_csnu4 },
            { price: askp5, quantity: askp_rsqn5, orders: askp_csnu5 },
            { price: askp6, quantity: askp_rsqn6, orders: askp_csnu6 },
            { price: askp7, quantity: askp_rsqn7, orders: askp_csnu7 },
            { price: askp8, quantity: askp_rsqn8, orders: askp_csnu8 },
            { price: askp9, quantity: askp_rsqn9, orders: askp_csnu9 },
            { price: askp10, quantity: askp_rsqn10, orders: askp_csnu10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1, orders: bidp_csnu1 },
            { price: bidp2, quantity: bidp_rsqn2, orders: bidp_csnu2 },
            { price: bidp3, quantity: bidp_rsqn3, orders: bidp_csnu3 },
            { price: bidp4, quantity: bidp_rsqn4, orders: bidp_csnu4 },
            { price: bidp5, quantity: bidp_rsqn5, orders: bidp_csnu5 },
            { price: bidp6, quantity: bidp_rsqn6, orders: bidp_csnu6 },
            { price: bidp7, quantity: bidp_rsqn7, orders: bidp_csnu7 },
            { price: bidp8, quantity: bidp_rsqn8, orders: bidp_csnu8 },
            { price: bidp9, quantity: bidp_rsqn9, orders: bidp_csnu9 },
            { price: bidp10, quantity: bidp_rsqn10, orders: bidp_csnu10 },
        ],
    }
}

layout! {
    /// 주식선물: the expected trade of an auction.
    pub struct StockFutureExpectedTrade {
        /// 선물단축종목코드
        futs_shrn_iscd: Symbol,
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
        symbol: futs_shrn_iscd,
        time: bsop_hour,
        price: antc_cnpr,
        quantity: antc_cnqn,
        sign: antc_cntg_vrss_sign,
        change: antc_cntg_vrss,
        change_rate: antc_cntg_prdy_ctrt,
    }
}
