//! 일반채권 and 채권지수.

layout! {
    /// 일반채권: a trade.
    pub struct BondTrade {
        /// 표준종목코드
        stnd_iscd: Symbol,
        /// 채권종목명
        bond_isnm: Text,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 전일대비부호
        prdy_vrss_sign: Sign,
        /// 전일대비
        prdy_vrss: Decimal,
        /// 전일대비율
        prdy_ctrt: Decimal,
        /// 현재가
        stck_prpr: Decimal,
        /// 체결거래량
        cntg_vol: Integer,
        /// 시가
        stck_oprc: Decimal,
        /// 고가
        stck_hgpr: Decimal,
        /// 저가
        stck_lwpr: Decimal,
        /// 전일종가
        stck_prdy_clpr: Decimal,
        /// 현재수익률
        bond_cntg_ert: Decimal,
        /// 시가수익률
        oprc_ert: Decimal,
        /// 고가수익률
        hgpr_ert: Decimal,
        /// 저가수익률
        lwpr_ert: Decimal,
        /// 누적거래량
        acml_vol: Integer,
        /// 전일거래량
        prdy_vol: Integer,
        /// 체결유형코드
        cntg_type_cls_code: Code,
    }
    view {
        symbol: stnd_iscd,
        time: stck_cntg_hour,
        price: stck_prpr,
        quantity: cntg_vol,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
    }
}

layout! {
    /// 일반채권: the order book, five levels.
    pub struct BondBook {
        /// 표준종목코드
        stnd_iscd: Symbol,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 매도호가수익률1
        askp_ert1: Decimal,
        /// 매수호가수익률1
        bidp_ert1: Decimal,
        /// 매도호가1
        askp1: Decimal,
        /// 매수호가1
        bidp1: Decimal,
        /// 매도호가잔량1
        askp_rsqn1: Integer,
        /// 매수호가잔량1
        bidp_rsqn1: Integer,
        /// 매도호가수익률2
        askp_ert2: Decimal,
        /// 매수호가수익률2
        bidp_ert2: Decimal,
        /// 매도호가2
        askp2: Decimal,
        /// 매수호가2
        bidp2: Decimal,
        /// 매도호가잔량2
        askp_rsqn2: Integer,
        /// 매수호가잔량2
        bidp_rsqn2: Integer,
        /// 매도호가수익률3
        askp_ert3: Decimal,
        /// 매수호가수익률3
        bidp_ert3: Decimal,
        /// 매도호가3
        askp3: Decimal,
        /// 매수호가3
        bidp3: Decimal,
        /// 매도호가잔량3
        askp_rsqn3: Integer,
        /// 매수호가잔량3
        bidp_rsqn3: Integer,
        /// 매도호가수익률4
        askp_ert4: Decimal,
        /// 매수호가수익률4
        bidp_ert4: Decimal,
        /// 매도호가4
        askp4: Decimal,
        /// 매수호가4
        bidp4: Decimal,
        /// 매도호가잔량4
        askp_rsqn4: Integer,
        /// 매수호가잔량4
        bidp_rsqn4: Integer,
        /// 매도호가수익률5
        askp_ert5: Decimal,
        /// 매수호가수익률5
        bidp_ert5: Decimal,
        /// 매도호가5
        askp5: Decimal,
        /// 매수호가5
        bidp5: Decimal,
        /// 매도호가잔량5
        askp_rsqn52: Integer,
        /// 매수호가잔량5
        bidp_rsqn53: Integer,
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
    }
    view {
        symbol: stnd_iscd,
        time: stck_cntg_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1, yield_rate: askp_ert1 },
            { price: askp2, quantity: askp_rsqn2, yield_rate: askp_ert2 },
            { price: askp3, quantity: askp_rsqn3, yield_rate: askp_ert3 },
            { price: askp4, quantity: askp_rsqn4, yield_rate: askp_ert4 },
            { price: askp5, quantity: askp_rsqn52, yield_rate: askp_ert5 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1, yield_rate: bidp_ert1 },
            { price: bidp2, quantity: bidp_rsqn2, yield_rate: bidp_ert2 },
            { price: bidp3, quantity: bidp_rsqn3, yield_rate: bidp_ert3 },
            { price: bidp4, quantity: bidp_rsqn4, yield_rate: bidp_ert4 },
            { price: bidp5, quantity: bidp_rsqn53, yield_rate: bidp_ert5 },
        ],
    }
}

layout! {
    /// 채권지수: an index value.
    pub struct BondIndexTrade {
        /// 지수ID
        nmix_id: Symbol,
        /// 기준일자1
        stnd_date1: Date,
        /// 전송시간
        trnm_hour: Time,
        /// 총수익지수시가지수
        totl_ernn_nmix_oprc: Decimal,
        /// 총수익지수최고가
        totl_ernn_nmix_hgpr: Decimal,
        /// 총수익지수최저가
        totl_ernn_nmix_lwpr: Decimal,
        /// 총수익지수
        totl_ernn_nmix: Decimal,
        /// 전일총수익지수
        prdy_totl_ernn_nmix: Decimal,
        /// 총수익지수전일대비
        totl_ernn_nmix_prdy_vrss: Decimal,
        /// 총수익지수전일대비부호
        totl_ernn_nmix_prdy_vrss_sign: Sign,
        /// 총수익지수전일대비율
        totl_ernn_nmix_prdy_ctrt: Decimal,
        /// 순가격지수
        clen_prc_nmix: Decimal,
        /// 시장가격지수
        mrkt_prc_nmix: Decimal,
        /// Call재투자지수
        bond_call_rnvs_nmix: Decimal,
        /// Zero재투자지수
        bond_zero_rnvs_nmix: Decimal,
        /// 선물이론가격
        bond_futs_thpr: Decimal,
        /// 평균듀레이션
        bond_avrg_drtn_val: Decimal,
        /// 평균컨벡서티
        bond_avrg_cnvx_val: Decimal,
        /// 평균YTM
        bond_avrg_ytm_val: Decimal,
        /// 평균선도YTM
        bond_avrg_frdl_ytm_val: Decimal,
    }
    view {
        symbol: nmix_id,
        date: stnd_date1,
        time: trnm_hour,
        price: totl_ernn_nmix,
        sign: totl_ernn_nmix_prdy_vrss_sign,
        change: totl_ernn_nmix_prdy_vrss,
        change_rate: totl_ernn_nmix_prdy_ctrt,
        open: totl_ernn_nmix_oprc,
        high: totl_ernn_nmix_hgpr,
        low: totl_ernn_nmix_lwpr,
    }
}
