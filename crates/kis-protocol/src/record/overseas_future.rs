//! 해외선물옵션.

layout! {
    /// 해외선물옵션: a trade.
    pub struct OverseasFutureTrade {
        /// 종목코드
        series_cd: Symbol,
        /// 영업일자
        bsns_date: Date,
        /// 장개시일자
        mrkt_open_date: Date,
        /// 장개시시각
        mrkt_open_time: Time,
        /// 장종료일자
        mrkt_close_date: Date,
        /// 장종료시각
        mrkt_close_time: Time,
        /// 전일종가
        prev_price: Decimal,
        /// 수신일자
        recv_date: Date,
        /// 수신시각
        recv_time: Time,
        /// 본장_전산장구분
        active_flag: Code,
        /// 체결가격
        last_price: Decimal,
        /// 체결수량
        last_qntt: Integer,
        /// 전일대비가
        prev_diff_price: Decimal,
        /// 등락률
        prev_diff_rate: Decimal,
        /// 시가
        open_price: Decimal,
        /// 고가
        high_price: Decimal,
        /// 저가
        low_price: Decimal,
        /// 누적거래량
        vol: Integer,
        /// 전일대비부호
        prev_sign: Sign,
        /// 체결구분
        quotsign: QuoteSide,
        /// 수신시각2 만분의일초
        recv_time2: Text,
        /// 전일정산가
        psttl_price: Decimal,
        /// 전일정산가대비
        psttl_sign: Sign,
        /// 전일정산가대비가격
        psttl_diff_price: Decimal,
        /// 전일정산가대비율
        psttl_diff_rate: Decimal,
    }
    view {
        symbol: series_cd,
        date: recv_date,
        time: recv_time,
        business_date: bsns_date,
        price: last_price,
        quantity: last_qntt,
        side: quotsign,
        sign: prev_sign,
        change: prev_diff_price,
        change_rate: prev_diff_rate,
        open: open_price,
        high: high_price,
        low: low_price,
        volume: vol,
    }
}

layout! {
    /// 해외선물옵션: the order book, five levels.
    pub struct OverseasFutureBook {
        /// 종목코드
        series_cd: Symbol,
        /// 수신일자
        recv_date: Date,
        /// 수신시각
        recv_time: Time,
        /// 전일종가
        prev_price: Decimal,
        /// 매수1수량
        bid_qntt_1: Integer,
        /// 매수1번호
        bid_num_1: Integer,
        /// 매수1호가
        bid_price_1: Decimal,
        /// 매도1수량
        ask_qntt_1: Integer,
        /// 매도1번호
        ask_num_1: Integer,
        /// 매도1호가
        ask_price_1: Decimal,
        /// 매수2수량
        bid_qntt_2: Integer,
        /// 매수2번호
        bid_num_2: Integer,
        /// 매수2호가
        bid_price_2: Decimal,
        /// 매도2수량
        ask_qntt_2: Integer,
        /// 매도2번호
        ask_num_2: Integer,
        /// 매도2호가
        ask_price_2: Decimal,
        /// 매수3수량
        bid_qntt_3: Integer,
        /// 매수3번호
        bid_num_3: Integer,
        /// 매수3호가
        bid_price_3: Decimal,
        /// 매도3수량
        ask_qntt_3: Integer,
        /// 매도3번호
        ask_num_3: Integer,
        /// 매도3호가
        ask_price_3: Decimal,
        /// 매수4수량
        bid_qntt_4: Integer,
        /// 매수4번호
        bid_num_4: Integer,
        /// 매수4호가
        bid_price_4: Decimal,
        /// 매도4수량
        ask_qntt_4: Integer,
        /// 매도4번호
        ask_num_4: Integer,
        /// 매도4호가
        ask_price_4: Decimal,
        /// 매수5수량
        bid_qntt_5: Integer,
        /// 매수5번호
        bid_num_5: Integer,
        /// 매수5호가
        bid_price_5: Decimal,
        /// 매도5수량
        ask_qntt_5: Integer,
        /// 매도5번호
        ask_num_5: Integer,
        /// 매도5호가
        ask_price_5: Decimal,
        /// 전일정산가
        sttl_price: Decimal,
    }
    view {
        symbol: series_cd,
        date: recv_date,
        time: recv_time,
    }
    rows Level {
        /// 매도호가: the asks, best first.
        asks: [
            { price: ask_price_1, quantity: ask_qntt_1, orders: ask_num_1 },
            { price: ask_price_2, quantity: ask_qntt_2, orders: ask_num_2 },
            { price: ask_price_3, quantity: ask_qntt_3, orders: ask_num_3 },
            { price: ask_price_4, quantity: ask_qntt_4, orders: ask_num_4 },
            { price: ask_price_5, quantity: ask_qntt_5, orders: ask_num_5 },
        ],
        /// 매수호가: the bids, best first.
        bids: [
            { price: bid_price_1, quantity: bid_qntt_1, orders: bid_num_1 },
            { price: bid_price_2, quantity: bid_qntt_2, orders: bid_num_2 },
            { price: bid_price_3, quantity: bid_qntt_3, orders: bid_num_3 },
            { price: bid_price_4, quantity: bid_qntt_4, orders: bid_num_4 },
            { price: bid_price_5, quantity: bid_qntt_5, orders: bid_num_5 },
        ],
    }
}

