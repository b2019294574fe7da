//! An account's Korean futures and options: positions, what it can order, its orders. The
//! night session has calls of its own.

use crate::{
    code::{Executed, Side, Sides},
    rest::{
        Account, FutureOptionPricing,
        macros::{answers, requests, rows},
    },
    time::Date,
};

requests! {
    /// 선물옵션 잔고현황: what an account holds, and its totals.
    FutureOptionBalance: "domestic-futureoption/inquire-balance" -> FutureOptionBalanceAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        "MGNA_DVSN": "01",
        "EXCC_STAT_CD": "1",
    }

    /// 선물옵션 주문가능: how much can be ordered.
    FutureOptionOrderable<'a>: "domestic-futureoption/inquire-psbl-order"
        -> FutureOptionOrderableAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// Whether to buy or to sell.
        side: Side => "SLL_BUY_DVSN_CD",
        /// At which price.
        pricing: FutureOptionPricing => "ORD_DVSN_CD" "UNIT_PRICE",
    }

    /// 선물옵션 주문체결내역조회: orders and what became of them, the last one first.
    FutureOptionExecutions<'a>: "domestic-futureoption/inquire-ccnl"
        -> FutureOptionExecutionsAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The first day.
        from: Date => "STRT_ORD_DT",
        /// The last day.
        to: Date => "END_ORD_DT",
        /// On which side.
        sides: Sides => "SLL_BUY_DVSN_CD",
        /// What became of them.
        executed: Executed => "CCLD_NCCS_DVSN",
        /// 종목코드; `None` for all.
        symbol: Option<&'a str> => "PDNO",
        "SORT_SQN": "DS",
    }

    /// (야간)선물옵션 잔고현황: what an account holds, in the night session.
    NightFutureOptionBalance: "domestic-futureoption/inquire-ngt-balance"
        -> NightFutureOptionBalanceAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        "MGNA_DVSN": "01",
        "EXCC_STAT_CD": "1",
    }

    /// (야간)선물옵션 주문가능 조회: how much can be ordered, in the night session.
    NightFutureOptionOrderable<'a>: "domestic-futureoption/inquire-psbl-ngt-order"
        -> NightFutureOptionOrderableAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// Whether to buy or to sell.
        side: Side => "SLL_BUY_DVSN_CD",
        /// At which price.
        pricing: FutureOptionPricing => "ORD_DVSN_CD" "UNIT_PRICE",
        "PRDT_TYPE_CD": "301",
    }

    /// (야간)선물옵션 주문체결 내역조회: orders of the night session and what became of them.
    NightFutureOptionExecutions<'a>: "domestic-futureoption/inquire-ngt-ccnl"
        -> NightFutureOptionExecutionsAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The first day.
        from: Date => "STRT_ORD_DT",
        /// The day after the last one.
        to: Date => "END_ORD_DT",
        /// On which side.
        sides: Sides => "SLL_BUY_DVSN_CD",
        /// What became of them.
        executed: Executed => "CCLD_NCCS_DVSN",
        /// 종목코드; `None` for all.
        symbol: Option<&'a str> => "PDNO",
    }
}

answers! {
    /// What [`FutureOptionBalance`] is answered: positions and totals.
    FutureOptionBalanceAnswer {
        output1: Vec<FutureOptionPosition>,
        output2: FutureOptionTotals,
    }

    /// What [`FutureOptionOrderable`] is answered.
    FutureOptionOrderableAnswer { output: FutureOptionOrderableRow, }

    /// What [`FutureOptionExecutions`] is answered: orders and totals.
    FutureOptionExecutionsAnswer {
        output1: Vec<FutureOptionExecution>,
        output2: FutureOptionExecutionTotals,
    }

    /// What [`NightFutureOptionBalance`] is answered: positions and totals.
    NightFutureOptionBalanceAnswer {
        output1: Vec<NightFutureOptionPosition>,
        output2: NightFutureOptionTotals,
    }

    /// What [`NightFutureOptionOrderable`] is answered.
    NightFutureOptionOrderableAnswer { output: NightFutureOptionOrderableRow, }

    /// What [`NightFutureOptionExecutions`] is answered: orders and totals.
    NightFutureOptionExecutionsAnswer {
        output1: Vec<NightFutureOptionExecution>,
        output2: NightFutureOptionExecutionTotals,
    }
}

