//! 지수선물, 상품선물 and 야간선물, with the notices of all futures and options.

layout! {
    /// 지수선물·상품선물: a trade.
    pub struct FutureTrade {
        /// 선물 단축 종목코드
        futs_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 선물 전일 대비
        futs_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 선물 시가2
        futs_oprc: Decimal,
        /// 선물 최고가
        futs_hgpr: Decimal,
        /// 선물 최저가
        futs_lwpr: Decimal,
        /// 최종 거래량
        last_cnqn: Integer,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 시장 베이시스
        mrkt_basis: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 근월물 약정가
        nmsc_fctn_stpl_prc: Decimal,
        /// 원월물 약정가
        fmsc_fctn_stpl_prc: Decimal,
        /// 스프레드1
        spead_prc: Decimal,
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
        /// 체결강도
        cttr: Decimal,
        /// 괴리도
        esdg: Decimal,
        /// 미결제 약정 직전 수량 증감
        otst_stpl_rgbf_qty_icdc: Integer,
        /// 이론 베이시스
        thpr_basis: Decimal,
        /// 선물 매도호가1
        futs_askp1: Decimal,
        /// 선물 매수호가1
        futs_bidp1: Decimal,
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
        /// 협의 대량 거래량
        dscs_bltr_acml_qty: Integer,
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
        price: futs_prpr,
        quantity: last_cnqn,
        sign: prdy_vrss_sign,
        change: futs_prdy_vrss,
        change_rate: futs_prdy_ctrt,
        open: futs_oprc,
        high: futs_hgpr,
        low: futs_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: futs_askp1,
        bid: futs_bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
        open_interest: hts_otst_stpl_qty,
    }
}

layout! {
    /// KRX 야간선물: a trade.
    ///
    /// The wire has sent 46 columns so far, without the three price limits.
    pub struct NightFutureTrade {
        /// 선물 단축 종목코드
        futs_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
        /// 선물 전일 대비
        futs_prdy_vrss: Decimal,
        /// 전일 대비 부호
        prdy_vrss_sign: Sign,
        /// 선물 전일 대비율
        futs_prdy_ctrt: Decimal,
        /// 선물 현재가
        futs_prpr: Decimal,
        /// 선물 시가2
        futs_oprc: Decimal,
        /// 선물 최고가
        futs_hgpr: Decimal,
        /// 선물 최저가
        futs_lwpr: Decimal,
        /// 최종 거래량
        last_cnqn: Integer,
        /// 누적 거래량
        acml_vol: Integer,
        /// 누적 거래 대금
        acml_tr_pbmn: Decimal,
        /// HTS 이론가
        hts_thpr: Decimal,
        /// 시장 베이시스
        mrkt_basis: Decimal,
        /// 괴리율
        dprt: Decimal,
        /// 근월물 약정가
        nmsc_fctn_stpl_prc: Decimal,
        /// 원월물 약정가
        fmsc_fctn_stpl_prc: Decimal,
        /// 스프레드1
        spead_prc: Decimal,
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
        /// 체결강도
        cttr: Decimal,
        /// 괴리도
        esdg: Decimal,
        /// 미결제 약정 직전 수량 증감
        otst_stpl_rgbf_qty_icdc: Integer,
        /// 이론 베이시스
        thpr_basis: Decimal,
        /// 선물 매도호가1
        futs_askp1: Decimal,
        /// 선물 매수호가1
        futs_bidp1: Decimal,
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
        price: futs_prpr,
        quantity: last_cnqn,
        sign: prdy_vrss_sign,
        change: futs_prdy_vrss,
        change_rate: futs_prdy_ctrt,
        open: futs_oprc,
        high: futs_hgpr,
        low: futs_lwpr,
        volume: acml_vol,
        turnover: acml_tr_pbmn,
        ask: futs_askp1,
        bid: futs_bidp1,
        ask_quantity: askp_rsqn1,
        bid_quantity: bidp_rsqn1,
        open_interest: hts_otst_stpl_qty,
    }
}

layout! {
    /// 지수선물·상품선물·야간선물: the order book, five levels.
    ///
    /// At night the columns after `total_bidp_rsqn` hold uninitialised memory, which
    /// may even contain the separator.
    pub struct FutureBook {
        /// 선물 단축 종목코드
        futs_shrn_iscd: Symbol,
        /// 영업 시간
        bsop_hour: Time,
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
        /// 선물 매수호가2
        futs_bidp2: Decimal,
        /// 선물 매수호가3
        futs_bidp3: Decimal,
        /// 선물 매수호가4
        futs_bidp4: Decimal,
        /// 선물 매수호가5
        futs_bidp5: Decimal,
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
        symbol: futs_shrn_iscd,
        time: bsop_hour,
        total_ask_quantity: total_askp_rsqn,
        total_bid_quantity: total_bidp_rsqn,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: futs_askp1, quantity: askp_rsqn1, orders: askp_csnu1 },
            { price: futs_askp2, quantity: askp_rsqn2, orders: askp_csnu2 },
            { price: futs_askp3, quantity: askp_rsqn3, orders: askp_csnu3 },
            { price: futs_askp4, quantity: askp_rsqn4, orders: askp_csnu4 },
            { price: futs_askp5, quantity: askp_rsqn5, orders: askp_csnu5 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: futs_bidp1, quantity: bidp_rsqn1, orders: bidp_csnu1 },
            { price: futs_bidp2, quantity: bidp_rsqn2, orders: bidp_csnu2 },
            { price: futs_bidp3, quantity: bidp_rsqn3, orders: bidp_csnu3 },
            { price: futs_bidp4, quantity: bidp_rsqn4, orders: bidp_csnu4 },
            { price: futs_bidp5, quantity: bidp_rsqn5, orders: bidp_csnu5 },
        ],
    }
}

layout! {
    /// 선물옵션: an order notice.
    pub struct FutureOptionNotice {
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
        /// 주문종류2
        oder_kind2: FutureNoticeKind,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Symbol,
        /// 체결 수량
        cntg_qty: Integer,
        /// 체결단가
        cntg_unpr: Decimal,
        /// 주식 체결 시간
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
        /// 체결종목명
        cntg_isnm: Text,
        /// 주문조건
        oder_cond: Code,
        /// 주문그룹ID
        ord_grp: Text,
        /// 주문그룹SEQ
        ord_grpseq: Text,
        /// 주문가격
        order_prc: Decimal,
    }
    view {
        symbol: stck_shrn_iscd,
        time: stck_cntg_hour,
    }
}

layout! {
    /// KRX 야간선물·옵션: an order notice.
    pub struct NightNotice {
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
        /// 주문종류2
        oder_kind2: FutureNoticeKind,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Symbol,
        /// 체결 수량
        cntg_qty: Integer,
        /// 체결단가
        cntg_unpr: Decimal,
        /// 주식 체결 시간
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
        /// 체결종목명
        cntg_isnm: Text,
        /// 주문조건
        oder_cond: Code,
    }
    view {
        symbol: stck_shrn_iscd,
        time: stck_cntg_hour,
    }
}