layout! {
    /// 해외선물옵션: an order notice (주문내역).
    pub struct OverseasFutureOrderNotice {
        /// 유저ID
        user_id: Private,
        /// 계좌번호
        acct_no: Private,
        /// 주문일자
        ord_dt: Date,
        /// 주문번호
        odno: Text,
        /// 원주문일자
        orgn_ord_dt: Date,
        /// 원주문번호
        orgn_odno: Text,
        /// 종목명
        series: Symbol,
        /// 정정취소구분코드
        rvse_cncl_dvsn_cd: Revision,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: OrderSide,
        /// 복합주문구분코드
        cplx_ord_dvsn_cd: Code,
        /// 가격구분코드
        prce_tp: PriceType,
        /// FM거래소접수구분코드
        fm_excg_rcit_dvsn_cd: ExchangeReceipt,
        /// 주문수량
        ord_qty: Integer,
        /// FMLIMIT가격
        fm_lmt_pric: Decimal,
        /// FMSTOP주문가격
        fm_stop_ord_pric: Decimal,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 총체결단가
        tot_ccld_uv: Decimal,
        /// 잔량
        ord_remq: Integer,
        /// FM주문그룹일자
        fm_ord_grp_dt: Date,
        /// 주문그룹번호
        ord_grp_stno: Text,
        /// 주문상세일시
        ord_dtl_dtime: Text,
        /// 조작상세일시
        oprt_dtl_dtime: Text,
        /// 주문자
        work_empl: Private,
        /// 통화코드
        crcy_cd: Code,
        /// 청산여부(Y/N)
        lqd_yn: Flag,
        /// 청산LIMIT가격
        lqd_lmt_pric: Decimal,
        /// 청산STOP가격
        lqd_stop_pric: Decimal,
        /// 체결조건코드
        trd_cond: Code,
        /// 기간주문유효상세일시
        term_ord_vald_dtime: Text,
        /// 계좌청산유형구분코드
        spec_tp: Code,
        /// 행사예약주문여부
        ecis_rsvn_ord_yn: Flag,
        /// 선물옵션종목구분코드
        fuop_item_dvsn_cd: Code,
        /// 자동주문 전략구분
        auto_ord_dvsn_cd: Code,
    }
    view {
        symbol: series,
    }
}

layout! {
    /// 해외선물옵션: a fill notice (체결내역).
    pub struct OverseasFutureFillNotice {
        /// 유저ID
        user_id: Private,
        /// 계좌번호
        acct_no: Private,
        /// 주문일자
        ord_dt: Date,
        /// 주문번호
        odno: Text,
        /// 원주문일자
        orgn_ord_dt: Date,
        /// 원주문번호
        orgn_odno: Text,
        /// 종목명
        series: Symbol,
        /// 정정취소구분코드
        rvse_cncl_dvsn_cd: Revision,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: OrderSide,
        /// 복합주문구분코드
        cplx_ord_dvsn_cd: Code,
        /// 가격구분코드
        prce_tp: PriceType,
        /// FM거래소접수구분코드
        fm_excg_rcit_dvsn_cd: ExchangeReceipt,
        /// 주문수량
        ord_qty: Integer,
        /// FMLIMIT가격
        fm_lmt_pric: Decimal,
        /// FMSTOP주문가격
        fm_stop_ord_pric: Decimal,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 총체결단가
        tot_ccld_uv: Decimal,
        /// 잔량
        ord_remq: Integer,
        /// FM주문그룹일자
        fm_ord_grp_dt: Date,
        /// 주문그룹번호
        ord_grp_stno: Text,
        /// 주문상세일시
        ord_dtl_dtime: Text,
        /// 조작상세일시
        oprt_dtl_dtime: Text,
        /// 주문자
        work_empl: Private,
        /// 체결일자
        ccld_dt: Date,
        /// 체결번호
        ccno: Text,
        /// API 체결번호
        api_ccno: Text,
        /// 체결수량
        ccld_qty: Integer,
        /// FM체결가격
        fm_ccld_pric: Decimal,
        /// 통화코드
        crcy_cd: Code,
        /// 위탁수수료
        trst_fee: Decimal,
        /// 주문매체온라인여부
        ord_mdia_online_yn: Code,
        /// FM체결금액
        fm_ccld_amt: Decimal,
        /// 선물옵션종목구분코드
        fuop_item_dvsn_cd: Code,
    }
    view {
        symbol: series,
    }
}
