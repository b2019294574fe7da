//! 국내주식.

layout! {
    /// 국내주식: a trade on KRX.
    pub struct StockTrade {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 주식 체결 시간
        stck_cntg_hour: Time,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 가중 평균 주식 가격
        wghn_avrg_stck_prc: Decimal,
        /// 주식 시가
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 매도호가1
        askp1: Decimal,
        /// 매수호가1
        bidp1: Decimal,
        /// 체결 거래량
        cntg_vol: Integer,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 매도 체결 건수
        seln_cntg_csnu: Integer,
        /// 매수 체결 건수
        shnu_cntg_csnu: Integer,
        /// 순매수 체결 건수
        ntby_cntg_csnu: Integer,
        /// 체결강도
        cttr: Decimal,
        /// 총 매도 수량
        seln_cntg_smtn: Integer,
        /// 총 매수 수량
        shnu_cntg_smtn: Integer,
        /// 체결구분
        ccld_dvsn: TradeSide,
        /// 매수비율
        shnu_rate: Decimal,
        /// 전일 거래량 대비 등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 시가 시간
        oprc_hour: Time,
        /// 시가대비구분
        oprc_vrss_prpr_sign: Sign,
        /// 시가대비
        oprc_vrss_prpr: Decimal,
        /// 최고가 시간
        hgpr_hour: Time,
        /// 고가대비구분
        hgpr_vrss_prpr_sign: Sign,
        /// 고가대비
        hgpr_vrss_prpr: Decimal,
        /// 최저가 시간
        lwpr_hour: Time,
        /// 저가대비구분
        lwpr_vrss_prpr_sign: Sign,
        /// 저가대비
        lwpr_vrss_prpr: Decimal,
        /// 영업 일자
        bsop_date: Date,
        /// 신 장운영 구분 코드
        new_mkop_cls_code: Phase,
        /// 거래정지 여부
        trht_yn: Halt,
        /// 매도호가 잔량1
        askp_rsqn1: Integer,
        /// 매수호가 잔량1
        bidp_rsqn1: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 거래량 회전율
        vol_tnrt: Decimal,
        /// 전일 동시간 누적 거래량
        prdy_smns_hour_acml_vol: Integer,
        /// 전일 동시간 누적 거래량 비율
        prdy_smns_hour_acml_vol_rate: Decimal,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
        /// 임의종료구분코드
        mrkt_trtm_cls_code: AuctionEnd,
        /// 정적VI발동기준가
        vi_stnd_prc: Decimal,
        /// 장구분 코드
        market_cls_code: MarketClass,
    }
    view {
        symbol: mksc_shrn_iscd,
        date: bsop_date,
        time: stck_cntg_hour,
        business_date: bsop_date,
        price: stck_prpr,
        quantity: cntg_vol,
        side: ccld_dvsn,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: askp1,
        bid: bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
    }
}

