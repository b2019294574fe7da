//! 해외주식.

layout! {
    /// 해외주식: a trade, real-time or delayed.
    pub struct OverseasStockTrade {
        /// 실시간종목코드
        rsym: OverseasKey,
        /// 종목코드
        symb: Symbol,
        /// 수수점자리수
        zdiv: Integer,
        /// 현지영업일자
        tymd: Date,
        /// 현지일자
        xymd: Date,
        /// 현지시간
        xhms: Time,
        /// 한국일자
        kymd: Date,
        /// 한국시간
        khms: Time,
        /// 시가
        open: Decimal,
        /// 고가
        high: Decimal,
        /// 저가
        low: Decimal,
        /// 현재가
        last: Decimal,
        /// 대비구분
        sign: Sign,
        /// 전일대비
        diff: Decimal,
        /// 등락율
        rate: Decimal,
        /// 매수호가
        pbid: Decimal,
        /// 매도호가
        pask: Decimal,
        /// 매수잔량
        vbid: Integer,
        /// 매도잔량
        vask: Integer,
        /// 체결량
        evol: Integer,
        /// 거래량
        tvol: Integer,
        /// 거래대금
        tamt: Decimal,
        /// 매도체결량
        bivl: Integer,
        /// 매수체결량
        asvl: Integer,
        /// 체결강도
        strn: Decimal,
        /// 시장구분
        mtyp: OverseasSession,
    }
    view {
        symbol: symb,
        date: kymd,
        time: khms,
        local_date: xymd,
        local_time: xhms,
        business_date: tymd,
        price: last,
        quantity: evol,
        sign: sign,
        change: diff,
        change_rate: rate,
        open: open,
        high: high,
        low: low,
        volume: tvol,
        turnover: tamt,
        ask: pask,
        bid: pbid,
        ask_quantity: vask,
        bid_quantity: vbid,
    }
}

layout! {
    /// 해외주식: the order book, ten levels.
    pub struct OverseasStockBook {
        /// 실시간종목코드
        rsym: OverseasKey,
        /// 종목코드
        symb: Symbol,
        /// 소숫점자리수
        zdiv: Integer,
        /// 현지일자
        xymd: Date,
        /// 현지시간
        xhms: Time,
        /// 한국일자
        kymd: Date,
        /// 한국시간
        khms: Time,
        /// 매수총잔량
        bvol: Integer,
        /// 매도총잔량
        avol: Integer,
        /// 매수총잔량대비
        bdvl: Integer,
        /// 매도총잔량대비
        advl: Integer,
        /// 매수호가1
        pbid1: Decimal,
        /// 매도호가1
        pask1: Decimal,
        /// 매수잔량1
        vbid1: Integer,
        /// 매도잔량1
        vask1: Integer,
        /// 매수잔량대비1
        dbid1: Integer,
        /// 매도잔량대비1
        dask1: Integer,
        /// 매수호가2
        pbid2: Decimal,
        /// 매도호가2
        pask2: Decimal,
        /// 매수잔량2
        vbid2: Integer,
        /// 매도잔량2
        vask2: Integer,
        /// 매수잔량대비2
        dbid2: Integer,
        /// 매도잔량대비2
        dask2: Integer,
        /// 매수호가3
        pbid3: Decimal,
        /// 매도호가3
        pask3: Decimal,
        /// 매수잔량3
        vbid3: Integer,
        /// 매도잔량3
        vask3: Integer,
        /// 매수잔량대비3
        dbid3: Integer,
        /// 매도잔량대비3
        dask3: Integer,
        /// 매수호가4
        pbid4: Decimal,
        /// 매도호가4
        pask4: Decimal,
        /// 매수잔량4
        vbid4: Integer,
        /// 매도잔량4
        vask4: Integer,
        /// 매수잔량대비4
        dbid4: Integer,
        /// 매도잔량대비4
        dask4: Integer,
        /// 매수호가5
        pbid5: Decimal,
        /// 매도호가5
        pask5: Decimal,
        /// 매수잔량5
        vbid5: Integer,
        /// 매도잔량5
        vask5: Integer,
        /// 매수잔량대비5
        dbid5: Integer,
        /// 매도잔량대비5
        dask5: Integer,
        /// 매수호가6
        pbid6: Decimal,
        /// 매도호가6
        pask6: Decimal,
        /// 매수잔량6
        vbid6: Integer,
        /// 매도잔량6
        vask6: Integer,
        /// 매수잔량대비6
        dbid6: Integer,
        /// 매도잔량대비6
        dask6: Integer,
        /// 매수호가7
        pbid7: Decimal,
        /// 매도호가7
        pask7: Decimal,
        /// 매수잔량7
        vbid7: Integer,
        /// 매도잔량7
        vask7: Integer,
        /// 매수잔량대비7
        dbid7: Integer,
        /// 매도잔량대비7
        dask7: Integer,
        /// 매수호가8
        pbid8: Decimal,
        /// 매도호가8
        pask8: Decimal,
        /// 매수잔량8
        vbid8: Integer,
        /// 매도잔량8
        vask8: Integer,
        /// 매수잔량대비8
        dbid8: Integer,
        /// 매도잔량대비8
        dask8: Integer,
        /// 매수호가9
        pbid9: Decimal,
        /// 매도호가9
        pask9: Decimal,
        /// 매수잔량9
        vbid9: Integer,
        /// 매도잔량9
        vask9: Integer,
        /// 매수잔량대비9
        dbid9: Integer,
        /// 매도잔량대비9
        dask9: Integer,
        /// 매수호가10
        pbid10: Decimal,
        /// 매도호가10
        pask10: Decimal,
        /// 매수잔량10
        vbid10: Integer,
        /// 매도잔량10
        vask10: Integer,
        /// 매수잔량대비10
        dbid10: Integer,
        /// 매도잔량대비10
        dask10: Integer,
    }
    view {
        symbol: symb,
        date: kymd,
        time: khms,
        local_date: xymd,
        local_time: xhms,
        total_ask_quantity: avol,
        total_bid_quantity: bvol,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: pask1, quantity: vask1, change: dask1 },
            { price: pask2, quantity: vask2, change: dask2 },
            { price: pask3, quantity: vask3, change: dask3 },
            { price: pask4, quantity: vask4, change: dask4 },
            { price: pask5, quantity: vask5, change: dask5 },
            { price: pask6, quantity: vask6, change: dask6 },
            { price: pask7, quantity: vask7, change: dask7 },
            { price: pask8, quantity: vask8, change: dask8 },
            { price: pask9, quantity: vask9, change: dask9 },
            { price: pask10, quantity: vask10, change: dask10 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: pbid1, quantity: vbid1, change: dbid1 },
            { price: pbid2, quantity: vbid2, change: dbid2 },
            { price: pbid3, quantity: vbid3, change: dbid3 },
            { price: pbid4, quantity: vbid4, change: dbid4 },
            { price: pbid5, quantity: vbid5, change: dbid5 },
            { price: pbid6, quantity: vbid6, change: dbid6 },
            { price: pbid7, quantity: vbid7, change: dbid7 },
            { price: pbid8, quantity: vbid8, change: dbid8 },
            { price: pbid9, quantity: vbid9, change: dbid9 },
            { price: pbid10, quantity: vbid10, change: dbid10 },
        ],
    }
}

