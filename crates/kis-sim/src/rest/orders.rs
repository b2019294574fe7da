//! The orders that were placed, kept so that they can be listed, amended and withdrawn.
//!
//! A limit order stays open for ever; a market order of domestic stock is executed at once, at
//! the price of the recorded quote. Nothing else ever executes.

#[cfg(test)]
mod tests;

use kis_protocol::catalogue::{Column, Output, Shape, Tr};
use serde_json::{Map, Value};

use super::{
    generated::{continues, head, put, row},
    params::Params,
    reply::Refused,
};

/// The price at which market orders are executed: that of the recorded quote.
const MARKET_PRICE: &str = "77600";
/// The number of the order in the recording; later ones go on from it.
const FIRST: u64 = 11_774;
/// KIS' branch that orders are booked at, as recorded on paper.
const BRANCH: &str = "00950";

/// The orders of every account.
#[derive(Debug, Default)]
pub(crate) struct Orders(Vec<Order>);

#[derive(Debug, Clone)]
struct Order {
    number: u64,
    /// The order it amends or withdraws.
    original: Option<u64>,
    kind: Kind,
    market: &'static str,
    /// Whether it is a reservation (예약주문).
    reserved: bool,
    account: String,
    symbol: String,
    buy: bool,
    quantity: u64,
    price: String,
    executed: u64,
    /// What is neither executed, withdrawn nor moved to another order.
    open: u64,
    date: String,
    time: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Amend,
    Cancel,
}

/// A call that lists orders: which of its outputs does, and whether it has the open ones only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    output: &'static str,
    open: bool,
}

/// Which moment it is in Korea, `YYYYMMDDHHMMSS`, and on which side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) now: &'a str,
    pub(crate) paper: bool,
}

impl List {
    pub(crate) fn of(tr: &Tr) -> Option<Self> {
        let (output, open) = match tr.id {
            "domestic-stock/inquire-daily-ccld"
            | "domestic-futureoption/inquire-ccnl"
            | "domestic-futureoption/inquire-ngt-ccnl" => ("output1", false),
            "domestic-bond/inquire-daily-ccld" => ("output2", false),
            "domestic-stock/order-resv-ccnl"
            | "overseas-stock/inquire-ccnl"
            | "overseas-stock/order-resv-list"
            | "overseas-futureoption/inquire-ccld"
            | "overseas-futureoption/inquire-daily-order" => ("output", false),
            "domestic-stock/inquire-psbl-rvsecncl"
            | "overseas-stock/inquire-nccs"
            | "domestic-bond/inquire-psbl-rvsecncl" => ("output", true),
            _ => return None,
        };
        Some(Self { output, open })
    }
}

impl Orders {
    /// Takes an order; `side` is what its `tr_id` says of it: `buy`, `sell`, `amend`, `cancel`.
    pub(crate) fn place(
        &mut self,
        tr: &'static Tr,
        side: Option<&str>,
        params: &Params,
        scene: Scene<'_>,
    ) -> Result<Value, Refused> {
        let kind = match (side, params.get("RVSE_CNCL_DVSN_CD")) {
            (Some("amend"), _) | (_, Some("01")) => Kind::Amend,
            (Some("cancel"), _) | (_, Some("02")) => Kind::Cancel,
            _ if tr.id == "overseas-stock/order-resv-ccnl" => Kind::Cancel,
            _ => Kind::New,
        };
        let account = account(params);
        let order = match kind {
            Kind::New => Self::new_order(tr, side, params, account)?,
            Kind::Amend | Kind::Cancel => self.change(kind, params, &account)?,
        };
        let number = FIRST + self.0.len() as u64;
        let (date, time) = (scene.now[..8].to_owned(), scene.now[8..].to_owned());
        let order = Order { number, kind, date, time, ..order };
        let body = acknowledged(tr, &order, scene.paper);
        self.0.push(order);
        Ok(body)
    }

    /// The answer to a call that lists orders, so many of them on a page.
    pub(crate) fn list(
        &self,
        tr: &Tr,
        list: List,
        params: &Params,
        page: usize,
        paper: bool,
    ) -> (Value, bool) {
        let size = if paper { 15 } else { 100 };
        let all: Vec<_> = self.0.iter().rev().filter(|it| it.is_asked(tr, list, params)).collect();
        let more = all.len() > page * size;
        let rows = all.iter().skip((page - 1) * size).take(size);
        let rows: Vec<Value> = rows
            .map(|order| {
                Value::Object(row(&output(tr, list.output).columns, |it| order.column(it, paper)))
            })
            .collect();
        let mut body = Map::new();
        for output in &tr.outputs {
            let total = |column: &Column| match column.name {
                "tot_ord_qty" => all.iter().map(|it| it.quantity).sum::<u64>().to_string(),
                "tot_ccld_qty" | "tot_ccld_qty_smtl" => {
                    all.iter().map(|it| it.executed).sum::<u64>().to_string()
                }
                _ => "0".to_owned(),
            };
            put(&mut body, output, || match output.shape {
                _ if output.name == list.output => rows.clone().into(),
                Shape::Object => Value::Object(row(&output.columns, total)),
                Shape::Array => Value::Array(vec![Value::Object(row(&output.columns, total))]),
            });
        }
        let mut body = head("KIOK0510", "조회가 완료되었습니다", body);
        continues(tr, &mut body, more.then_some(page + 1));
        (body, more)
    }