layout! {
    /// 국내주식: a trade on NXT, or on either venue (통합).
    pub struct VenueStockTrade {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 주식 체결 시간
        stck_cntg_hour: Time,
        /// 주식 현재가
        stck_prpr: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 전일 대비
        prdy_vrss: Decimal,
        /// 전일 대비율
        prdy_ctrt: Decimal,
        /// 가중 평균 주식 가격
        wghn_avrg_stck_prc: Decimal,
        /// 주식 시가
        stck_oprc: Decimal,
        /// 주식 최고가
        stck_hgpr: Decimal,
        /// 주식 최저가
        stck_lwpr: Decimal,
        /// 매도호가1
        askp1: Decimal,
        /// 매수호가1
        bidp1: Decimal,
        /// 체결 거래량
        cntg_vol: Integer,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// 매도 체결 건수
        seln_cntg_csnu: Integer,
        /// 매수 체결 건수
        shnu_cntg_csnu: Integer,
        /// 순매수 체결 건수
        ntby_cntg_csnu: Integer,
        /// 체결강도
        cttr: Decimal,
        /// 총 매도 수량
        seln_cntg_smtn: Integer,
        /// 총 매수 수량
        shnu_cntg_smtn: Integer,
        /// 체결구분
        cntg_cls_code: TradeSide,
        /// 매수비율
        shnu_rate: Decimal,
        /// 전일 거래량 대비 등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 시가 시간
        oprc_hour: Time,
        /// 시가대비구분
        oprc_vrss_prpr_sign: Sign,
        /// 시가대비
        oprc_vrss_prpr: Decimal,
        /// 최고가 시간
        hgpr_hour: Time,
        /// 고가대비구분
        hgpr_vrss_prpr_sign: Sign,
        /// 고가대비
        hgpr_vrss_prpr: Decimal,
        /// 최저가 시간
        lwpr_hour: Time,
        /// 저가대비구분
        lwpr_vrss_prpr_sign: Sign,
        /// 저가대비
        lwpr_vrss_prpr: Decimal,
        /// 영업 일자
        bsop_date: Date,
        /// 신 장운영 구분 코드
        new_mkop_cls_code: Phase,
        /// 거래정지 여부
        trht_yn: Halt,
        /// 매도호가 잔량1
        askp_rsqn1: Integer,
        /// 매수호가 잔량1
        bidp_rsqn1: Integer,
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 거래량 회전율
        vol_tnrt: Decimal,
        /// 전일 동시간 누적 거래량
        prdy_smns_hour_acml_vol: Integer,
        /// 전일 동시간 누적 거래량 비율
        prdy_smns_hour_acml_vol_rate: Decimal,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
        /// 임의종료구분코드
        mrkt_trtm_cls_code: AuctionEnd,
        /// 정적VI발동기준가
        vi_stnd_prc: Decimal,
        /// 장구분 코드
        market_cls_code: MarketClass,
    }
    view {
        symbol: mksc_shrn_iscd,
        date: bsop_date,
        time: stck_cntg_hour,
        business_date: bsop_date,
        price: stck_prpr,
        quantity: cntg_vol,
        side: cntg_cls_code,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: askp1,
        bid: bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
    }
}

layout! {
    /// 국내주식: the expected trade of an auction.
    pub struct StockExpectedTrade {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 주식현재가
        stck_prpr: Decimal,
        /// 전일대비구분
        prdy_vrss_sign: Sign,
        /// 전일대비
        prdy_vrss: Decimal,
        /// 등락율
        prdy_ctrt: Decimal,
        /// 가중평균주식가격
        wghn_avrg_stck_prc: Decimal,
        /// 시가
        stck_oprc: Decimal,
        /// 고가
        stck_hgpr: Decimal,
        /// 저가
        stck_lwpr: Decimal,
        /// 매도호가
        askp1: Decimal,
        /// 매수호가
        bidp1: Decimal,
        /// 거래량
        cntg_vol: Integer,
        /// 누적거래량
        acml_vol: Integer,
        /// 누적거래대금
        acml_tr_pbmn: Decimal,
        /// 매도체결건수
        seln_cntg_csnu: Integer,
        /// 매수체결건수
        shnu_cntg_csnu: Integer,
        /// 순매수체결건수
        ntby_cntg_csnu: Integer,
        /// 체결강도
        cttr: Decimal,
        /// 총매도수량
        seln_cntg_smtn: Integer,
        /// 총매수수량
        shnu_cntg_smtn: Integer,
        /// 체결구분
        cntg_cls_code: TradeSide,
        /// 매수비율
        shnu_rate: Decimal,
        /// 전일거래량대비등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 시가시간
        oprc_hour: Time,
        /// 시가대비구분
        oprc_vrss_prpr_sign: Sign,
        /// 시가대비
        oprc_vrss_prpr: Decimal,
        /// 최고가시간
        hgpr_hour: Time,
        /// 고가대비구분
        hgpr_vrss_prpr_sign: Sign,
        /// 고가대비
        hgpr_vrss_prpr: Decimal,
        /// 최저가시간
        lwpr_hour: Time,
        /// 저가대비구분
        lwpr_vrss_prpr_sign: Sign,
        /// 저가대비
        lwpr_vrss_prpr: Decimal,
        /// 영업일자
        bsop_date: Date,
        /// 신장운영구분코드
        new_mkop_cls_code: Phase,
        /// 거래정지여부
        trht_yn: Halt,
        /// 매도호가잔량1
        askp_rsqn1: Integer,
        /// 매수호가잔량1
        bidp_rsqn1: Integer,
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
        /// 거래량회전율
        vol_tnrt: Decimal,
        /// 전일동시간누적거래량
        prdy_smns_hour_acml_vol: Integer,
        /// 전일동시간누적거래량비율
        prdy_smns_hour_acml_vol_rate: Decimal,
        /// 시간구분코드
        hour_cls_code: HourClass,
        /// 임의종료구분코드
        mrkt_trtm_cls_code: AuctionEnd,
        /// 정적VI발동기준가
        vi_stnd_prc: Decimal,
    }
    view {
        symbol: mksc_shrn_iscd,
        date: bsop_date,
        time: stck_cntg_hour,
        business_date: bsop_date,
        price: stck_prpr,
        quantity: cntg_vol,
        side: cntg_cls_code,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: askp1,
        bid: bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
    }
}

