//! An account's overseas stocks: what it holds, what it can buy, its orders.

use crate::{
    code::{AmountCurrency, Currency, Executed, OverseasOrderExchange, Sides},
    rest::{
        Account, Price,
        macros::{answers, requests, rows},
    },
    time::Date,
};

requests! {
    /// 해외주식 잔고: what an account holds on an exchange, and its totals.
    OverseasBalance<'a>: "overseas-stock/inquire-balance" -> OverseasBalanceAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange; that of NASDAQ stands for all of the United States in real trading.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// Its currency.
        currency: Currency<'a> => "TR_CRCY_CD",
    }

    /// 해외주식 체결기준현재잔고: what an account holds everywhere, by executions, with its
    /// currencies and totals.
    OverseasPresentBalance: "overseas-stock/inquire-present-balance"
        -> OverseasPresentBalanceAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// In which currency.
        currency: AmountCurrency => "WCRC_FRCR_DVSN_CD",
        "NATN_CD": "000",
        "TR_MKET_CD": "00",
        "INQR_DVSN_CD": "00",
    }

    /// 해외주식 매수가능금액조회: how much of a stock can be bought.
    OverseasBuyable<'a>: "overseas-stock/inquire-psamount" -> OverseasBuyableAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "ITEM_CD",
        /// At which price.
        price: Price => "OVRS_ORD_UNPR",
    }

    /// 해외주식 미체결내역: open orders. Paper trading has [`OverseasExecutions`] for it.
    OverseasOpenOrders<'a>: "overseas-stock/inquire-nccs" -> OverseasOpenOrdersAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        "SORT_SQN": "DS",
    }

    /// 해외주식 주문체결내역: orders and what became of them.
    OverseasExecutions<'a>: "overseas-stock/inquire-ccnl" -> OverseasExecutionsAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The first day, in local time.
        from: Date => "ORD_STRT_DT",
        /// The last day, in local time.
        to: Date => "ORD_END_DT",
        /// On which side. Paper trading takes all only.
        sides: Sides => "SLL_BUY_DVSN",
        /// What became of them. Paper trading takes all only.
        executed: Executed => "CCLD_NCCS_DVSN",
        /// The exchange; `None` for all.
        exchange: Option<OverseasOrderExchange<'a>> => "OVRS_EXCG_CD",
        /// 종목코드. All are `%` in real trading, and an empty text, which is all that it
        /// takes, in paper trading.
        symbol: &'a str => "PDNO",
        "SORT_SQN": "DS",
    }
}

answers! {
    /// What [`OverseasBalance`] is answered: stocks and totals.
    OverseasBalanceAnswer { output1: Vec<OverseasHolding>, output2: OverseasTotals, }

    /// What [`OverseasPresentBalance`] is answered: stocks, currencies and totals.
    OverseasPresentBalanceAnswer {
        output1: Vec<OverseasPresentHolding>,
        output2: Vec<OverseasPresentCurrency>,
        output3: OverseasPresentTotals,
    }

    /// What [`OverseasBuyable`] is answered.
    OverseasBuyableAnswer { output: OverseasBuyableRow, }

    /// What [`OverseasOpenOrders`] is answered.
    OverseasOpenOrdersAnswer { output: Vec<OverseasOpenOrder>, }

    /// What [`OverseasExecutions`] is answered.
    OverseasExecutionsAnswer { output: Vec<OverseasExecution>, }
}

