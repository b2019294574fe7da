//! Orders for overseas stocks. The daytime session of the United States has calls of its own.

use std::num::NonZeroU32;

use crate::{
    code::{OverseasOrderExchange, Side},
    rest::{
        Account, OrderRequest, OverseasPricing, Price,
        macros::{answers, requests, rows},
        order::{word, word_and_type},
    },
};

requests! {
    /// 해외주식 주문: an order to buy or sell.
    OverseasOrder<'a>: "overseas-stock/order" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// Whether to buy or to sell.
        side: Side => "side" "SLL_TYPE" by word_and_type,
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// At which price.
        pricing: OverseasPricing<'a> => "ORD_DVSN" "OVRS_ORD_UNPR",
    }

    /// 해외주식 정정취소주문: another price for an open order.
    AmendOverseasOrder<'a>: "overseas-stock/order-rvsecncl" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// The price from now on.
        price: Price => "OVRS_ORD_UNPR",
        "RVSE_CNCL_DVSN_CD": "01",
    }

    /// 해외주식 정정취소주문: an end to an open order.
    CancelOverseasOrder<'a>: "overseas-stock/order-rvsecncl" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        "RVSE_CNCL_DVSN_CD": "02",
        "OVRS_ORD_UNPR": "0",
    }

    /// 해외주식 미국주간주문: an order in the daytime session of the United States, which
    /// takes limits only.
    OverseasDayOrder<'a>: "overseas-stock/daytime-order" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// Whether to buy or to sell.
        side: Side => "side" by word,
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// The limit.
        price: Price => "OVRS_ORD_UNPR",
        "ORD_DVSN": "00",
    }

    /// 해외주식 미국주간정정취소: another price for an open order of the daytime session.
    AmendOverseasDayOrder<'a>: "overseas-stock/daytime-order-rvsecncl" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// The price from now on.
        price: Price => "OVRS_ORD_UNPR",
        "RVSE_CNCL_DVSN_CD": "01",
    }

    /// 해외주식 미국주간정정취소: an end to an open order of the daytime session.
    CancelOverseasDayOrder<'a>: "overseas-stock/daytime-order-rvsecncl" -> OverseasOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// The exchange.
        exchange: OverseasOrderExchange<'a> => "OVRS_EXCG_CD",
        /// 종목코드
        symbol: &'a str => "PDNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        "RVSE_CNCL_DVSN_CD": "02",
        "OVRS_ORD_UNPR": "0",
    }
}

impl OrderRequest for OverseasOrder<'_> {}
impl OrderRequest for AmendOverseasOrder<'_> {}
impl OrderRequest for CancelOverseasOrder<'_> {}
impl OrderRequest for OverseasDayOrder<'_> {}
impl OrderRequest for AmendOverseasDayOrder<'_> {}
impl OrderRequest for CancelOverseasDayOrder<'_> {}

answers! {
    /// What all orders for overseas stocks are answered.
    OverseasOrderAnswer { output: OverseasOrderRow, }
}

rows! {
    /// That an order has been received. Whether it is executed comes as a notice.
    OverseasOrderRow {
        /// 한국거래소전송주문조직번호
        krx_fwdg_ord_orgno: Text,
        /// 주문번호
        odno: Text,
        /// 주문시각
        ord_tmd: Time,
    }
}