layout! {
    /// 국내주식: the order book on KRX, ten levels.
    pub struct StockBook {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
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
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결량
        antc_cnqn: Integer,
        /// 예상 거래량
        antc_vol: Integer,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
        /// 주식 매매 구분 코드
        stck_deal_cls_code: Code,
        /// KRX 중간가
        kmid_prc: Decimal,
        /// KRX 중간가잔량합계수량
        kmid_total_rsqn: Integer,
        /// KRX 중간가 매수매도 구분
        kmid_cls_code: Code,
        /// 장구분 코드
        market_cls_code: MarketClass,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
        mid_price: kmid_prc,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
            { price: askp10, quantity: askp_rsqn10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
            { price: bidp10, quantity: bidp_rsqn10 },
        ],
    }
}

layout! {
    /// 국내주식: the order book on NXT, ten levels.
    pub struct NxtStockBook {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
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
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결량
        antc_cnqn: Integer,
        /// 예상 거래량
        antc_vol: Integer,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
        /// 주식 매매 구분 코드
        stck_deal_cls_code: Code,
        /// KRX 중간가
        kmid_prc: Decimal,
        /// KRX 중간가잔량합계수량
        kmid_total_rsqn: Integer,
        /// KRX 중간가 매수매도 구분
        kmid_cls_code: Code,
        /// NXT 중간가
        nmid_prc: Decimal,
        /// NXT 중간가잔량합계수량
        nmid_total_rsqn: Integer,
        /// NXT 중간가 매수매도 구분
        nmid_cls_code: Code,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
        mid_price: kmid_prc,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
            { price: askp10, quantity: askp_rsqn10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
            { price: bidp10, quantity: bidp_rsqn10 },
        ],
    }
}

layout! {
    /// 국내주식: the order book on NXT as the paper host has sent it, without the KRX mid price.
    pub struct NxtStockBook62 {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
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
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결량
        antc_cnqn: Integer,
        /// 예상 거래량
        antc_vol: Integer,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
        /// 주식 매매 구분 코드
        stck_deal_cls_code: Code,
        /// NXT 중간가
        nmid_prc: Decimal,
        /// NXT 중간가잔량합계수량
        nmid_total_rsqn: Integer,
        /// NXT 중간가 매수매도 구분
        nmid_cls_code: Code,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
            { price: askp10, quantity: askp_rsqn10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
            { price: bidp10, quantity: bidp_rsqn10 },
        ],
    }
}

layout! {
    /// 국내주식: the order book of both venues (통합), ten levels.
    pub struct UnifiedStockBook {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
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
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결량
        antc_cnqn: Integer,
        /// 예상 거래량
        antc_vol: Integer,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
        /// 주식 매매 구분 코드
        stck_deal_cls_code: Code,
        /// KRX 중간가
        kmid_prc: Decimal,
        /// KRX 중간가잔량합계수량
        kmid_total_rsqn: Integer,
        /// KRX 중간가 매수매도 구분
        kmid_cls_code: Code,
        /// NXT 중간가
        nmid_prc: Decimal,
        /// NXT 중간가잔량합계수량
        nmid_total_rsqn: Integer,
        /// NXT 중간가 매수매도 구분
        nmid_cls_code: Code,
        /// 예상체결 거래소 구분 코드
        antc_exch_cls_code: ExpectedExchange,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
        mid_price: kmid_prc,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
            { price: askp10, quantity: askp_rsqn10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
            { price: bidp10, quantity: bidp_rsqn10 },
        ],
    }
}

