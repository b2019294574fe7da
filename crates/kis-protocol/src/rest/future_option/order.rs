//! Orders for Korean futures and options.

use std::num::NonZeroU32;

use crate::{
    code::{DerivativeSession, Side},
    rest::{
        Account, FutureOptionPricing, OrderRequest, Remaining,
        macros::{answers, requests, rows},
    },
};

requests! {
    /// 선물옵션 주문: an order to buy or sell a future or option.
    FutureOptionOrder<'a>: "domestic-futureoption/order" -> FutureOptionOrderAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// In which session. Paper trading has the day only.
        session: DerivativeSession => "session",
        /// Whether to buy or to sell.
        side: Side => "SLL_BUY_DVSN_CD",
        /// 종목코드
        symbol: &'a str => "SHTN_PDNO",
        /// How many.
        quantity: NonZeroU32 => "ORD_QTY",
        /// At which price.
        pricing: FutureOptionPricing
            => "ORD_DVSN_CD" "UNIT_PRICE" "NMPR_TYPE_CD" "KRX_NMPR_CNDT_CD",
    }

    /// 선물옵션 정정취소주문: another price for an open order.
    AmendFutureOptionOrder<'a>: "domestic-futureoption/order-rvsecncl"
        -> FutureOptionRevisionAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// In which session.
        session: DerivativeSession => "session",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How much of it.
        quantity: Remaining => "ORD_QTY" "RMN_QTY_YN",
        /// The price from now on.
        pricing: FutureOptionPricing
            => "ORD_DVSN_CD" "UNIT_PRICE" "NMPR_TYPE_CD" "KRX_NMPR_CNDT_CD",
        "RVSE_CNCL_DVSN_CD": "01",
    }

    /// 선물옵션 정정취소주문: an end to an open order.
    CancelFutureOptionOrder<'a>: "domestic-futureoption/order-rvsecncl"
        -> FutureOptionRevisionAnswer {
        /// The account.
        account: Account => "CANO" "ACNT_PRDT_CD",
        /// In which session.
        session: DerivativeSession => "session",
        /// 원주문번호, the number of the order.
        number: &'a str => "ORGN_ODNO",
        /// How much of it.
        quantity: Remaining => "ORD_QTY" "RMN_QTY_YN",
        "RVSE_CNCL_DVSN_CD": "02",
        "ORD_DVSN_CD": "01",
        "UNIT_PRICE": "0",
        "NMPR_TYPE_CD": "02",
        "KRX_NMPR_CNDT_CD": "0",
    }
}

impl OrderRequest for FutureOptionOrder<'_> {}
impl OrderRequest for AmendFutureOptionOrder<'_> {}
impl OrderRequest for CancelFutureOptionOrder<'_> {}

answers! {
    /// What [`FutureOptionOrder`] is answered.
    FutureOptionOrderAnswer { output: FutureOptionOrderRow, }

    /// What [`AmendFutureOptionOrder`] and [`CancelFutureOptionOrder`] are answered.
    FutureOptionRevisionAnswer { output: FutureOptionRevisionRow, }
}

rows! {
    /// That an order has been received. Whether it is executed comes as a notice.
    FutureOptionOrderRow {
        /// 계좌명
        acnt_name: Private,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 종목명
        item_name: Text,
        /// 주문시각
        ord_tmd: Time,
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 주문번호
        odno: Text,
    }

    /// That an amendment or cancellation has been received.
    FutureOptionRevisionRow {
        /// 계좌명
        acnt_name: Private,
        /// 매매구분명
        trad_dvsn_name: Text,
        /// 종목명
        item_name: Text,
        /// 주문시각
        ord_tmd: Time,
        /// 주문채번지점번호
        ord_gno_brno: Text,
        /// 원주문번호
        orgn_odno: Text,
        /// 주문번호
        odno: Text,
    }
}
