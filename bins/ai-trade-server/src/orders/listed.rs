//! Orders as KIS lists them, in whichever of its lists.

use std::num::NonZeroU32;

use kis_broker::Answer;
use kis_protocol::{
    Decimal, FromField,
    time::{Date, Time, Timestamp},
};
use serde_json::{Map, Value};

use super::{
    book::same_number,
    record::{Action, Record},
    request::{Market, Side},
};

/// How much earlier than our clock KIS' may say that an order came, in seconds.
const CLOCK_DIFFERENCE: u64 = 60;

/// An order as KIS lists it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) number: String,
    pub(super) original: Option<String>,
    pub(super) office: String,
    pub(super) symbol: String,
    pub(super) side: Option<Side>,
    pub(super) quantity: Option<u64>,
    pub(super) executed: Option<u64>,
    pub(super) open: Option<u64>,
    pub(super) price: Option<Decimal>,
    pub(super) average_price: Option<Decimal>,
    /// Whether it changes another one, where the list says.
    pub(super) action: Option<Action>,
    pub(super) date: Option<Date>,
    pub(super) time: Option<Time>,
}

/// The orders in an answer.
pub(super) fn listed(answer: &Answer) -> Vec<Listed> {
    let Ok(Value::Object(members)) = answer.value() else { return Vec::new() };
    let lists = members.values().filter_map(Value::as_array);
    lists.flatten().filter_map(Value::as_object).filter_map(Listed::read).collect()
}

impl Listed {
    /// Reads a row; `None` when it is not one of an order.
    fn read(row: &Map<String, Value>) -> Option<Self> {
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| {
                let mut columns = row.iter();
                let (_, value) = columns.find(|(it, _)| it.eq_ignore_ascii_case(name))?;
                value.as_str().map(str::trim).filter(|it| !it.is_empty())
            });
            found.map(str::to_owned)
        };
        let decimal = |names: &[&str]| text(names)?.parse::<Decimal>().ok();
        let count = |names: &[&str]| {
            let it = decimal(names)?;
            let whole = it.mantissa() / 10_i64.checked_pow(it.scale().into())?;
            u64::try_from(whole).ok()
        };
        let revision = text(&["rvse_cncl_dvsn_cd", "rvse_cncl_dvsn"]);
        let action = match revision.as_deref().map(|it| it.trim_start_matches('0')) {
            Some("") => Some(Action::Place),
            Some("1") => Some(Action::Amend),
            Some("2") => Some(Action::Cancel),
            _ if text(&["cncl_yn"]).as_deref() == Some("Y") => Some(Action::Cancel),
            _ => None,
        };
        // Overseas lists have the exchange's own date and time as well.
        let date = text(&["dmst_ord_dt", "ord_dt"]);
        let time = text(&["thco_ord_tmd", "ord_tmd"]);
        let is_number = |it: &String| it.bytes().any(|it| it != b'0');
        Some(Self {
            number: text(&["odno"]).filter(is_number)?,
            original: text(&["orgn_odno"]).filter(is_number),
            office: text(&["ord_gno_brno", "krx_fwdg_ord_orgno"]).unwrap_or_default(),
            symbol: text(&["pdno"]).unwrap_or_default(),
            side: match text(&["sll_buy_dvsn_cd"]).as_deref() {
                Some("01" | "1") => Some(Side::Sell),
                Some("02" | "2") => Some(Side::Buy),
                _ => None,
            },
            quantity: count(&["ord_qty", "ft_ord_qty"]),
            executed: count(&["tot_ccld_qty", "ft_ccld_qty"]),
            open: count(&["rmn_qty", "nccs_qty", "psbl_qty", "qty"]),
            price: decimal(&["ord_unpr", "ft_ord_unpr3", "ord_idx", "ord_idx4"]),
            average_price: decimal(&["avg_prvs", "ft_ccld_unpr3", "avg_idx"]),
            action,
            date: date.and_then(|it| Date::from_field(&it)),
            time: time.and_then(|it| Time::from_field(&it)),
        })
    }

    /// Whether it can be what was asked for in `record`.
    pub(super) fn may_be(&self, record: &Record) -> bool {
        let order = &record.order;
        let same_original = match (&record.original, &self.original) {
            (None, original) => original.is_none(),
            (Some(ours), Some(listed)) => same_number(ours, listed),
            (Some(_), None) => false,
        };
        // Of derivatives KIS may list the long code; it was asked for this one alone.
        let same_symbol = order.market == Market::Derivatives || self.symbol == order.symbol;
        let same_quantity = !record.partial
            || self.quantity.is_none_or(|it| it == u64::from(NonZeroU32::get(order.quantity)));
        let same_price = record.action == Action::Cancel
            || order.price.is_none_or(|it| self.price.is_none_or(|listed| equal(it.0, listed)));
        same_original
            && same_symbol
            && same_quantity
            && same_price
            && self.side.is_none_or(|it| it == order.side)
            && self.action.is_none_or(|it| it == record.action)
            && self.came_after(record.at.saturating_sub(CLOCK_DIFFERENCE))
    }

    fn came_after(&self, seconds: u64) -> bool {
        let (Some(date), Some(time)) = (self.date, self.time) else { return true };
        let came = Timestamp::korean(date, time).unix_seconds();
        u64::try_from(came).is_ok_and(|it| it >= seconds)
    }

    /// What clients see of it, and of what we know of it.
    pub(super) fn view(&self, ours: Option<&Record>) -> Value {
        serde_json::json!({
            "id": ours.map(|it| &it.id),
            "number": self.number,
            "original": self.original,
            "action": self.action.or(ours.map(|it| it.action)),
            "symbol": self.symbol,
            "side": self.side,
            "quantity": self.quantity,
            "executed": self.executed,
            "open": self.open,
            "price": self.price,
            "average_price": self.average_price,
            "date": self.date,
            "time": self.time,
        })
    }
}