layout! {
    /// 국내주식: the five most active member firms on each side.
    pub struct StockMembers {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 매도2회원사명1
        seln2_mbcr_name1: Text,
        /// 매도2회원사명2
        seln2_mbcr_name2: Text,
        /// 매도2회원사명3
        seln2_mbcr_name3: Text,
        /// 매도2회원사명4
        seln2_mbcr_name4: Text,
        /// 매도2회원사명5
        seln2_mbcr_name5: Text,
        /// 매수회원사명1
        byov_mbcr_name1: Text,
        /// 매수회원사명2
        byov_mbcr_name2: Text,
        /// 매수회원사명3
        byov_mbcr_name3: Text,
        /// 매수회원사명4
        byov_mbcr_name4: Text,
        /// 매수회원사명5
        byov_mbcr_name5: Text,
        /// 총매도수량1
        total_seln_qty1: Integer,
        /// 총매도수량2
        total_seln_qty2: Integer,
        /// 총매도수량3
        total_seln_qty3: Integer,
        /// 총매도수량4
        total_seln_qty4: Integer,
        /// 총매도수량5
        total_seln_qty5: Integer,
        /// 총매수2수량1
        total_shnu_qty1: Integer,
        /// 총매수2수량2
        total_shnu_qty2: Integer,
        /// 총매수2수량3
        total_shnu_qty3: Integer,
        /// 총매수2수량4
        total_shnu_qty4: Integer,
        /// 총매수2수량5
        total_shnu_qty5: Integer,
        /// 매도거래원구분1
        seln_mbcr_glob_yn_1: Code,
        /// 매도거래원구분2
        seln_mbcr_glob_yn_2: Code,
        /// 매도거래원구분3
        seln_mbcr_glob_yn_3: Code,
        /// 매도거래원구분4
        seln_mbcr_glob_yn_4: Code,
        /// 매도거래원구분5
        seln_mbcr_glob_yn_5: Code,
        /// 매수거래원구분1
        shnu_mbcr_glob_yn_1: Code,
        /// 매수거래원구분2
        shnu_mbcr_glob_yn_2: Code,
        /// 매수거래원구분3
        shnu_mbcr_glob_yn_3: Code,
        /// 매수거래원구분4
        shnu_mbcr_glob_yn_4: Code,
        /// 매수거래원구분5
        shnu_mbcr_glob_yn_5: Code,
        /// 매도거래원코드1
        seln_mbcr_no1: Code,
        /// 매도거래원코드2
        seln_mbcr_no2: Code,
        /// 매도거래원코드3
        seln_mbcr_no3: Code,
        /// 매도거래원코드4
        seln_mbcr_no4: Code,
        /// 매도거래원코드5
        seln_mbcr_no5: Code,
        /// 매수거래원코드1
        shnu_mbcr_no1: Code,
        /// 매수거래원코드2
        shnu_mbcr_no2: Code,
        /// 매수거래원코드3
        shnu_mbcr_no3: Code,
        /// 매수거래원코드4
        shnu_mbcr_no4: Code,
        /// 매수거래원코드5
        shnu_mbcr_no5: Code,
        /// 매도회원사비중1
        seln_mbcr_rlim1: Decimal,
        /// 매도회원사비중2
        seln_mbcr_rlim2: Decimal,
        /// 매도회원사비중3
        seln_mbcr_rlim3: Decimal,
        /// 매도회원사비중4
        seln_mbcr_rlim4: Decimal,
        /// 매도회원사비중5
        seln_mbcr_rlim5: Decimal,
        /// 매수2회원사비중1
        shnu_mbcr_rlim1: Decimal,
        /// 매수2회원사비중2
        shnu_mbcr_rlim2: Decimal,
        /// 매수2회원사비중3
        shnu_mbcr_rlim3: Decimal,
        /// 매수2회원사비중4
        shnu_mbcr_rlim4: Decimal,
        /// 매수2회원사비중5
        shnu_mbcr_rlim5: Decimal,
        /// 매도수량증감1
        seln_qty_icdc1: Integer,
        /// 매도수량증감2
        seln_qty_icdc2: Integer,
        /// 매도수량증감3
        seln_qty_icdc3: Integer,
        /// 매도수량증감4
        seln_qty_icdc4: Integer,
        /// 매도수량증감5
        seln_qty_icdc5: Integer,
        /// 매수2수량증감1
        shnu_qty_icdc1: Integer,
        /// 매수2수량증감2
        shnu_qty_icdc2: Integer,
        /// 매수2수량증감3
        shnu_qty_icdc3: Integer,
        /// 매수2수량증감4
        shnu_qty_icdc4: Integer,
        /// 매수2수량증감5
        shnu_qty_icdc5: Integer,
        /// 외국계총매도수량
        glob_total_seln_qty: Integer,
        /// 외국계총매수2수량
        glob_total_shnu_qty: Integer,
        /// 외국계총매도수량증감
        glob_total_seln_qty_icdc: Integer,
        /// 외국계총매수2수량증감
        glob_total_shnu_qty_icdc: Integer,
        /// 외국계순매수수량
        glob_ntby_qty: Integer,
        /// 외국계매도비중
        glob_seln_rlim: Decimal,
        /// 외국계매수2비중
        glob_shnu_rlim: Decimal,
        /// 매도2영문회원사명1
        seln2_mbcr_eng_name1: Text,
        /// 매도2영문회원사명2
        seln2_mbcr_eng_name2: Text,
        /// 매도2영문회원사명3
        seln2_mbcr_eng_name3: Text,
        /// 매도2영문회원사명4
        seln2_mbcr_eng_name4: Text,
        /// 매도2영문회원사명5
        seln2_mbcr_eng_name5: Text,
        /// 매수영문회원사명1
        byov_mbcr_eng_name1: Text,
        /// 매수영문회원사명2
        byov_mbcr_eng_name2: Text,
        /// 매수영문회원사명3
        byov_mbcr_eng_name3: Text,
        /// 매수영문회원사명4
        byov_mbcr_eng_name4: Text,
        /// 매수영문회원사명5
        byov_mbcr_eng_name5: Text,
    }
    view {
        symbol: mksc_shrn_iscd,
        sell_quantity: glob_total_seln_qty,
        buy_quantity: glob_total_shnu_qty,
        net_quantity: glob_ntby_qty,
    }
    rows Member {
        /// 매도 회원사: the sellers, largest first.
        sellers: [
            { name: seln2_mbcr_name1, english_name: seln2_mbcr_eng_name1, number: seln_mbcr_no1, quantity: total_seln_qty1, change: seln_qty_icdc1, share: seln_mbcr_rlim1, foreign: seln_mbcr_glob_yn_1 },
            { name: seln2_mbcr_name2, english_name: seln2_mbcr_eng_name2, number: seln_mbcr_no2, quantity: total_seln_qty2, change: seln_qty_icdc2, share: seln_mbcr_rlim2, foreign: seln_mbcr_glob_yn_2 },
            { name: seln2_mbcr_name3, english_name: seln2_mbcr_eng_name3, number: seln_mbcr_no3, quantity: total_seln_qty3, change: seln_qty_icdc3, share: seln_mbcr_rlim3, foreign: seln_mbcr_glob_yn_3 },
            { name: seln2_mbcr_name4, english_name: seln2_mbcr_eng_name4, number: seln_mbcr_no4, quantity: total_seln_qty4, change: seln_qty_icdc4, share: seln_mbcr_rlim4, foreign: seln_mbcr_glob_yn_4 },
            { name: seln2_mbcr_name5, english_name: seln2_mbcr_eng_name5, number: seln_mbcr_no5, quantity: total_seln_qty5, change: seln_qty_icdc5, share: seln_mbcr_rlim5, foreign: seln_mbcr_glob_yn_5 },
        ],
        /// 매수 회원사: the buyers, largest first.
        buyers: [
            { name: byov_mbcr_name1, english_name: byov_mbcr_eng_name1, number: shnu_mbcr_no1, quantity: total_shnu_qty1, change: shnu_qty_icdc1, share: shnu_mbcr_rlim1, foreign: shnu_mbcr_glob_yn_1 },
            { name: byov_mbcr_name2, english_name: byov_mbcr_eng_name2, number: shnu_mbcr_no2, quantity: total_shnu_qty2, change: shnu_qty_icdc2, share: shnu_mbcr_rlim2, foreign: shnu_mbcr_glob_yn_2 },
            { name: byov_mbcr_name3, english_name: byov_mbcr_eng_name3, number: shnu_mbcr_no3, quantity: total_shnu_qty3, change: shnu_qty_icdc3, share: shnu_mbcr_rlim3, foreign: shnu_mbcr_glob_yn_3 },
            { name: byov_mbcr_name4, english_name: byov_mbcr_eng_name4, number: shnu_mbcr_no4, quantity: total_shnu_qty4, change: shnu_qty_icdc4, share: shnu_mbcr_rlim4, foreign: shnu_mbcr_glob_yn_4 },
            { name: byov_mbcr_name5, english_name: byov_mbcr_eng_name5, number: shnu_mbcr_no5, quantity: total_shnu_qty5, change: shnu_qty_icdc5, share: shnu_mbcr_rlim5, foreign: shnu_mbcr_glob_yn_5 },
        ],
    }
}

