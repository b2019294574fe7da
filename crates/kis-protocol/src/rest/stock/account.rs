//! An account's Korean stocks: what it holds, what it can buy, its orders.

use crate::{
    code::{Executed, OrderPeriod, Sides, StockExchange},
    rest::{
        Account, StockPricing,
        macros::{answers, requests, rows},
    },
    time::Date,
};

requests! {
    /// 주식잔고조회: what an account holds, stock by stock, and its totals.
    StockBalance: "domestic-stock/inquire-balance" -> StockBalanceAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        "INQR_DVSN": "02",
        "FUND_STTL_ICLD_YN": "N",
        "PRCS_DVSN": "00",
    }

    /// 매수가능조회: how much of a stock can be bought.
    StockBuyable<'a>: "domestic-stock/inquire-psbl-order" -> StockBuyableAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// At which price.
        pricing: StockPricing<'a> => "ORD_DVSN" "ORD_UNPR",
        "CMA_EVLU_AMT_ICLD_YN": "N",
        "OVRS_ICLD_YN": "N",
    }

    /// 매도가능수량조회: how much of a stock can be sold.
    StockSellable<'a>: "domestic-stock/inquire-psbl-sell" -> StockSellableAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
    }

    /// 주식정정취소가능주문조회: open orders. Paper trading has [`StockExecutions`] for it.
    StockOpenOrders: "domestic-stock/inquire-psbl-rvsecncl" -> StockOpenOrdersAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        "INQR_DVSN_1": "0",
        "INQR_DVSN_2": "0",
    }

    /// 주식일별주문체결조회: orders and what became of them, the last one first.
    StockExecutions<'a>: "domestic-stock/inquire-daily-ccld" -> StockExecutionsAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// How long ago they were.
        period: OrderPeriod => "period",
        /// The first day.
        from: Date => "INQR_STRT_DT",
        /// The last day.
        to: Date => "INQR_END_DT",
        /// On which side.
        sides: Sides => "SLL_BUY_DVSN_CD",
        /// What became of them.
        executed: Executed => "CCLD_DVSN",
        /// 종목코드; `None` for all.
        symbol: Option<&'a str> => "PDNO",
        /// 주문번호; `None` for all.
        number: Option<&'a str> => "ODNO",
        /// Where they were sent; `None` for KIS' default.
        exchange: Option<StockExchange<'a>> => "EXCG_ID_DVSN_CD",
        "INQR_DVSN": "00",
        "INQR_DVSN_3": "00",
    }
}

answers! {
    /// What [`StockBalance`] is answered: stocks, and one row of totals.
    StockBalanceAnswer { output1: Vec<StockHolding>, output2: Vec<StockTotals>, }

    /// What [`StockBuyable`] is answered.
    StockBuyableAnswer { output: StockBuyableRow, }

    /// What [`StockSellable`] is answered. KIS' sample calls it `output`.
    StockSellableAnswer { output1 | "output": StockSellableRow, }

    /// What [`StockOpenOrders`] is answered.
    StockOpenOrdersAnswer { output: Vec<StockOpenOrder>, }

    /// What [`StockExecutions`] is answered: orders and totals.
    StockExecutionsAnswer { output1: Vec<StockExecution>, output2: StockExecutionTotals, }
}

