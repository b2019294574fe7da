//! The orders that are remembered, and the rule that each is sent at most once.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use kis_protocol::time::Date;
use tracing::{error, warn};

use super::{
    OrdersError,
    amount::Amount,
    clock,
    journal::Journal,
    record::{Outcome, Record},
    request::Market,
};

const DAY: u64 = 24 * 3600;

/// The orders that are remembered.
#[derive(Debug)]
pub(super) struct Book {
    journal: Journal,
    /// By id.
    records: HashMap<String, Record>,
    /// Their ids by `Idempotency-Key`.
    keys: HashMap<String, String>,
    /// Those that this process is about to have an answer to.
    live: HashSet<String>,
    keep_seconds: u64,
    tidied: Date,
}

/// What an `Idempotency-Key` stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing yet.
    New,
    /// The same, and this has become of it.
    Same(Box<Record>),
    /// The same, and it is on its way.
    InFlight(String),
    /// Something else.
    Other,
}

/// What has been ordered on a day, in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) orders: usize,
    pub(super) amount: Amount,
}

impl Book {
    pub(super) fn open(folder: &std::path::Path, keep_days: u32) -> Result<Self, OrdersError> {
        let (now, keep_seconds) = (clock::now(), u64::from(keep_days.max(1)) * DAY);
        let (journal, records) = Journal::open(folder, |it| is_kept(it, now, keep_seconds))?;
        let mut book = Self {
            journal,
            records: HashMap::new(),
            keys: HashMap::new(),
            live: HashSet::new(),
            keep_seconds,
            tidied: clock::day(now),
        };
        records.into_iter().for_each(|it| book.put(it));
        Ok(book)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(id)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// What the key of `draft` stands for.
    pub(super) fn known(&self, draft: &Record) -> Known {
        let Some(record) = self.keys.get(&draft.key).and_then(|it| self.records.get(it)) else {
            return Known::New;
        };
        let asked = |it: &Record| (it.by.clone(), it.action, it.of.clone(), it.body.clone());
        match asked(record) == asked(draft) {
            false => Known::Other,
            true if self.live.contains(&record.id) => Known::InFlight(record.id.clone()),
            true => Known::Same(Box::new(record.clone())),
        }
    }

    /// Remembers what is about to be sent. When this returns, it is on the disk.
    pub(super) fn begin(&mut self, record: Record) -> io::Result<()> {
        self.tidy(record.at);
        self.journal.append(&record)?;
        self.live.insert(record.id.clone());
        self.put(record);
        Ok(())
    }

    /// Remembers what has become of an order. Where the disk fails, this process knows it
    /// still, and the next one has to look it up.
    pub(super) fn settle(&mut self, id: &str, outcome: Outcome) -> Option<Record> {
        self.live.remove(id);
        let record = self.records.get_mut(id)?;
        record.outcome = outcome;
        if let Err(error) = self.journal.append(record) {
            error!(id, %error, "the outcome of an order cannot be written down");
        }
        Some(record.clone())
    }

    /// What has been ordered on the day of `at`; the amount in `currency`.
    pub(super) fn spent(&self, at: u64, currency: &str) -> Spent {
        let day = clock::day(at);
        let mut spent = Spent::default();
        for record in self.records().filter(|it| it.counts() && clock::day(it.at) == day) {
            spent.orders += 1;
            if let Some(amount) = record.amount.filter(|_| record.order.currency() == currency) {
                spent.amount = spent.amount + amount;
            }
        }
        spent
    }

    /// Whose order it is that KIS calls so in its list of this day and market.
    pub(super) fn owner(&self, market: Market, day: Option<Date>, number: &str) -> Option<&Record> {
        self.records().find(|it| {
            let named = it.taken().is_some_and(|(known, _)| same_number(known, number));
            // The day abroad may be the one before or after ours.
            let near = day.is_none_or(|day| {
                let ours = clock::day(it.at);
                [-1, 0, 1].iter().any(|days| ours.plus_days(*days) == day)
            });
            named && near && it.order.market == market
        })
    }

    /// The orders with an open outcome that could be taken for this one.
    pub(super) fn rivals(&self, record: &Record) -> impl Iterator<Item = &Record> {
        let (id, order) = (record.id.clone(), record.order.clone());
        self.records().filter(move |it| {
            it.is_open_question()
                && it.id != id
                && (it.order.market, &it.order.symbol, it.order.side)
                    == (order.market, &order.symbol, order.side)
        })
    }

    /// Whether this process is about to have the answer.
    pub(super) fn is_live(&self, record: &Record) -> bool {
        self.live.contains(&record.id)
    }

    /// How many orders that nobody knows the outcome of look like this one, itself included.
    pub(super) fn twins(&self, record: &Record) -> usize {
        let alike = |it: &&Record| {
            it.is_open_question()
                && it.action == record.action
                && it.order == record.order
                && it.original == record.original
        };
        self.records().filter(alike).count()
    }

    /// Forgets what is old, once a day.
    fn tidy(&mut self, now: u64) {
        let today = clock::day(now);
        if self.tidied == today {
            return;
        }
        self.tidied = today;
        let keep = self.keep_seconds;
        self.records.retain(|_, it| is_kept(it, now, keep));
        self.keys.retain(|_, id| self.records.contains_key(id));
        let mut records: Vec<_> = self.records.values().cloned().collect();
        records.sort_by_key(|it| it.at);
        if let Err(error) = self.journal.replace(&records) {
            warn!(%error, "the journal of orders is not tidied up");
        }
    }

    fn put(&mut self, record: Record) {
        self.keys.insert(record.key.clone(), record.id.clone());
        self.records.insert(record.id.clone(), record);
    }
}

fn is_kept(record: &Record, now: u64, keep_seconds: u64) -> bool {
    record.is_open_question() || record.at.saturating_add(keep_seconds) > now
}

/// KIS pads numbers with zeros in some answers and not in others.
pub(super) fn same_number(one: &str, other: &str) -> bool {
    let bare = |it: &str| it.trim().trim_start_matches('0').to_owned();
    !bare(one).is_empty() && bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::record::Action;

    const NOON: u64 = 1_790_650_800;

    fn record(id: &str, key: &str, at: u64, amount: Option<&str>) -> Record {
        let order = serde_json::json!({
            "market": "stock", "symbol": "005930", "side": "buy", "quantity": 1, "type": "market",
        });
        Record {
            id: id.to_owned(),
            key: key.to_owned(),
            by: None,
            action: Action::Place,
            of: None,
            original: None,
            body: order.clone(),
            order: serde_json::from_value(order).unwrap(),
            partial: true,
            at,
            amount: amount.map(|it| serde_json::from_value(it.into()).unwrap()),
            outcome: Outcome::Sending,
        }
    }

    fn accepted(number: &str) -> Outcome {
        let (msg_cd, msg1) = (String::new(), String::new());
        let (number, office) = (number.to_owned(), String::new());
        Outcome::Accepted { number, office, msg_cd, msg1, looked_up: false }
    }

    #[test]
    fn a_key_stands_for_one_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path(), 7).unwrap();
        let now = clock::now();
        let first = record("a", "k", now, None);
        assert_eq!(book.known(&first), Known::New);
        book.begin(first.clone()).unwrap();
        assert_eq!(book.known(&record("b", "k", now, None)), Known::InFlight("a".to_owned()));
        let other = Record { by: Some("else".to_owned()), ..record("b", "k", now, None) };
        assert_eq!(book.known(&other), Known::Other);
        let cancel = Record { action: Action::Cancel, ..record("b", "k", now, None) };
        assert_eq!(book.known(&cancel), Known::Other);

