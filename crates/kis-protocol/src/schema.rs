//! What every stream sends, as data: for a page, a client in another language,
//! or a check against what arrives.

use serde::Serialize;

use crate::{
    Environments, Evidence, KeyKind, Kind, Layout, Market, StreamKind, TrId, Venue,
    normalized::EventKind,
};

/// One stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    /// The stream.
    pub tr_id: TrId,
    /// KIS' Korean name of it.
    pub label: &'static str,
    /// What is traded.
    pub market: Market,
    /// Where it is traded.
    pub venue: Venue,
    /// What the stream tells.
    pub kind: StreamKind,
    /// What a record becomes in the normalized view.
    pub normalized: EventKind,
    /// What its `tr_key` is.
    pub key_kind: KeyKind,
    /// A `tr_key` to try.
    pub example_key: &'static str,
    /// Which environments serve it.
    pub environments: Environments,
    /// Whether its records arrive encrypted.
    pub encrypted: bool,
    /// The columns to expect, in wire order.
    pub columns: Vec<ColumnSchema>,
    /// The widths that its records have had.
    pub widths: Vec<WidthSchema>,
    /// The layouts that some of those widths have instead of `columns`.
    pub other_layouts: Vec<LayoutSchema>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnSchema {
    /// KIS' name for it, in lower case: its key in the `fields` view.
    pub name: &'static str,
    /// KIS' Korean label for it.
    pub label: &'static str,
    /// How its text is to be read.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The narrowest known width that has it; `None` when none has yet.
    pub since_columns: Option<usize>,
    /// The date from which that width is known.
    pub since: Option<&'static str>,
    /// Its codes and what they mean, where KIS says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeSchema>,
}

/// One code of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CodeSchema {
    /// The code as sent.
    pub code: &'static str,
    /// What it means.
    pub label: &'static str,
}

/// One width of a stream's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WidthSchema {
    /// How many columns a record has.
    pub columns: usize,
    /// The first date it is known from.
    pub since: &'static str,
    /// How it is known.
    pub evidence: Evidence,
    /// The name of its layout.
    pub layout: &'static str,
}

/// Another layout of the same stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayoutSchema {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in wire order.
    pub columns: Vec<ColumnSchema>,
}

/// The schema of one stream.
pub fn of(tr_id: TrId) -> Schema {
    let mut others: Vec<&'static Layout> = Vec::new();
    for width in tr_id.widths() {
        if width.layout != tr_id.layout() && !others.contains(&width.layout) {
            others.push(width.layout);
        }
    }
    Schema {
        tr_id,
        label: tr_id.label(),
        market: tr_id.market(),
        venue: tr_id.venue(),
        kind: tr_id.kind(),
        normalized: tr_id.event_kind(),
        key_kind: tr_id.key_kind(),
        example_key: tr_id.example_key(),
        environments: tr_id.environments(),
        encrypted: tr_id.encrypted(),
        columns: columns(tr_id, tr_id.layout()),
        widths: tr_id
            .widths()
            .iter()
            .map(|it| WidthSchema {
                columns: it.columns,
                since: it.since,
                evidence: it.evidence,
                layout: it.layout.name,
            })
            .collect(),
        other_layouts: others
            .into_iter()
            .map(|it| LayoutSchema { name: it.name, columns: columns(tr_id, it) })
            .collect(),
    }
}

/// The schemas of every stream.
pub fn all() -> Vec<Schema> {
    TrId::ALL.iter().map(|it| of(*it)).collect()
}

fn columns(tr_id: TrId, layout: &'static Layout) -> Vec<ColumnSchema> {
    let widths = || tr_id.widths().iter().filter(|it| it.layout == layout);
    let column = |(index, column): (usize, &'static crate::Column)| {
        let since = widths().filter(|it| it.columns > index).min_by_key(|it| it.columns);
        ColumnSchema {
            name: column.name,
            label: column.label,
            kind: column.kind,
            since_columns: since.map(|it| it.columns),
            since: since.map(|it| it.since),
            codes: column.codes.iter().map(|(code, label)| CodeSchema { code, label }).collect(),
        }
    };
    layout.columns.iter().enumerate().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_knows_since_when() {
        let schema = of(TrId::H0STCNT0);
        assert_eq!(schema.columns.len(), 47);
        let last = &schema.columns[46];
        assert_eq!((last.name, last.since), ("market_cls_code", Some("2026-09-14")));
        assert_eq!(schema.columns[0].since, Some("2022-08-30"));
        let json = serde_json::to_value(&schema).unwrap();
        assert_eq!(json["columns"][3]["codes"][4]["label"], "하락");
        assert_eq!(json["columns"][1]["type"], "time");
        assert_eq!(json["market"], "stock");
    }

    #[test]
    fn every_stream_has_a_schema() {
        for schema in all() {
            assert!(!schema.columns.is_empty(), "{}", schema.tr_id);
            let names: Vec<&str> = schema.other_layouts.iter().map(|it| it.name).collect();
            for width in schema.widths {
                let current = width.layout == schema.tr_id.layout().name;
                assert!(current || names.contains(&width.layout), "{}", schema.tr_id);
            }
        }
    }
}
