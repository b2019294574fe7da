//! Orders for Korean stocks.

use std::num::NonZeroU32;

use crate::{
    code::{Side, StockExchange},
    rest::{
        Account, OrderRequest, Remaining, StockPricing,
        macros::{answers, requests, rows},
        order::word,
    },
};

requests! {
    /// 주식주문(현금): an order to buy or sell stock for cash.
    StockOrder<'a>: "domestic-stock/order-cash" -> StockOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// Whether to buy or to sell.
        side: Side => "side" by word,
        /// 종목코드; that of an ETN begins with Q.
        symbol: &'a str => "PDNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// At which price.
        pricing: StockPricing<'a> => "ORD_DVSN" "ORD_UNPR" "CNDT_PRIC",
        /// Where it is sent.
        exchange: StockExchange<'a> => "EXCG_ID_DVSN_CD",
    }

    /// 주식주문(정정취소): another price for an open order.
    AmendStockOrder<'a>: "domestic-stock/order-rvsecncl" -> StockOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 한국거래소전송주문조직번호, from the answer to the order.
        office: &'a str => "KRX_FWDG_ORD_ORGNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How much of it.
        quantity: Remaining => "ORD_QTY" "QTY_ALL_ORD_YN",
        /// The price from now on.
        pricing: StockPricing<'a> => "ORD_DVSN" "ORD_UNPR" "CNDT_PRIC",
        /// Where the order was sent.
        exchange: StockExchange<'a> => "EXCG_ID_DVSN_CD",
        "RVSE_CNCL_DVSN_CD": "01",
    }

    /// 주식주문(정정취소): an end to an open order.
    CancelStockOrder<'a>: "domestic-stock/order-rvsecncl" -> StockOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// 한국거래소전송주문조직번호, from the answer to the order.
        office: &'a str => "KRX_FWDG_ORD_ORGNO",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How much of it.
        quantity: Remaining => "ORD_QTY" "QTY_ALL_ORD_YN",
        /// Where the order was sent.
        exchange: StockExchange<'a> => "EXCG_ID_DVSN_CD",
        "RVSE_CNCL_DVSN_CD": "02",
        "ORD_DVSN": "00",
        "ORD_UNPR": "0",
    }
}

impl OrderRequest for StockOrder<'_> {}
impl OrderRequest for AmendStockOrder<'_> {}
impl OrderRequest for CancelStockOrder<'_> {}

answers! {
    /// What [`StockOrder`], [`AmendStockOrder`] and [`CancelStockOrder`] are answered.
    StockOrderAnswer { output: StockOrderRow, }
}

rows! {
    /// That an order has been received. Whether it is executed comes as a notice.
    StockOrderRow {
        /// 계좌관리점코드
        krx_fwdg_ord_orgno: Text,
        /// 주문번호
        odno: Text,
        /// 주문시간
        ord_tmd: Time,
    }
}