/// Whether they are the same number, whatever zeros follow.
fn equal(one: Decimal, other: Decimal) -> bool {
    let scaled = |it: Decimal| i128::from(it.mantissa()) * 10_i128.pow(u32::from(18 - it.scale()));
    scaled(one) == scaled(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::record::Outcome;

    const NOON: u64 = 1_790_650_800; // 2026-09-29 12:00 in Korea

    fn record(action: Action, original: Option<&str>) -> Record {
        let order = serde_json::json!({
            "market": "stock", "symbol": "005930", "side": "buy", "quantity": 3,
            "type": "limit", "price": "70000",
        });
        Record {
            id: "a".into(),
            key: "a".into(),
            by: None,
            action,
            of: None,
            original: original.map(str::to_owned),
            body: Value::Null,
            order: serde_json::from_value(order).unwrap(),
            partial: action == Action::Place,
            at: NOON,
            amount: None,
            outcome: Outcome::Sending,
        }
    }

    #[track_caller]
    fn check(change: &Value, record: &Record, expected: bool) {
        let mut row = serde_json::json!({
            "ORD_DT": "20260929", "ORD_TMD": "120001", "ODNO": "0000011774", "ORGN_ODNO": "",
            "PDNO": "005930", "SLL_BUY_DVSN_CD": "02", "ORD_QTY": "3", "ORD_UNPR": "70000.00",
        });
        row.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let listed = Listed::read(row.as_object().unwrap()).unwrap();
        assert_eq!(listed.may_be(record), expected, "{listed:?}");
    }

    #[test]
    fn the_order_is_recognised_among_others() {
        use serde_json::json;
        let placed = record(Action::Place, None);
        check(&json!({}), &placed, true);
        check(&json!({"PDNO": "000660"}), &placed, false);
        check(&json!({"SLL_BUY_DVSN_CD": "01"}), &placed, false);
        check(&json!({"ORD_QTY": "2"}), &placed, false);
        check(&json!({"ORD_UNPR": "70100"}), &placed, false);
        check(&json!({"ORGN_ODNO": "0000000012"}), &placed, false);
        check(&json!({"ORGN_ODNO": "0000000000"}), &placed, true);
        check(&json!({"ORD_TMD": "115900"}), &placed, true);
        check(&json!({"ORD_TMD": "115800"}), &placed, false);
        check(&json!({"ORD_DT": "20260928"}), &placed, false);
        check(&json!({"rvse_cncl_dvsn_cd": "02"}), &placed, false);

        let cancel = record(Action::Cancel, Some("12"));
        check(&json!({"ORGN_ODNO": "0000000012", "CNCL_YN": "Y", "ORD_UNPR": "0"}), &cancel, true);
        check(&json!({"ORGN_ODNO": "0000000012", "rvse_cncl_dvsn": "01"}), &cancel, false);
        check(&json!({}), &cancel, false);
    }

    #[test]
    fn rows_that_are_no_orders() {
        for row in [
            serde_json::json!({}),
            serde_json::json!({"odno": " "}),
            serde_json::json!({"odno": "000"}),
        ] {
            assert_eq!(Listed::read(row.as_object().unwrap()), None);
        }
    }
}
