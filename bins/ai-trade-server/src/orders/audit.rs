//! Who asked for what, and what came of it: one JSON line each, only ever added to.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;

use super::{OrdersError, clock, record::Record};
use crate::private;

/// The audit log.
#[derive(Debug)]
pub(super) struct Audit(Mutex<File>);

/// One line of it.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    pub(super) who: &'a Who,
    /// `place`, `amend`, `cancel`, `kill`, `release` or `lookup`.
    pub(super) what: &'a str,
    /// `sending`, `refused` (by us), `dry_run`, `repeated`, or what became of the order.
    pub(super) decision: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) idempotency_key: Option<&'a str>,
    /// The account, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<&'a Value>,
    /// KIS' code, or the word of our refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<&'a str>,
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Who {
    /// The id of the key; none where none is needed.
    pub(super) key: Option<String>,
    /// What its owner calls it.
    pub(super) name: Option<String>,
}

impl Who {
    /// For a log.
    pub(super) fn shown(&self) -> &str {
        self.key.as_deref().unwrap_or("somebody without a key")
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(who: &'a Who, what: &'a str, decision: &'a str) -> Self {
        Self {
            who,
            what,
            decision,
            id: None,
            idempotency_key: None,
            account: None,
            of: None,
            request: None,
            code: None,
            number: None,
        }
    }

    /// The same about something else that was done.
    pub(super) fn about(self, what: &'a str) -> Self {
        Self { what, ..self }
    }

    /// A line about an order.
    pub(super) fn of(who: &'a Who, record: &'a Record, decision: &'a str) -> Self {
        Self {
            id: Some(&record.id),
            idempotency_key: Some(&record.key),
            of: record.of.as_deref(),
            request: Some(&record.body),
            code: record.outcome.msg_cd(),
            number: record.taken().map(|it| it.0),
            ..Self::new(who, record.action.as_str(), decision)
        }
    }
}

impl Audit {
    pub(super) fn open(folder: &Path) -> Result<Self, OrdersError> {
        let path = folder.join("audit.jsonl");
        let open = || {
            private::create_folder(folder)?;
            private::options().append(true).open(&path)
        };
        match open() {
            Ok(file) => Ok(Self(Mutex::new(file))),
            Err(error) => Err(OrdersError::Io { path, error }),
        }
    }

    pub(super) fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            at: String,
            #[serde(flatten)]
            entry: &'a Entry<'a>,
        }
        let mut line = serde_json::to_vec(&Line { at: clock::shown(clock::now()), entry })?;
        line.push(b'\n');
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}