    fn new_order(
        tr: &'static Tr,
        side: Option<&str>,
        params: &Params,
        account: String,
    ) -> Result<Order, Refused> {
        let quantity = quantity(params)?;
        let market = tr.id.split('/').next().unwrap_or_default();
        let reserved = tr.id.contains("resv");
        let at_market =
            tr.id == "domestic-stock/order-cash" && params.get("ORD_DVSN") == Some("01");
        let buy = match side {
            Some(side) => side.ends_with("buy"),
            None if tr.id.ends_with("/buy") => true,
            None if tr.id.ends_with("/sell") => false,
            None => params.first(&["SLL_BUY_DVSN_CD"]) != Some("01"),
        };
        let price = if at_market { MARKET_PRICE } else { price(params) };
        Ok(Order {
            number: 0,
            original: None,
            kind: Kind::New,
            market,
            reserved,
            account,
            symbol: params.first(SYMBOLS).unwrap_or_default().to_owned(),
            buy,
            quantity,
            price: price.to_owned(),
            executed: if at_market { quantity } else { 0 },
            open: if at_market { 0 } else { quantity },
            date: String::new(),
            time: String::new(),
        })
    }

    /// Takes from an order what is amended or withdrawn of it.
    fn change(&mut self, kind: Kind, params: &Params, account: &str) -> Result<Order, Refused> {
        let number = params.first(&["ORGN_ODNO", "RSVN_ORD_SEQ", "OVRS_RSVN_ODNO"]);
        let number = number.and_then(|it| it.parse::<u64>().ok());
        let mut orders = self.0.iter_mut();
        let original = orders.find(|it| Some(it.number) == number && it.account == account);
        let original = original.filter(|it| it.open > 0).ok_or(Refused::NO_QUANTITY)?;
        let all = params.first(&["QTY_ALL_ORD_YN", "RMN_QTY_YN"]) == Some("Y");
        let quantity = match quantity(params) {
            Ok(quantity) if !all => quantity,
            _ => original.open,
        };
        if quantity > original.open {
            return Err(Refused::NO_QUANTITY);
        }
        original.open -= quantity;
        let amended = kind == Kind::Amend;
        Ok(Order {
            original: Some(original.number),
            quantity,
            price: if amended { price(params).to_owned() } else { original.price.clone() },
            executed: 0,
            open: if amended { quantity } else { 0 },
            ..original.clone()
        })
    }
}

const SYMBOLS: &[&str] = &["PDNO", "SHTN_PDNO", "OVRS_FUTR_FX_PDNO"];

fn account(params: &Params) -> String {
    let part = |name| params.get(name).unwrap_or_default();
    format!("{}-{}", part("CANO"), part("ACNT_PRDT_CD"))
}

fn quantity(params: &Params) -> Result<u64, Refused> {
    const NAMES: &[&str] = &["ORD_QTY", "FT_ORD_QTY", "FM_ORD_QTY", "ORD_QTY2"];
    let quantity = params.first(NAMES).and_then(|it| it.parse().ok());
    quantity.filter(|it| *it > 0).ok_or_else(|| Refused::invalid("ORD_QTY"))
}

fn price(params: &Params) -> &str {
    const NAMES: &[&str] = &[
        "ORD_UNPR",
        "UNIT_PRICE",
        "OVRS_ORD_UNPR",
        "FT_ORD_UNPR3",
        "FM_LIMIT_ORD_PRIC",
        "BOND_ORD_UNPR",
    ];
    params.first(NAMES).unwrap_or("0")
}

fn output<'a>(tr: &'a Tr, name: &str) -> &'a Output {
    // A test holds the names against the catalogue.
    tr.outputs.iter().find(|it| it.name == name).unwrap_or(&tr.outputs[0])
}

/// What KIS answers to an order that it has taken, in its words for each side.
fn acknowledged(tr: &Tr, order: &Order, paper: bool) -> Value {
    let (msg_cd, msg1) = match (paper, order.kind, order.buy) {
        (false, _, _) => ("APBK0013", "주문 전송 완료 되었습니다."),
        (true, Kind::New, true) => ("40600000", "모의투자 매수주문이 완료 되었습니다."),
        (true, Kind::New, false) => ("40590000", "모의투자 매도주문이 완료 되었습니다."),
        (true, Kind::Amend, _) => ("40620000", "모의투자 정정주문이 완료 되었습니다."),
        (true, Kind::Cancel, _) => ("40630000", "모의투자 취소주문이 완료 되었습니다."),
    };
    let mut body = Map::new();
    for output in &tr.outputs {
        let value = || Value::Object(row(&output.columns, |it| order.column(it, paper)));
        put(&mut body, output, value);
    }
    head(msg_cd, msg1, body)
}