layout! {
    /// 국내주식: halts, volatility interruptions and market phases.
    ///
    /// The wire has sent ten columns so far, without `exch_cls_code`; on the unified
    /// feed KIS documents none for the symbol, but sends it first like the others
    /// (17 of 17 frames, 2026-09-21 to 23).
    pub struct StockMarketStatus {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 거래정지여부
        trht_yn: Halt,
        /// 거래정지사유내용
        tr_susp_reas_cntt: Text,
        /// 장운영구분코드
        mkop_cls_code: MarketOperation,
        /// 예상장운영구분코드
        antc_mkop_cls_code: ExpectedOperation,
        /// 임의연장구분코드
        mrkt_trtm_cls_code: AuctionEnd,
        /// 동시호가배분처리구분코드
        divi_app_cls_code: Allocation,
        /// 종목상태구분코드
        iscd_stat_cls_code: IssueStatus,
        /// VI적용구분코드
        vi_cls_code: ViState,
        /// 시간외단일가VI적용구분코드
        ovtm_vi_cls_code: ViState,
        /// 거래소구분코드
        exch_cls_code: Code,
    }
    view {
        symbol: mksc_shrn_iscd,
        halt: trht_yn,
        halt_reason: tr_susp_reas_cntt,
        operation: mkop_cls_code,
        expected_operation: antc_mkop_cls_code,
        issue_status: iscd_stat_cls_code,
        interruption: vi_cls_code,
    }
}