rows! {
    /// A stock that an account holds.
    StockHolding {
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 전일매수수량
        bfdy_buy_qty: Integer,
        /// 전일매도수량
        bfdy_sll_qty: Integer,
        /// 금일매수수량
        thdt_buyqty: Integer,
        /// 금일매도수량
        thdt_sll_qty: Integer,
        /// 보유수량
        hldg_qty: Integer,
        /// 주문가능수량
        ord_psbl_qty: Integer,
        /// 매입평균가격
        pchs_avg_pric: Decimal,
        /// 매입금액
        pchs_amt: Decimal,
        /// 현재가
        prpr: Decimal,
        /// 평가금액
        evlu_amt: Decimal,
        /// 평가손익금액
        evlu_pfls_amt: Decimal,
        /// 평가손익율
        evlu_pfls_rt: Decimal,
        /// 평가수익율
        evlu_erng_rt: Decimal,
        /// 대출일자
        loan_dt: Date,
        /// 대출금액
        loan_amt: Decimal,
        /// 대주매각대금
        stln_slng_chgs: Decimal,
        /// 만기일자
        expd_dt: Date,
        /// 등락율
        fltt_rt: Decimal,
        /// 전일대비증감
        bfdy_cprs_icdc: Decimal,
        /// 종목증거금율명
        item_mgna_rt_name: Text,
        /// 보증금율명
        grta_rt_name: Text,
        /// 대용가격
        sbst_pric: Decimal,
        /// 주식대출단가
        stck_loan_unpr: Decimal,
    }

    /// The totals of an account.
    StockTotals {
        /// 예수금총금액
        dnca_tot_amt: Decimal,
        /// 익일정산금액
        nxdy_excc_amt: Decimal,
        /// 가수도정산금액
        prvs_rcdl_excc_amt: Decimal,
        /// CMA평가금액
        cma_evlu_amt: Decimal,
        /// 전일매수금액
        bfdy_buy_amt: Decimal,
        /// 금일매수금액
        thdt_buy_amt: Decimal,
        /// 익일자동상환금액
        nxdy_auto_rdpt_amt: Decimal,
        /// 전일매도금액
        bfdy_sll_amt: Decimal,
        /// 금일매도금액
        thdt_sll_amt: Decimal,
        /// D+2자동상환금액
        d2_auto_rdpt_amt: Decimal,
        /// 전일제비용금액
        bfdy_tlex_amt: Decimal,
        /// 금일제비용금액
        thdt_tlex_amt: Decimal,
        /// 총대출금액
        tot_loan_amt: Decimal,
        /// 유가평가금액
        scts_evlu_amt: Decimal,
        /// 총평가금액
        tot_evlu_amt: Decimal,
        /// 순자산금액
        nass_amt: Decimal,
        /// 융자금자동상환여부
        fncg_gld_auto_rdpt_yn: Flag,
        /// 매입금액합계금액
        pchs_amt_smtl_amt: Decimal,
        /// 평가금액합계금액
        evlu_amt_smtl_amt: Decimal,
        /// 평가손익합계금액
        evlu_pfls_smtl_amt: Decimal,
        /// 총대주매각대금
        tot_stln_slng_chgs: Decimal,
        /// 전일총자산평가금액
        bfdy_tot_asst_evlu_amt: Decimal,
        /// 자산증감액
        asst_icdc_amt: Decimal,
        /// 자산증감수익율
        asst_icdc_erng_rt: Decimal,
    }

    /// How much can be bought.
    StockBuyableRow {
        /// 주문가능현금
        ord_psbl_cash: Decimal,
        /// 주문가능대용
        ord_psbl_sbst: Decimal,
        /// 재사용가능금액
        ruse_psbl_amt: Decimal,
        /// 펀드환매대금
        fund_rpch_chgs: Decimal,
        /// 가능수량계산단가
        psbl_qty_calc_unpr: Decimal,
        /// 미수없는매수금액
        nrcvb_buy_amt: Decimal,
        /// 미수없는매수수량
        nrcvb_buy_qty: Integer,
        /// 최대매수금액
        max_buy_amt: Decimal,
        /// 최대매수수량
        max_buy_qty: Integer,
        /// CMA평가금액
        cma_evlu_amt: Decimal,
        /// 해외재사용금액원화
        ovrs_re_use_amt_wcrc: Decimal,
        /// 주문가능외화금액원화
        ord_psbl_frcr_amt_wcrc: Decimal,
    }

    /// How much can be sold.
    StockSellableRow {
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 매수수량
        buy_qty: Integer,
        /// 매도수량
        sll_qty: Integer,
        /// 잔고수량
        cblc_qty: Integer,
        /// 비저축수량
        nsvg_qty: Integer,
        /// 주문가능수량
        ord_psbl_qty: Integer,
        /// 매입평균가격
        pchs_avg_pric: Decimal,
        /// 매입금액
        pchs_amt: Decimal,
        /// 현재가
        now_pric: Decimal,
        /// 평가금액
        evlu_amt: Decimal,
        /// 평가손익금액
        evlu_pfls_amt: Decimal,
        /// 평가손익율
        evlu_pfls_rt: Decimal,
    }

    /// An order that can be amended or cancelled.
    StockOpenOrder {
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 주문구분명
        ord_dvsn_name: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 정정취소구분명
        rvse_cncl_dvsn_name: Text,
        /// 주문수량
        ord_qty: Integer,
        /// 주문단가
        ord_unpr: Decimal,
        /// 주문시각
        ord_tmd: Time,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 가능수량
        psbl_qty: Integer,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 주문구분코드
        ord_dvsn_cd: Text,
        /// 운용사지정주문번호
        mgco_aptm_odno: Text,
        /// 거래소구분코드
        excg_dvsn_cd: Text,
        /// 거래소ID구분코드
        excg_id_dvsn_cd: Text,
        /// 거래소ID구분명
        excg_id_dvsn_name: Text,
        /// 스톱지정가조건가격
        stpm_cndt_pric: Decimal,
        /// 스톱지정가효력발생여부
        stpm_efct_occr_yn: Flag,
    }

    /// An order, and how much of it was executed.
    StockExecution {
        /// 주문일자
        ord_dt: Date,
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 주문구분명
        ord_dvsn_name: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매도매수구분코드명
        sll_buy_dvsn_cd_name: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 주문수량
        ord_qty: Integer,
        /// 주문단가
        ord_unpr: Decimal,
        /// 주문시각
        ord_tmd: Time,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 평균가
        avg_prvs: Decimal,
        /// 취소여부
        cncl_yn: Flag,
        /// 총체결금액
        tot_ccld_amt: Decimal,
        /// 대출일자
        loan_dt: Date,
        /// 주문자사번
        ordr_empno: Private,
        /// 주문구분코드
        ord_dvsn_cd: Text,
        /// 취소확인수량
        cnc_cfrm_qty: Integer,
        /// 잔여수량
        rmn_qty: Integer,
        /// 거부수량
        rjct_qty: Integer,
        /// 체결조건명
        ccld_cndt_name: Text,
        /// 조회IP주소
        inqr_ip_addr: Private,
        /// 전산주문표주문접수구분코드
        cpbc_ordp_ord_rcit_dvsn_cd: Text,
        /// 전산주문표통보방법구분코드
        cpbc_ordp_infm_mthd_dvsn_cd: Text,
        /// 통보시각
        infm_tmd: Time,
        /// 연락전화번호
        ctac_tlno: Private,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 거래소구분코드
        excg_dvsn_cd: Text,
        /// 전산주문표자료구분코드
        cpbc_ordp_mtrl_dvsn_cd: Text,
        /// 주문조직번호
        ord_orgno: Text,
        /// 예약주문종료일자
        rsvn_ord_end_dt: Date,
        /// 거래소ID구분코드
        excg_id_dvsn_cd: Text,
        /// 스톱지정가조건가격
        stpm_cndt_pric: Decimal,
        /// 스톱지정가효력발생상세시각
        stpm_efct_occr_dtmd: Text,
    }

    /// The totals of orders.
    StockExecutionTotals {
        /// 총주문수량
        tot_ord_qty: Integer,
        /// 총체결수량
        tot_ccld_qty: Integer,
        /// 매입평균가격
        tot_ccld_amt: Decimal,
        /// 총체결금액
        prsm_tlex_smtl: Decimal,
        /// 추정제비용합계
        pchs_avg_pric: Decimal,
    }
}