        drop(book);
        let mut book = Book::open(folder.path(), 7).unwrap();
        assert_eq!(book.known(&record("b", "k", now, None)), Known::Same(Box::new(first)));
        let settled = book.settle("a", accepted("0000011774")).unwrap();
        assert_eq!(book.known(&record("b", "k", now, None)), Known::Same(Box::new(settled)));
        let owner = |number| book.owner(Market::Stock, None, number).map(|it| it.id.as_str());
        assert_eq!((owner("11774"), owner("1177"), owner("0")), (Some("a"), None, None));
    }

    #[test]
    fn what_came_to_nothing_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path(), 10_000).unwrap();
        for (id, outcome) in [
            ("a", None),
            ("b", Some(accepted("1"))),
            ("c", Some(Outcome::NotTaken)),
            ("d", Some(Outcome::NotSent { why: String::new() })),
        ] {
            book.begin(record(id, id, NOON, Some("100"))).unwrap();
            outcome.map(|it| book.settle(id, it));
        }
        book.begin(record("e", "e", NOON - DAY, Some("100"))).unwrap();
        let spent = book.spent(NOON, "KRW");
        assert_eq!((spent.orders, spent.amount.to_string()), (2, "200".to_owned()));
        assert_eq!(book.spent(NOON, "USD"), Spent { orders: 2, amount: Amount::default() });
        assert_eq!(book.spent(NOON + DAY, "KRW"), Spent::default());
        assert_eq!(book.twins(&record("x", "x", NOON, None)), 2);
    }

    #[test]
    fn what_is_old_is_forgotten_unless_its_outcome_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Book::open(folder.path(), 10_000).unwrap();
        book.begin(record("a", "a", NOON - 3 * DAY, None)).unwrap();
        book.begin(record("b", "b", NOON - 3 * DAY, None)).unwrap();
        book.settle("a", accepted("1"));
        book.keep_seconds = 2 * DAY;
        book.begin(record("c", "c", NOON, None)).unwrap();
        let mut ids: Vec<_> = book.records().map(|it| it.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["b", "c"]);
        assert_eq!(book.known(&record("x", "a", NOON, None)), Known::New);
    }
}
