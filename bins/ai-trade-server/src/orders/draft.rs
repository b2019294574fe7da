//! Orders as they would be sent, before anything has decided whether they are.

use axum::http::StatusCode;
use kis_protocol::catalogue::Prepared;
use serde_json::Value;

use super::{
    Orders,
    amount::{Amount, worth},
    audit::Who,
    call::Name,
    clock,
    record::{Action, Outcome, Record},
    request::{Amend, Cancel, Order, invalid},
};
use crate::problem::Problem;

/// What is asked for, and the call it comes to.
pub(super) struct Draft {
    pub(super) record: Record,
    pub(super) call: Prepared,
    /// What the order is worth that it amends.
    pub(super) before: Option<Amount>,
}

impl Orders {
    pub(super) fn place(&self, who: &Who, key: String, order: Order) -> Result<Draft, Problem> {
        order.check_symbol()?;
        let call = order.place(self.accounts, self.environment)?;
        let body = serde_json::to_value(&order).unwrap_or_default();
        let record = record(who, key, Action::Place, None, body, order, true);
        Ok(Draft { record, call, before: None })
    }

    pub(super) fn amend(
        &self,
        who: &Who,
        key: String,
        id: &str,
        amend: &Amend,
    ) -> Result<Draft, Problem> {
        let original = self.open_order(id)?;
        let name = name(&original)?;
        let order = original.order.amended(amend);
        let call = order.amend(name, amend.quantity, self.accounts, self.environment)?;
        let before = Order { quantity: order.quantity, ..original.order.clone() };
        let before = before.price.and_then(|it| worth(&before, it.0));
        let body = serde_json::to_value(amend).unwrap_or_default();
        let partial = amend.quantity.is_some();
        let record = record(who, key, Action::Amend, Some(&original), body, order, partial);
        Ok(Draft { record, call, before })
    }

    pub(super) fn cancel(
        &self,
        who: &Who,
        key: String,
        id: &str,
        cancel: Cancel,
    ) -> Result<Draft, Problem> {
        let original = self.open_order(id)?;
        let name = name(&original)?;
        let order = original.order.cancelled(cancel);
        let call = order.cancel(name, cancel.quantity, self.accounts, self.environment)?;
        let body = serde_json::to_value(cancel).unwrap_or_default();
        let partial = cancel.quantity.is_some();
        let record = record(who, key, Action::Cancel, Some(&original), body, order, partial);
        Ok(Draft { record, call, before: None })
    }

    /// An order that can be amended or cancelled.
    fn open_order(&self, id: &str) -> Result<Record, Problem> {
        let record = self.get(id)?;
        if record.action == Action::Cancel {
            return Err(invalid(format!("{id} is a cancel; name the order")));
        }
        Ok(record)
    }
}

fn record(
    who: &Who,
    key: String,
    action: Action,
    original: Option<&Record>,
    body: Value,
    order: Order,
    partial: bool,
) -> Record {
    Record {
        id: format!("ord_{:032x}", rand::random::<u128>()),
        key,
        by: who.key.clone(),
        action,
        of: original.map(|it| it.id.clone()),
        original: original.and_then(|it| it.taken()).map(|it| it.0.to_owned()),
        body,
        order,
        partial,
        at: clock::now(),
        amount: None,
        outcome: Outcome::Sending,
    }
}

/// How KIS names an order; only one that it has taken has a name.
fn name(record: &Record) -> Result<Name<'_>, Problem> {
    let taken = record.taken().map(|(number, office)| Name { number, office });
    taken.ok_or_else(|| {
        let detail =
            format!("{} is {}: there is nothing to change", record.id, record.outcome.as_str());
        Problem::new(StatusCode::CONFLICT, detail).code("order_not_open")
    })
}
