//! Finding out what became of an order whose answer did not come.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::StreamExt;
use kis_broker::{CallOptions, Priority, RestError};
use kis_protocol::catalogue::Prepared;
use tokio::time::sleep;
use tracing::{info, warn};

use super::{
    Orders, PAGES_MAX,
    audit::{Entry, Who},
    listed::{Listed, listed},
    record::{Outcome, Record},
};

/// How often KIS must not list an order before it counts as not taken. The lookups are twice as
/// far apart each time, so that the last one comes a minute after the order.
const ABSENCES: u32 = 5;

/// The longest time between two lookups, when KIS does not answer them.
const INTERVAL_MAX: Duration = Duration::from_secs(60);

/// Looks an order up until it is known what became of it. It is never sent again.
pub(super) async fn look_up(orders: Arc<Orders>, record: Record) {
    let mut interval = orders.lookup_interval;
    let mut absences = 0;
    let lookups = orders.lookups(&record);
    let id = &record.id;
    if lookups.is_empty() {
        warn!(id, "no call shows what became of this order; look into the account");
        return;
    }
    loop {
        sleep(interval).await;
        interval = (interval * 2).min(INTERVAL_MAX.max(orders.lookup_interval));
        match fetch(&orders, &lookups).await {
            Ok(rows) => match orders.claim(&record, rows).await {
                Claim::Found(settled) => return report(&orders, &settled),
                Claim::Ambiguous => {
                    warn!(id, "several orders at KIS may be this one; look into the account");
                    return;
                }
                Claim::Absent => absences += 1,
                Claim::TooEarly => {}
            },
            Err(error) => warn!(id, %error, "an order without an answer cannot be looked up"),
        }
        if absences >= ABSENCES {
            if let Some(settled) = orders.settle(id, Outcome::NotTaken).await {
                report(&orders, &settled);
            }
            return;
        }
    }
}

/// What the lists say of an order.
enum Claim {
    Found(Box<Record>),
    Ambiguous,
    Absent,
    /// Another order like it is on its way.
    TooEarly,
}

async fn fetch(orders: &Orders, lookups: &[Prepared]) -> Result<Vec<Listed>, RestError> {
    let options = CallOptions { priority: Some(Priority::Order), ..CallOptions::default() };
    let mut rows: Vec<Listed> = Vec::new();
    for call in lookups {
        let mut pages = orders.rest.pages(call.clone(), PAGES_MAX, options);
        while let Some(page) = pages.next().await {
            for row in listed(&page?) {
                if rows.iter().all(|it| it.number != row.number) {
                    rows.push(row);
                }
            }
        }
    }
    Ok(rows)
}

fn report(orders: &Orders, settled: &Record) {
    let outcome = settled.outcome.as_str();
    info!(id = settled.id, outcome, "an order without an answer is settled");
    orders.audit(&Entry::of(&Who::default(), settled, outcome).about("lookup"));
}

impl Orders {
    /// Finds an order in what KIS lists.
    async fn claim(self: &Arc<Self>, record: &Record, rows: Vec<Listed>) -> Claim {
        let (orders, record) = (Arc::clone(self), record.clone());
        let claimed = tokio::task::spawn_blocking(move || {
            let mut book = orders.book();
            let market = record.order.market;
            if book.rivals(&record).any(|it| book.is_live(it)) {
                return Claim::TooEarly;
            }
            // What has no price fits every price: the others choose first.
            let fits_another = |row: &Listed| {
                let mut priced = book.rivals(&record).filter(|it| it.order.price.is_some());
                record.order.price.is_none() && priced.any(|it| row.may_be(it))
            };
            let mut fitting: Vec<Listed> = rows
                .into_iter()
                .filter(|it| it.may_be(&record) && !fits_another(it))
                .filter(|it| book.owner(market, it.date, &it.number).is_none())
                .collect();
            fitting.sort_by(|one, other| one.number.cmp(&other.number));
            // Of as many as there are twins, each may have any.
            let distinct = fitting.len() <= book.twins(&record);
            let Some(first) = fitting.first() else { return Claim::Absent };
            let outcome = match distinct {
                true => Outcome::Accepted {
                    number: first.number.clone(),
                    office: first.office.clone(),
                    msg_cd: String::new(),
                    msg1: String::new(),
                    looked_up: true,
                },
                false => Outcome::Unknown {
                    why: "KIS lists several orders that it may be".to_owned(),
                    candidates: fitting.into_iter().map(|it| it.number).collect(),
                },
            };
            match book.settle(&record.id, outcome) {
                Some(settled) if distinct => Claim::Found(Box::new(settled)),
                _ => Claim::Ambiguous,
            }
        });
        claimed.await.unwrap_or(Claim::Absent)
    }

    /// The calls that show what became of an order.
    fn lookups(&self, record: &Record) -> Vec<Prepared> {
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(record.at);
        // Amendments and cancels are listed where their order is.
        let placed = record.order.place(self.accounts, self.environment);
        placed.map(|it| self.rest.lookups(&it, sent)).unwrap_or_default()
    }
}