layout! {
    /// 해외주식: the delayed order book of the Asian markets, one level.
    pub struct OverseasStockBook17 {
        /// 실시간종목코드
        rsym: OverseasKey,
        /// 종목코드
        symb: Symbol,
        /// 소숫점자리수
        zdiv: Integer,
        /// 현지일자
        xymd: Date,
        /// 현지시간
        xhms: Time,
        /// 한국일자
        kymd: Date,
        /// 한국시간
        khms: Time,
        /// 매수총잔량
        bvol: Integer,
        /// 매도총잔량
        avol: Integer,
        /// 매수총잔량대비
        bdvl: Integer,
        /// 매도총잔량대비
        advl: Integer,
        /// 매수호가1
        pbid1: Decimal,
        /// 매도호가1
        pask1: Decimal,
        /// 매수잔량1
        vbid1: Integer,
        /// 매도잔량1
        vask1: Integer,
        /// 매수잔량대비1
        dbid1: Integer,
        /// 매도잔량대비1
        dask1: Integer,
    }
    view {
        symbol: symb,
        date: kymd,
        time: khms,
        local_date: xymd,
        local_time: xhms,
        total_ask_quantity: avol,
        total_bid_quantity: bvol,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: pask1, quantity: vask1, change: dask1 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: pbid1, quantity: vbid1, change: dbid1 },
        ],
    }
}

layout! {
    /// 해외주식: an order notice.
    pub struct OverseasStockNotice {
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
        oder_kind2: OverseasOrderKind,
        /// 주식 단축 종목코드
        stck_shrn_iscd: Symbol,
        /// 체결수량
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
        /// 주문 수량
        oder_qty: Integer,
        /// 계좌명
        acnt_name: Private,
        /// 체결종목명
        cntg_isnm: Text,
        /// 해외종목구분
        oder_cond: OverseasMarket,
        /// 담보유형코드
        debt_gb: Collateral,
        /// 담보대출일자
        debt_date: Date,
        /// 분할매수/매도 시작시간
        start_tm: Time,
        /// 분할매수/매도 종료시간
        end_tm: Time,
        /// 시간분할타입유형
        tm_div_tp: TimeSplit,
        /// 체결단가12
        cntg_unpr12: Decimal,
    }
    view {
        symbol: stck_shrn_iscd,
        time: stck_cntg_hour,
    }
}