rows! {
    /// A stock that an account holds.
    OverseasHolding {
        /// 종합계좌번호
        cano: Private,
        /// 계좌상품코드
        acnt_prdt_cd: Private,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 해외상품번호
        ovrs_pdno: Text,
        /// 해외종목명
        ovrs_item_name: Text,
        /// 외화평가손익금액
        frcr_evlu_pfls_amt: Decimal,
        /// 평가손익율
        evlu_pfls_rt: Decimal,
        /// 매입평균가격
        pchs_avg_pric: Decimal,
        /// 해외잔고수량
        ovrs_cblc_qty: Decimal,
        /// 주문가능수량
        ord_psbl_qty: Decimal,
        /// 외화매입금액1
        frcr_pchs_amt1: Decimal,
        /// 해외주식평가금액
        ovrs_stck_evlu_amt: Decimal,
        /// 현재가격2
        now_pric2: Decimal,
        /// 거래통화코드
        tr_crcy_cd: Text,
        /// 해외거래소코드
        ovrs_excg_cd: Text,
        /// 대출유형코드
        loan_type_cd: Text,
        /// 대출일자
        loan_dt: Date,
        /// 만기일자
        expd_dt: Date,
    }

    /// The totals of an account on an exchange.
    OverseasTotals {
        /// 외화매입금액1
        frcr_pchs_amt1: Decimal,
        /// 해외실현손익금액
        ovrs_rlzt_pfls_amt: Decimal,
        /// 해외총손익
        ovrs_tot_pfls: Decimal,
        /// 실현수익율
        rlzt_erng_rt: Decimal,
        /// 총평가손익금액
        tot_evlu_pfls_amt: Decimal,
        /// 총수익률
        tot_pftrt: Decimal,
        /// 외화매수금액합계1
        frcr_buy_amt_smtl1: Decimal,
        /// 해외실현손익금액2
        ovrs_rlzt_pfls_amt2: Decimal,
        /// 외화매수금액합계2
        frcr_buy_amt_smtl2: Decimal,
    }

    /// A stock that an account holds, by executions.
    OverseasPresentHolding {
        /// 상품명
        prdt_name: Text,
        /// 잔고수량13
        cblc_qty13: Decimal,
        /// 당일매수체결수량1
        thdt_buy_ccld_qty1: Decimal,
        /// 당일매도체결수량1
        thdt_sll_ccld_qty1: Decimal,
        /// 체결수량합계1
        ccld_qty_smtl1: Decimal,
        /// 주문가능수량1
        ord_psbl_qty1: Decimal,
        /// 외화매입금액
        frcr_pchs_amt: Decimal,
        /// 외화평가금액2
        frcr_evlu_amt2: Decimal,
        /// 평가손익금액2
        evlu_pfls_amt2: Decimal,
        /// 평가손익율1
        evlu_pfls_rt1: Decimal,
        /// 상품번호
        pdno: Text,
        /// 기준환율
        bass_exrt: Decimal,
        /// 매수통화코드
        buy_crcy_cd: Text,
        /// 해외현재가격1
        ovrs_now_pric1: Decimal,
        /// 평균단가3
        avg_unpr3: Decimal,
        /// 거래시장명
        tr_mket_name: Text,
        /// 국가한글명
        natn_kor_name: Text,
        /// 매입잔액원화금액
        pchs_rmnd_wcrc_amt: Decimal,
        /// 당일매수체결외화금액
        thdt_buy_ccld_frcr_amt: Decimal,
        /// 당일매도체결외화금액
        thdt_sll_ccld_frcr_amt: Decimal,
        /// 단위금액
        unit_amt: Decimal,
        /// 표준상품번호
        std_pdno: Text,
        /// 상품유형코드
        prdt_type_cd: Text,
        /// 유가증권구분명
        scts_dvsn_name: Text,
        /// 대출잔액
        loan_rmnd: Decimal,
        /// 대출일자
        loan_dt: Date,
        /// 대출만기일자
        loan_expd_dt: Date,
        /// 해외거래소코드
        ovrs_excg_cd: Text,
        /// 종목연동거래소코드
        item_lnkg_excg_cd: Text,
    }

    /// What an account has in a currency.
    OverseasPresentCurrency {
        /// 통화코드
        crcy_cd: Text,
        /// 통화코드명
        crcy_cd_name: Text,
        /// 외화매수금액합계
        frcr_buy_amt_smtl: Decimal,
        /// 외화매도금액합계
        frcr_sll_amt_smtl: Decimal,
        /// 외화예수금액2
        frcr_dncl_amt_2: Decimal,
        /// 최초고시환율
        frst_bltn_exrt: Decimal,
        /// 외화매수증거금액
        frcr_buy_mgn_amt: Decimal,
        /// 외화기타증거금
        frcr_etc_mgna: Decimal,
        /// 외화출금가능금액1
        frcr_drwg_psbl_amt_1: Decimal,
        /// 출금가능원화금액
        frcr_evlu_amt2: Decimal,
        /// 현지보관통화여부
        acpl_cstd_crcy_yn: Flag,
        /// 익일외화출금가능금액
        nxdy_frcr_drwg_psbl_amt: Decimal,
    }

    /// The totals of an account.
    OverseasPresentTotals {
        /// 매입금액합계
        pchs_amt_smtl: Decimal,
        /// 평가금액합계
        evlu_amt_smtl: Decimal,
        /// 평가손익금액합계
        evlu_pfls_amt_smtl: Decimal,
        /// 예수금액
        dncl_amt: Decimal,
        /// CMA평가금액
        cma_evlu_amt: Decimal,
        /// 총예수금액
        tot_dncl_amt: Decimal,
        /// 기타증거금
        etc_mgna: Decimal,
        /// 인출가능총금액
        wdrw_psbl_tot_amt: Decimal,
        /// 외화평가총액
        frcr_evlu_tota: Decimal,
        /// 평가수익율1
        evlu_erng_rt1: Decimal,
        /// 매입금액합계금액
        pchs_amt_smtl_amt: Decimal,
        /// 평가금액합계금액
        evlu_amt_smtl_amt: Decimal,
        /// 총평가손익금액
        tot_evlu_pfls_amt: Decimal,
        /// 총자산금액
        tot_asst_amt: Decimal,
        /// 매수증거금액
        buy_mgn_amt: Decimal,
        /// 증거금총액
        mgna_tota: Decimal,
        /// 외화사용가능금액
        frcr_use_psbl_amt: Decimal,
        /// 미결제매도금액합계
        ustl_sll_amt_smtl: Decimal,
        /// 미결제매수금액합계
        ustl_buy_amt_smtl: Decimal,
        /// 총외화잔고합계
        tot_frcr_cblc_smtl: Decimal,
        /// 총대출금액
        tot_loan_amt: Decimal,
    }

    /// How much can be bought.
    OverseasBuyableRow {
        /// 거래통화코드
        tr_crcy_cd: Text,
        /// 주문가능외화금액
        ord_psbl_frcr_amt: Decimal,
        /// 매도재사용가능금액
        sll_ruse_psbl_amt: Decimal,
        /// 해외주문가능금액
        ovrs_ord_psbl_amt: Decimal,
        /// 최대주문가능수량
        max_ord_psbl_qty: Decimal,
        /// 환전이후주문가능금액
        echm_af_ord_psbl_amt: Decimal,
        /// 환전이후주문가능수량
        echm_af_ord_psbl_qty: Decimal,
        /// 주문가능수량
        ord_psbl_qty: Decimal,
        /// 환율
        exrt: Decimal,
        /// 외화주문가능금액1
        frcr_ord_psbl_amt1: Decimal,
        /// 해외최대주문가능수량
        ovrs_max_ord_psbl_qty: Decimal,
    }

    /// An order that has not been executed, or not wholly.
    OverseasOpenOrder {
        /// 주문일자
        ord_dt: Date,
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매도매수구분코드명
        sll_buy_dvsn_cd_name: Text,
        /// 정정취소구분코드
        rvse_cncl_dvsn_cd: Revision,
        /// 정정취소구분코드명
        rvse_cncl_dvsn_cd_name: Text,
        /// 거부사유
        rjct_rson: Text,
        /// 거부사유명
        rjct_rson_name: Text,
        /// 주문시각
        ord_tmd: Time,
        /// 거래시장명
        tr_mket_name: Text,
        /// 거래통화코드
        tr_crcy_cd: Text,
        /// 국가코드
        natn_cd: Text,
        /// 국가한글명
        natn_kor_name: Text,
        /// FT주문수량
        ft_ord_qty: Decimal,
        /// FT체결수량
        ft_ccld_qty: Decimal,
        /// 미체결수량
        nccs_qty: Decimal,
        /// FT주문단가3
        ft_ord_unpr3: Decimal,
        /// FT체결단가3
        ft_ccld_unpr3: Decimal,
        /// FT체결금액3
        ft_ccld_amt3: Decimal,
        /// 해외거래소코드
        ovrs_excg_cd: Text,
        /// 처리상태명
        prcs_stat_name: Text,
        /// 대출유형코드
        loan_type_cd: Text,
        /// 대출일자
        loan_dt: Date,
        /// 미국애프터마켓연장신청여부
        usa_amk_exts_rqst_yn: Flag,
        /// 분할매수속성명
        splt_buy_attr_name: Text,
    }

    /// An order, and how much of it was executed.
    OverseasExecution {
        /// 주문일자
        ord_dt: Date,
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 주문번호
        odno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 매도매수구분코드
        sll_buy_dvsn_cd: Side,
        /// 매도매수구분코드명
        sll_buy_dvsn_cd_name: Text,
        /// 정정취소구분
        rvse_cncl_dvsn: Revision,
        /// 정정취소구분명
        rvse_cncl_dvsn_name: Text,
        /// 상품번호
        pdno: Text,
        /// 상품명
        prdt_name: Text,
        /// FT주문수량
        ft_ord_qty: Decimal,
        /// FT주문단가3
        ft_ord_unpr3: Decimal,
        /// FT체결수량
        ft_ccld_qty: Decimal,
        /// FT체결단가3
        ft_ccld_unpr3: Decimal,
        /// FT체결금액3
        ft_ccld_amt3: Decimal,
        /// 미체결수량
        nccs_qty: Decimal,
        /// 처리상태명
        prcs_stat_name: Text,
        /// 거부사유
        rjct_rson: Text,
        /// 거부사유명
        rjct_rson_name: Text,
        /// 주문시각
        ord_tmd: Time,
        /// 거래시장명
        tr_mket_name: Text,
        /// 거래국가
        tr_natn: Text,
        /// 거래국가명
        tr_natn_name: Text,
        /// 해외거래소코드
        ovrs_excg_cd: Text,
        /// 거래통화코드
        tr_crcy_cd: Text,
        /// 국내주문일자
        dmst_ord_dt: Date,
        /// 당사주문시각
        thco_ord_tmd: Time,
        /// 대출유형코드
        loan_type_cd: Text,
        /// 대출일자
        loan_dt: Date,
        /// 매체구분명
        mdia_dvsn_name: Text,
        /// 미국애프터마켓연장신청여부
        usa_amk_exts_rqst_yn: Flag,
        /// 분할매수/매도속성명
        splt_buy_attr_name: Text,
    }
}