impl Order {
    fn is_asked(&self, tr: &Tr, list: List, params: &Params) -> bool {
        let market = tr.id.split('/').next();
        if market != Some(self.market)
            || tr.id.contains("resv") != self.reserved
            || self.account != account(params)
        {
            return false;
        }
        let day = |names: &[&str]| params.first(names).map(str::to_owned);
        let from =
            day(&["INQR_STRT_DT", "STRT_ORD_DT", "ORD_STRT_DT", "STRT_DT", "RSVN_ORD_ORD_DT"]);
        let until = day(&["INQR_END_DT", "END_ORD_DT", "ORD_END_DT", "END_DT", "RSVN_ORD_END_DT"]);
        let symbol = params.first(&["PDNO"]).filter(|it| *it != "%");
        let number = params.first(&["ODNO"]).and_then(|it| it.parse().ok());
        let side = params.first(&["SLL_BUY_DVSN_CD", "SLL_BUY_DVSN"]);
        let state = params.first(&["CCLD_DVSN", "CCLD_NCCS_DVSN"]);
        // Overseas derivatives count from 01, the others from 00.
        let state = state.and_then(|it| it.parse::<u8>().ok()).unwrap_or_default();
        let state = if self.market == "overseas-futureoption" { state.max(1) - 1 } else { state };
        from.is_none_or(|it| it <= self.date)
            && until.is_none_or(|it| self.date <= it)
            && symbol.is_none_or(|it| it == self.symbol)
            && number.is_none_or(|it: u64| it == self.number)
            && side.is_none_or(|it| !matches!(it, "01" | "02") || (it == "02") == self.buy)
            && (!list.open || self.open > 0)
            && match state {
                1 => self.executed > 0,
                2 => self.open > 0,
                _ => true,
            }
    }

    /// What stands in a column of a list of orders, or of the answer to an order.
    fn column(&self, column: &Column, paper: bool) -> String {
        let number = |number: u64| if paper { number.to_string() } else { format!("{number:010}") };
        let cancelled = self.kind == Kind::Cancel;
        match column.name.to_ascii_lowercase().as_str() {
            "odno" | "rsvn_ord_seq" | "ovrs_rsvn_odno" => number(self.number),
            "orgn_odno" => self.original.map(number).unwrap_or_default(),
            "ord_gno_brno" | "krx_fwdg_ord_orgno" => BRANCH.to_owned(),
            "ord_dt" | "dt" | "dmst_ord_dt" | "rsvn_ord_ord_dt" | "rsvn_ord_rcit_dt" => {
                self.date.clone()
            }
            "ord_tmd" | "thco_ord_tmd" | "rsvn_ord_rcit_tmd" | "ord_rcit_tmd" => self.time.clone(),
            "pdno" | "shtn_pdno" | "ovrs_futr_fx_pdno" => self.symbol.clone(),
            "sll_buy_dvsn_cd" => if self.buy { "02" } else { "01" }.to_owned(),
            "sll_buy_dvsn_cd_name" | "trad_dvsn_name" => {
                if self.buy { "매수" } else { "매도" }.to_owned()
            }
            "ord_qty" | "ft_ord_qty" | "fm_ord_qty" | "ord_rsvn_qty" => self.quantity.to_string(),
            "ord_unpr" | "ord_idx" | "ord_idx4" | "ft_ord_unpr3" | "fm_ord_pric"
            | "bond_ord_unpr" | "ord_rsvn_unpr" => self.price.clone(),
            "tot_ccld_qty" | "ft_ccld_qty" | "fm_ccld_qty" => self.executed.to_string(),
            "avg_prvs" | "avg_idx" | "ft_ccld_unpr3" | "fm_ccld_pric" | "bond_avg_unpr" => {
                if self.executed > 0 { self.price.clone() } else { "0".to_owned() }
            }
            "rmn_qty" | "nccs_qty" | "psbl_qty" | "ord_psbl_qty" | "fm_ord_rmn_qty" | "qty" => {
                self.open.to_string()
            }
            "cncl_yn" => if cancelled { "Y" } else { "N" }.to_owned(),
            "cnc_cfrm_qty" => if cancelled { self.quantity } else { 0 }.to_string(),
            "rvse_cncl_dvsn" | "rvse_cncl_dvsn_cd" => match self.kind {
                Kind::New => "00",
                Kind::Amend => "01",
                Kind::Cancel => "02",
            }
            .to_owned(),
            "rjct_qty" | "tot_ccld_amt" | "ft_ccld_amt3" => "0".to_owned(),
            "nrml_prcs_yn" => "Y".to_owned(),
            _ => String::new(),
        }
    }
}
