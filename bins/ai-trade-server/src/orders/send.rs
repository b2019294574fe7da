//! The way of an order: let pass, written down, sent, and written down again.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use kis_broker::{CallOptions, Priority, RestError};
use serde_json::Value;
use tokio::time::Instant;
use tracing::error;

use super::{
    Orders,
    amount::Amount,
    audit::{Entry, Who},
    book::{Book, Known},
    draft::Draft,
    gate::refused,
    lookup::look_up,
    price,
    record::{Action, Outcome, Record},
    reply,
};
use crate::problem::Problem;

/// What a client is told.
pub(super) enum Reply {
    /// What would be sent.
    DryRun(Value),
    /// What became of it; `repeated` when that is of an earlier request.
    Order { record: Box<Record>, repeated: bool },
}

impl Orders {
    /// Sends what is drafted, at most once, and says what became of it. The request goes on
    /// when its client leaves.
    pub(super) async fn submit(
        self: &Arc<Self>,
        who: Who,
        draft: Draft,
        dry_run: bool,
    ) -> Result<Reply, Problem> {
        let orders = Arc::clone(self);
        let task = tokio::spawn(async move {
            let attempt = draft.record.clone();
            let result = orders.process(&who, draft, dry_run).await;
            if let Err(problem) = &result {
                let entry = Entry::of(&who, &attempt, "refused");
                orders.audit(&Entry { id: None, code: problem.word(), ..entry });
            }
            orders.ends.count(&result);
            result
        });
        task.await.unwrap_or_else(|_| Err(broken("the server is ending")))
    }

    async fn process(
        self: &Arc<Self>,
        who: &Who,
        draft: Draft,
        dry_run: bool,
    ) -> Result<Reply, Problem> {
        let Draft { record, call, before } = draft;
        if dry_run || self.dry_run {
            self.allow(&self.book(), &record, before)?;
            self.audit(&Entry { id: None, ..Entry::of(who, &record, "dry_run") });
            return Ok(Reply::DryRun(reply::shown(&call, self.accounts.of(&record.order))));
        }
        let orders = Arc::clone(self);
        let begun = tokio::task::spawn_blocking(move || orders.begin(record, before)).await;
        let record = match begun.unwrap_or_else(|_| Err(broken("the server is ending")))? {
            Reply::Order { record, repeated: true } => {
                self.audit(&Entry::of(who, &record, "repeated"));
                return Ok(Reply::Order { record, repeated: true });
            }
            Reply::Order { record, .. } => record,
            reply @ Reply::DryRun(_) => return Ok(reply),
        };
        let account = Some(self.accounts.of(&record.order).to_string());
        let outcome =
            match self.audit.write(&Entry { account, ..Entry::of(who, &record, "sending") }) {
                Ok(()) => {
                    let deadline = Some(Instant::now() + self.patience);
                    let options = CallOptions { priority: Some(Priority::Order), deadline };
                    let stopped = || self.stops(&record);
                    match self.rest.order_unless(&call, options, stopped).await {
                        Err(RestError::Withdrawn { .. }) => {
                            let why = "the kill switch was switched on before its turn came";
                            Outcome::NotSent { why: why.to_owned() }
                        }
                        result => Outcome::of(result),
                    }
                }
                Err(error) => {
                    error!(%error, "the audit log of orders cannot be written");
                    Outcome::NotSent { why: "the audit log cannot be written".to_owned() }
                }
            };
        let settled = self.settle(&record.id, outcome).await;
        let record = settled.ok_or_else(|| broken("the order is not remembered"))?;
        self.audit(&Entry::of(who, &record, record.outcome.as_str()));
        if record.is_open_question() {
            tokio::spawn(look_up(Arc::clone(self), record.clone()));
        }
        Ok(Reply::Order { record: Box::new(record), repeated: false })
    }

    /// Lets an order pass, once, and writes it down.
    fn begin(&self, mut record: Record, before: Option<Amount>) -> Result<Reply, Problem> {
        let mut book = self.book();
        match book.known(&record) {
            Known::New => {}
            Known::Same(record) => return Ok(Reply::Order { record, repeated: true }),
            Known::InFlight(id) => {
                let detail = "the same request is on its way; ask again for what becomes of it";
                let problem = Problem::new(StatusCode::CONFLICT, detail).code("order_in_flight");
                return Err(problem.member("id", id).retry_after(Duration::from_secs(1)));
            }
            Known::Other => {
                let detail = "this Idempotency-Key has been used for another request, or by \
                              another client; use a new one";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return Err(Problem::new(status, detail).code("idempotency_key_reused"));
            }
        }
        record.amount = self.allow(&book, &record, before)?;
        book.begin(record.clone()).map_err(|error| {
            error!(%error, "an order cannot be written down, and is not sent");
            broken("the order cannot be written down, and was not sent")
        })?;
        Ok(Reply::Order { record: Box::new(record), repeated: false })
    }

    /// Whether it may be sent, and what it takes of the day's limit.
    fn allow(
        &self,
        book: &Book,
        record: &Record,
        before: Option<Amount>,
    ) -> Result<Option<Amount>, Problem> {
        if record.action == Action::Cancel {
            return Ok(None);
        }
        if self.stops(record) {
            let detail = "the kill switch is on: orders are cancelled only";
            return Err(refused("killed", detail.to_owned()));
        }
        let order = &record.order;
        let last = price::last(&self.hub, order);
        self.gate.admit(order, last)?;
        self.gate.spend(order, last, before, book.spent(record.at, order.currency()))
    }

    /// Whether the kill switch keeps it from being sent.
    fn stops(&self, record: &Record) -> bool {
        record.action != Action::Cancel && self.kill.is_on()
    }

    pub(super) async fn settle(self: &Arc<Self>, id: &str, outcome: Outcome) -> Option<Record> {
        let (orders, id) = (Arc::clone(self), id.to_owned());
        let settled = tokio::task::spawn_blocking(move || orders.book().settle(&id, outcome));
        settled.await.ok().flatten()
    }
}

/// A failure of ours; nothing was sent.
pub(super) fn broken(detail: &'static str) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail).code("order_not_sent")
}