layout! {
    /// 국내주식: program trading.
    pub struct StockProgramTrade {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 매도체결량
        seln_cnqn: Integer,
        /// 매도거래대금
        seln_tr_pbmn: Decimal,
        /// 매수2체결량
        shnu_cnqn: Integer,
        /// 매수2거래대금
        shnu_tr_pbmn: Decimal,
        /// 순매수체결량
        ntby_cnqn: Integer,
        /// 순매수거래대금
        ntby_tr_pbmn: Decimal,
        /// 매도호가잔량
        seln_rsqn: Integer,
        /// 매수호가잔량
        shnu_rsqn: Integer,
        /// 전체순매수호가잔량
        whol_ntby_qty: Integer,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: stck_cntg_hour,
        sell_quantity: seln_cnqn,
        sell_amount: seln_tr_pbmn,
        buy_quantity: shnu_cnqn,
        buy_amount: shnu_tr_pbmn,
        net_quantity: ntby_cnqn,
        net_amount: ntby_tr_pbmn,
    }
}

layout! {
    /// 국내주식: an order notice as documented; the wire sends [`StockNotice23`].
    pub struct StockNotice {
        /// 고객 ID
        cust_id: Private,
        /// 계좌번호
        acnt_no: Private,
        /// 주문번호
        oder_no: Text,
        /// 원주문번호
        ooder_no: Text,
        /// 매도매수구분
        seln_byov_cls: OrderSide,
        /// 정정구분
        rctf_cls: Revision,
        /// 주문종류
        oder_kind: OrderKind,
        /// 주문조건
        oder_cond: OrderCondition,
        /// 종목코드
        stck_shrn_iscd: Symbol,
        /// 체결수량
        cntg_qty: Integer,
        /// 체결단가
        cntg_unpr: Decimal,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 거부여부
        rfus_yn: Approval,
        /// 체결여부
        cntg_yn: NoticeKind,
        /// 접수여부
        acpt_yn: Acceptance,
        /// 지점번호
        brnc_no: Text,
        /// 주문수량
        oder_qty: Integer,
        /// 계좌명
        acnt_name: Private,
        /// 호가조건가격
        ord_cond_prc: Decimal,
        /// 주문거래소 구분
        ord_exg_gb: OrderExchange,
        /// 실시간체결창표시여부
        popup_yn: Flag,
        /// 필러
        filler: Text,
        /// 신용거래구분
        crdt_cls: Code,
        /// 신용대출일자
        crdt_loan_date: Date,
        /// 체결종목명40
        cntg_isnm40: Text,
        /// 주문가격
        oder_prc: Decimal,
    }
    view {
        symbol: stck_shrn_iscd,
        time: stck_cntg_hour,
    }
}