rows! {
    /// A position.
    FutureOptionPosition {
        /// 종합계좌번호
        cano: Private,
        /// 계좌상품코드
        acnt_prdt_cd: Private,
        /// 상품번호
        pdno: Text,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 단축상품번호
        shtn_pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 매도매수구분명
        sll_buy_dvsn_name: Text,
        /// 잔고수량
        cblc_qty: Integer,
        /// 정산단가
        excc_unpr: Decimal,
        /// 체결평균단가1
        ccld_avg_unpr1: Decimal,
        /// 지수종가
        idx_clpr: Decimal,
        /// 매입금액
        pchs_amt: Decimal,
        /// 평가금액
        evlu_amt: Decimal,
        /// 평가손익금액
        evlu_pfls_amt: Decimal,
        /// 매매손익금액
        trad_pfls_amt: Decimal,
        /// 청산가능수량
        lqd_psbl_qty: Integer,
    }

    /// The totals of an account.
    FutureOptionTotals {
        /// 예수금현금
        dnca_cash: Decimal,
        /// 외화예수금액
        frcr_dncl_amt: Decimal,
        /// 예수금대용
        dnca_sbst: Decimal,
        /// 총예수금액
        tot_dncl_amt: Decimal,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 현금증거금
        cash_mgna: Decimal,
        /// 대용증거금
        sbst_mgna: Decimal,
        /// 증거금총액
        mgna_tota: Decimal,
        /// 옵션차금
        opt_dfpa: Decimal,
        /// 당일차금
        thdt_dfpa: Decimal,
        /// 갱신차금
        rnwl_dfpa: Decimal,
        /// 수수료
        fee: Decimal,
        /// 익일예수금
        nxdy_dnca: Decimal,
        /// 익일예수금액
        nxdy_dncl_amt: Decimal,
        /// 추정예탁자산
        prsm_dpast: Decimal,
        /// 추정예탁자산금액
        prsm_dpast_amt: Decimal,
        /// 적정주문가능현금
        pprt_ord_psbl_cash: Decimal,
        /// 추가증거금현금
        add_mgna_cash: Decimal,
        /// 추가증거금총액
        add_mgna_tota: Decimal,
        /// 선물매매손익금액
        futr_trad_pfls_amt: Decimal,
        /// 옵션매매손익금액
        opt_trad_pfls_amt: Decimal,
        /// 선물평가손익금액
        futr_evlu_pfls_amt: Decimal,
        /// 옵션평가손익금액
        opt_evlu_pfls_amt: Decimal,
        /// 매매손익금액합계
        trad_pfls_amt_smtl: Decimal,
        /// 평가손익금액합계
        evlu_pfls_amt_smtl: Decimal,
        /// 인출가능총금액
        wdrw_psbl_tot_amt: Decimal,
        /// 주문가능현금
        ord_psbl_cash: Decimal,
        /// 주문가능대용
        ord_psbl_sbst: Decimal,
        /// 주문가능총액
        ord_psbl_tota: Decimal,
        /// 매입금액합계
        pchs_amt_smtl: Decimal,
        /// 평가금액합계
        evlu_amt_smtl: Decimal,
    }

    /// How much can be ordered.
    FutureOptionOrderableRow {
        /// 총가능수량
        tot_psbl_qty: Integer,
        /// 청산가능수량1
        lqd_psbl_qty1: Integer,
        /// 주문가능수량
        ord_psbl_qty: Integer,
        /// 기준지수
        bass_idx: Decimal,
    }

    /// An order, and how much of it was executed.
    FutureOptionExecution {
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 종합계좌번호
        cano: Private,
        /// 종합계좌명
        csac_name: Private,
        /// 계좌상품코드
        acnt_prdt_cd: Private,
        /// 주문일자
        ord_dt: Date,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 호가유형코드
        nmpr_type_cd: Text,
        /// 호가유형명
        nmpr_type_name: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 주문수량
        ord_qty: Integer,
        /// 주문지수
        ord_idx: Decimal,
        /// 잔량
        qty: Integer,
        /// 주문시각
        ord_tmd: Time,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 평균지수
        avg_idx: Decimal,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 거부수량
        rjct_qty: Integer,
        /// 장내매매거부사유코드
        ingr_trad_rjct_rson_cd: Text,
        /// 장내매매거부사유명
        ingr_trad_rjct_rson_name: Text,
        /// 주문직원번호
        ord_stfno: Private,
        /// 스프레드종목여부
        sprd_item_yn: Flag,
        /// 주문IP주소
        ord_ip_addr: Private,
    }

    /// The totals of orders.
    FutureOptionExecutionTotals {
        /// 총주문수량
        tot_ord_qty: Integer,
        /// 총체결금액합계
        tot_ccld_amt_smtl: Decimal,
        /// 총체결수량합계
        tot_ccld_qty_smtl: Integer,
        /// 수수료합계
        fee_smtl: Decimal,
        /// 연락전화번호
        ctac_tlno: Private,
    }

    /// A position, in the night session.
    NightFutureOptionPosition {
        /// 종합계좌번호
        cano: Private,
        /// 계좌상품코드
        acnt_prdt_cd: Private,
        /// 상품번호
        pdno: Text,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 단축상품번호
        shtn_pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 매도매수구분명
        sll_buy_dvsn_name: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 잔고수량
        cblc_qty: Integer,
        /// 정산단가
        excc_unpr: Decimal,
        /// 체결평균단가1
        ccld_avg_unpr1: Decimal,
        /// 지수종가
        idx_clpr: Decimal,
        /// 매입금액
        pchs_amt: Decimal,
        /// 평가금액
        evlu_amt: Decimal,
        /// 평가손익금액
        evlu_pfls_amt: Decimal,
        /// 매매손익금액
        trad_pfls_amt: Decimal,
        /// 청산가능수량
        lqd_psbl_qty: Integer,
    }

    /// The totals of an account, in the night session.
    NightFutureOptionTotals {
        /// 예수금현금
        dnca_cash: Decimal,
        /// 외화예수금액
        frcr_dncl_amt: Decimal,
        /// 예수금대용
        dnca_sbst: Decimal,
        /// 총예수금액
        tot_dncl_amt: Decimal,
        /// 현금증거금
        cash_mgna: Decimal,
        /// 대용증거금
        sbst_mgna: Decimal,
        /// 증거금총액
        mgna_tota: Decimal,
        /// 옵션차금
        opt_dfpa: Decimal,
        /// 당일차금
        thdt_dfpa: Decimal,
        /// 갱신차금
        rnwl_dfpa: Decimal,
        /// 수수료
        fee: Decimal,
        /// 익일예수금
        nxdy_dnca: Decimal,
        /// 익일예수금액
        nxdy_dncl_amt: Decimal,
        /// 추정예탁자산
        prsm_dpast: Decimal,
        /// 적정주문가능현금
        pprt_ord_psbl_cash: Decimal,
        /// 추가증거금현금
        add_mgna_cash: Decimal,
        /// 추가증거금총액
        add_mgna_tota: Decimal,
        /// 선물매매손익금액
        futr_trad_pfls_amt: Decimal,
        /// 옵션매매손익금액
        opt_trad_pfls_amt: Decimal,
        /// 선물평가손익금액
        futr_evlu_pfls_amt: Decimal,
        /// 옵션평가손익금액
        opt_evlu_pfls_amt: Decimal,
        /// 매매손익금액합계
        trad_pfls_amt_smtl: Decimal,
        /// 평가손익금액합계
        evlu_pfls_amt_smtl: Decimal,
        /// 인출가능총금액
        wdrw_psbl_tot_amt: Decimal,
        /// 주문가능현금
        ord_psbl_cash: Decimal,
        /// 주문가능대용
        ord_psbl_sbst: Decimal,
        /// 주문가능총액
        ord_psbl_tota: Decimal,
        /// 유지증거금총금액
        mmga_tot_amt: Decimal,
        /// 유지증거금현금금액
        mmga_cash_amt: Decimal,
        /// 유지비율
        mtnc_rt: Decimal,
        /// 부족금액
        isfc_amt: Decimal,
        /// 매입금액합계
        pchs_amt_smtl: Decimal,
        /// 평가금액합계
        evlu_amt_smtl: Decimal,
    }

    /// How much can be ordered, in the night session.
    NightFutureOptionOrderableRow {
        /// 최대주문가능수량
        max_ord_psbl_qty: Integer,
        /// 최대주문가능수량
        tot_psbl_qty: Integer,
        /// 청산가능수량
        lqd_psbl_qty: Integer,
        /// 청산가능수량
        lqd_psbl_qty_1: Decimal,
        /// 주문가능수량
        ord_psbl_qty: Integer,
        /// 기준지수
        bass_idx: Decimal,
    }

    /// An order of the night session, and how much of it was executed.
    NightFutureOptionExecution {
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 종합계좌번호
        cano: Private,
        /// 종합계좌명
        csac_name: Private,
        /// 계좌상품코드
        acnt_prdt_cd: Private,
        /// 주문일자
        ord_dt: Date,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 호가유형명
        nmpr_type_name: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 주문수량
        ord_qty: Integer,
        /// 주문지수
        ord_idx4: Decimal,
        /// 잔량
        qty: Integer,
        /// 주문시각
        ord_tmd: Time,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 평균지수
        avg_idx: Decimal,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 거부수량
        rjct_qty: Integer,
        /// 장내매매거부사유코드
        ingr_trad_rjct_rson_cd: Text,
        /// 장내매매거부사유명
        ingr_trad_rjct_rson_name: Text,
        /// 주문직원번호
        ord_stfno: Private,
        /// 스프레드종목여부
        sprd_item_yn: Flag,
        /// 주문IP주소
        ord_ip_addr: Private,
    }

    /// The totals of orders of the night session.
    NightFutureOptionExecutionTotals {
        /// 총주문수량
        tot_ord_qty: Integer,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 총체결수량
        tot_ccld_qty_smtl: Integer,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 총체결금액
        tot_ccld_amt_smtl: Decimal,
        /// 수수료
        fee: Decimal,
        /// 연락전화번호
        ctac_tlno: Private,
    }
}
