//! Every recorded frame against the tables: snapshots of all of them, and the
//! rules that make the tables trustworthy.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

use kis_protocol::{
    Decimal, Frame, FrameError, FromField, Kind, Splits, TrId, control::Control, notice::Cipher,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    tr_id: String,
    raw: String,
    authenticity: String,
    note: String,
}

fn read(path: &Path) -> Vec<Fixture> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fixtures(folder: &str) -> BTreeMap<String, Vec<Fixture>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder);
    fs::read_dir(root)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "jsonl"))
        .map(|it| (it.file_stem().unwrap().to_str().unwrap().to_owned(), read(&it)))
        .collect()
}

/// The values of a JSON object in the order in which they are written.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Values;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some((_, value)) = map.next_entry::<String, String>()? {
                    values.push(value);
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// One line for each record, or for the error.
fn lines(raw: &str) -> Vec<String> {
    let mut splits = Splits::default();
    let records = Frame::parse(raw).and_then(|frame| {
        let tr_id = frame.tr_id.parse().ok();
        let records = frame.records(&mut splits)?;
        Ok(records.map(|it| serde_json::to_string(&it.fields(tr_id)).unwrap()).collect())
    });
    records.unwrap_or_else(|error| vec![format!("error: {error}")])
}

#[test]
fn snapshots() {
    for folder in ["frames", "derived"] {
        for (tr_id, fixtures) in fixtures(folder) {
            let text: Vec<String> = fixtures.iter().flat_map(|it| lines(&it.raw)).collect();
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(format!("{folder}_{tr_id}"), text.join("\n"));
            });
        }
    }
}

#[test]
fn control_frames() {
    let text = include_str!("../../../fixtures/control.jsonl");
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            match Control::parse(line["raw"].as_str().unwrap()) {
                Ok(control) => format!("{control:?}"),
                Err(error) => format!("error: {error}"),
            }
        })
        .collect();
    insta::assert_snapshot!("control", lines.join("\n"));
}

#[test]
fn every_column_is_as_an_independent_split_has_it() {
    for fixture in
        fixtures("frames").into_values().chain(fixtures("derived").into_values()).flatten()
    {
        let parts: Vec<&str> = fixture.raw.splitn(4, '|').collect();
        let expected: Vec<&str> = parts[3].split('^').collect();
        let actual = lines(&fixture.raw);
        if actual[0].starts_with("error:") {
            continue;
        }
        let actual: Vec<String> =
            actual.iter().flat_map(|it| serde_json::from_str::<Values>(it).unwrap().0).collect();
        assert_eq!(actual, expected, "{}", fixture.raw);
    }
}

#[test]
fn every_stream_has_a_frame_or_a_reason() {
    let frames = fixtures("frames");
    let derived = fixtures("derived");
    let missing = include_str!("../../../fixtures/frames/missing.json");
    let missing: BTreeMap<String, String> = serde_json::from_str(missing).unwrap();
    for &tr_id in TrId::ALL {
        let real = frames.get(tr_id.as_str()).is_some_and(|it| it.iter().any(Fixture::is_real));
        let reason = missing.get(tr_id.as_str()).is_some_and(|it| !it.is_empty());
        assert!(real != reason, "{tr_id}: a frame ({real}) or a reason ({reason}), one of both");
        assert_eq!(derived.contains_key(tr_id.as_str()), reason, "{tr_id}: a derived frame");
    }
    assert_eq!(missing.keys().filter(|it| it.parse::<TrId>().is_err()).count(), 0);
}

#[test]
fn recorded_widths_are_in_the_table() {
    for fixture in fixtures("frames").into_values().flatten().filter(Fixture::is_real) {
        let frame = Frame::parse(&fixture.raw).unwrap();
        let tr_id: TrId = frame.tr_id.parse().unwrap();
        assert_eq!(tr_id.as_str(), fixture.tr_id);
        match frame.records(&mut Splits::default()) {
            Ok(records) => {
                let columns = records.columns();
                let known = tr_id.widths().iter().any(|it| it.columns == columns);
                assert!(known, "{tr_id}: {columns} columns, {}", fixture.note);
            }
            Err(FrameError::Encrypted { .. }) => assert!(tr_id.encrypted()),
            Err(error) => assert!(fixture.note.contains("malformed"), "{error}"),
        }
    }
}

#[test]
fn numbers_are_numbers() {
    let mut odd = Vec::new();
    for fixture in fixtures("frames").into_values().flatten().filter(Fixture::is_real) {
        let frame = Frame::parse(&fixture.raw).unwrap();
        let tr_id: TrId = frame.tr_id.parse().unwrap();
        let mut splits = Splits::default();
        let Ok(records) = frame.records(&mut splits) else { continue };
        for record in records {
            for (column, text) in
                tr_id.layout_for(record.len()).columns.iter().zip(record.columns())
            {
                let fits = match column.kind {
                    Kind::Integer => i64::from_field(text).is_some(),
                    Kind::Decimal => Decimal::from_field(text).is_some(),
                    _ => true,
                };
                if !fits && !text.is_empty() {
                    odd.push(format!("{tr_id}.{} {text:?}", column.name));
                }
            }
        }
    }
    odd.dedup();
    insta::assert_snapshot!("odd_numbers", odd.join("\n"));
}

#[test]
fn a_notice_decrypts() {
    let cipher = Cipher::new(&"0".repeat(32), "abcdef0123456789").unwrap();
    let notices = &fixtures("frames")["H0STCNI9"];
    let sealed = notices.iter().find(|it| it.raw.starts_with('1')).unwrap();
    let frame = Frame::parse(&sealed.raw).unwrap();
    let plain = cipher.decrypt(frame.body).unwrap();
    insta::assert_snapshot!("notice", lines(&format!("0|H0STCNI9|001|{plain}")).join("\n"));
}

impl Fixture {
    fn is_real(&self) -> bool {
        matches!(self.authenticity.as_str(), "recorded" | "example" | "reconstructed")
    }
}