layout! {
    /// 국내주식: an order notice as the wire sends it.
    ///
    /// Where 26 columns are documented, `ord_cond_prc` to `filler` arrive as one
    /// column: the exchange and the pop-up flag glued (`1Y`); the name of the stock
    /// before 2025.
    pub struct StockNotice23 {
        /// 고객 ID
        cust_id: Private,
        /// 계좌번호
        acnt_no: Private,
        /// 주문번호
        oder_no: Text,
        /// 원주문번호
        ooder_no: Text,
        /// 매도매수구분
        seln_byov_cls: OrderSide,
        /// 정정구분
        rctf_cls: Revision,
        /// 주문종류
        oder_kind: OrderKind,
        /// 주문조건
        oder_cond: OrderCondition,
        /// 종목코드
        stck_shrn_iscd: Symbol,
        /// 체결수량
        cntg_qty: Integer,
        /// 체결단가
        cntg_unpr: Decimal,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 거부여부
        rfus_yn: Approval,
        /// 체결여부
        cntg_yn: NoticeKind,
        /// 접수여부
        acpt_yn: Acceptance,
        /// 지점번호
        brnc_no: Text,
        /// 주문수량
        oder_qty: Integer,
        /// 계좌명
        acnt_name: Private,
        /// 주문거래소 구분 · 실시간체결창 표시여부 (붙어서 옴: 1Y)
        ord_exg_gb_popup_yn: Text,
        /// 신용거래구분
        crdt_cls: Code,
        /// 신용대출일자
        crdt_loan_date: Date,
        /// 체결종목명40
        cntg_isnm40: Text,
        /// 주문가격
        oder_prc: Decimal,
    }
    view {
        symbol: stck_shrn_iscd,
        time: stck_cntg_hour,
    }
}

layout! {
    /// 국내주식: the single-price session's order book as documented, nine levels.
    pub struct OvertimeStockBook54 {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업시간
        bsop_hour: Time,
        /// 시간구분코드
        hour_cls_code: HourClass,
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
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
        /// 시간외총매도호가잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외총매수호가잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상체결가
        antc_cnpr: Decimal,
        /// 예상체결량
        antc_cnqn: Integer,
        /// 예상거래량
        antc_vol: Integer,
        /// 예상체결대비
        antc_cntg_vrss: Decimal,
        /// 예상체결대비부호
        antc_cntg_vrss_sign: Sign,
        /// 예상체결전일대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적거래량
        acml_vol: Integer,
        /// 총매도호가잔량증감
        total_askp_rsqn_icdc: Integer,
        /// 총매수호가잔량증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외총매도호가증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외총매수호가증감
        ovtm_total_bidp_icdc: Integer,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
        ],
    }
}

layout! {
    /// 국내주식: the single-price session's order book as the wire sent it, ten levels.
    ///
    /// Checked on the frame of 2024-05-03: ten quantities add up to each total only
    /// when read this way.
    pub struct OvertimeStockBook {
        /// 유가증권 단축 종목코드
        mksc_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 시간 구분 코드
        hour_cls_code: HourClass,
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
        /// 총 매도호가 잔량
        total_askp_rsqn: Integer,
        /// 총 매수호가 잔량
        total_bidp_rsqn: Integer,
        /// 시간외 총 매도호가 잔량
        ovtm_total_askp_rsqn: Integer,
        /// 시간외 총 매수호가 잔량
        ovtm_total_bidp_rsqn: Integer,
        /// 예상 체결가
        antc_cnpr: Decimal,
        /// 예상 체결량
        antc_cnqn: Integer,
        /// 예상 거래량
        antc_vol: Integer,
        /// 예상 체결 대비
        antc_cntg_vrss: Decimal,
        /// 예상 체결 대비 부호
        antc_cntg_vrss_sign: Sign,
        /// 예상 체결 전일 대비율
        antc_cntg_prdy_ctrt: Decimal,
        /// 누적 거래량
        acml_vol: Integer,
        /// 총 매도호가 잔량 증감
        total_askp_rsqn_icdc: Integer,
        /// 총 매수호가 잔량 증감
        total_bidp_rsqn_icdc: Integer,
        /// 시간외 총 매도호가 증감
        ovtm_total_askp_icdc: Integer,
        /// 시간외 총 매수호가 증감
        ovtm_total_bidp_icdc: Integer,
    }
    view {
        symbol: mksc_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
        expected_price: antc_cnpr,
        expected_quantity: antc_cnqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: askp1, quantity: askp_rsqn1 },
            { price: askp2, quantity: askp_rsqn2 },
            { price: askp3, quantity: askp_rsqn3 },
            { price: askp4, quantity: askp_rsqn4 },
            { price: askp5, quantity: askp_rsqn5 },
            { price: askp6, quantity: askp_rsqn6 },
            { price: askp7, quantity: askp_rsqn7 },
            { price: askp8, quantity: askp_rsqn8 },
            { price: askp9, quantity: askp_rsqn9 },
            { price: askp10, quantity: askp_rsqn10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bidp1, quantity: bidp_rsqn1 },
            { price: bidp2, quantity: bidp_rsqn2 },
            { price: bidp3, quantity: bidp_rsqn3 },
            { price: bidp4, quantity: bidp_rsqn4 },
            { price: bidp5, quantity: bidp_rsqn5 },
            { price: bidp6, quantity: bidp_rsqn6 },
            { price: bidp7, quantity: bidp_rsqn7 },
            { price: bidp8, quantity: bidp_rsqn8 },
            { price: bidp9, quantity: bidp_rsqn9 },
            { price: bidp10, quantity: bidp_rsqn10 },
        ],
    }
}

