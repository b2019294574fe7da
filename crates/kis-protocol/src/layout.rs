use std::fmt;

use serde::Serialize;

use crate::{code::Meanings, rows::View};

/// The columns of one kind of record.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// The record's Rust name.
    pub name: &'static str,
    /// The columns, in wire order.
    pub columns: &'static [Column],
    /// Which column plays which role, whatever its name.
    pub(crate) view: View,
}

/// One column of a [`Layout`].
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// KIS' name for the column, in lower case.
    pub name: &'static str,
    /// KIS' Korean label for the column.
    pub label: &'static str,
    /// How the column's text is to be read.
    pub kind: Kind,
    /// The known codes of the column and what they mean; empty when the kind
    /// has none, or KIS does not say.
    pub codes: Meanings,
    /// `","name":"`: what stands before the column's text in JSON.
    pub(crate) key: &'static str,
}

/// How a column's text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A name or a number that is not counted with, kept as written.
    Text,
    /// Text that belongs to the account's owner; see [`Private`](crate::Private).
    Private,
    /// A short symbol, ISIN or other key of an instrument.
    Symbol,
    /// A code with a table of meanings.
    Code,
    /// The code of a change's direction: 1 상한, 2 상승, 3 보합, 4 하한, 5 하락.
    Sign,
    /// `Y` or `N`.
    Flag,
    /// A time of day, `HHMMSS`.
    Time,
    /// A date, `YYYYMMDD`.
    Date,
    /// A whole number.
    Integer,
    /// A number that may have a fraction.
    Decimal,
}

/// A width that a stream's records have had, and the layout they are read with.
///
/// KIS appends columns without notice, so a width is never required: it tells
/// which layout fits, and what an older client expects.
#[derive(Debug, PartialEq, Eq)]
pub struct Width {
    /// How many columns a record has.
    pub columns: usize,
    /// How this width is known.
    pub evidence: Evidence,
    /// The first date it is known from, as precise as the source: `2026-09-14`,
    /// `2025-07` or `2024`.
    pub since: &'static str,
    /// The columns; the layout may name more than `columns`.
    pub layout: &'static Layout,
}

/// How a fact about the wire is known. A recording outweighs an example, an
/// example outweighs a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Frames recorded from the live feed.
    Recorded,
    /// The example frame of the KIS portal.
    Example,
    /// The column list of KIS' documents and samples only.
    Documented,
    /// A notice of KIS announced it.
    Announced,
}

impl Layout {
    /// The name of the column at `index`, or `None` past the known columns.
    pub fn column_name(&self, index: usize) -> Option<&'static str> {
        self.columns.get(index).map(|it| it.name)
    }

    /// The index of the column called `name`.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.name == name)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} columns)", self.name, self.columns.len())
    }
}