layout! {
    /// 국내주식: a trade, or an expected one, of the single-price session (until 2026-09-14).
    pub struct OvertimeStockTrade {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// 주식체결시간
        stck_cntg_hour: Time,
        /// 주식현재가
        stck_prpr: Decimal,
        /// 전일대비구분
        prdy_vrss_sign: Sign,
        /// 전일대비
        prdy_vrss: Decimal,
        /// 등락율
        prdy_ctrt: Decimal,
        /// 가중평균주식가격
        wghn_avrg_stck_prc: Decimal,
        /// 시가
        stck_oprc: Decimal,
        /// 고가
        stck_hgpr: Decimal,
        /// 저가
        stck_lwpr: Decimal,
        /// 매도호가
        askp1: Decimal,
        /// 매수호가
        bidp1: Decimal,
        /// 거래량
        cntg_vol: Integer,
        /// 누적거래량
        acml_vol: Integer,
        /// 누적거래대금
        acml_tr_pbmn: Decimal,
        /// 매도체결건수
        seln_cntg_csnu: Integer,
        /// 매수체결건수
        shnu_cntg_csnu: Integer,
        /// 순매수체결건수
        ntby_cntg_csnu: Integer,
        /// 체결강도
        cttr: Decimal,
        /// 총매도수량
        seln_cntg_smtn: Integer,
        /// 총매수수량
        shnu_cntg_smtn: Integer,
        /// 체결구분
        cntg_cls_code: TradeSide,
        /// 매수비율
        shnu_rate: Decimal,
        /// 전일거래량대비등락율
        prdy_vol_vrss_acml_vol_rate: Decimal,
        /// 시가시간
        oprc_hour: Time,
        /// 시가대비구분
        oprc_vrss_prpr_sign: Sign,
        /// 시가대비
        oprc_vrss_prpr: Decimal,
        /// 최고가시간
        hgpr_hour: Time,
        /// 고가대비구분
        hgpr_vrss_prpr_sign: Sign,
        /// 고가대비
        hgpr_vrss_prpr: Decimal,
        /// 최저가시간
        lwpr_hour: Time,
        /// 저가대비구분
        lwpr_vrss_prpr_sign: Sign,
        /// 저가대비
        lwpr_vrss_prpr: Decimal,
        /// 영업일자
        bsop_date: Date,
        /// 신장운영구분코드
        new_mkop_cls_code: Phase,
        /// 거래정지여부
        trht_yn: Halt,
        /// 매도호가잔량1
        askp_rsqn1: Integer,
        /// 매수호가잔량1
        bidp_rsqn1: Integer,
        /// 총매도호가잔량
        total_askp_rsqn: Integer,
        /// 총매수호가잔량
        total_bidp_rsqn: Integer,
        /// 거래량회전율
        vol_tnrt: Decimal,
        /// 전일동시간누적거래량
        prdy_smns_hour_acml_vol: Integer,
        /// 전일동시간누적거래량비율
        prdy_smns_hour_acml_vol_rate: Decimal,
    }
    view {
        symbol: mksc_shrn_iscd,
        date: bsop_date,
        time: stck_cntg_hour,
        business_date: bsop_date,
        price: stck_prpr,
        quantity: cntg_vol,
        side: cntg_cls_code,
        sign: prdy_vrss_sign,
        change: prdy_vrss,
        change_rate: prdy_ctrt,
        open: stck_oprc,
        high: stck_hgpr,
        low: stck_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: askp1,
        bid: bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
    }
}
