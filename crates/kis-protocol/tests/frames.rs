//! Every recorded frame against the tables: snapshots of all of them, and the
//! rules that make the tables trustworthy.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

use kis_protocol::{
    Decimal, Frame, FrameError, FromField, Kind, Splits, TrId,
    control::Control,
    normalized::Normalized,
    notice::Cipher,
    schema,
    time::{Date, Time, Timestamp},
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

/// The names in a JSON object, repeated ones included.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Names(names))
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

/// The normalized view of each record, as if received in the middle of a night
/// session, or why there is none.
fn normalized(raw: &str) -> Vec<String> {
    let received = Timestamp::korean(
        Date::from_field("20260922").unwrap(),
        Time::from_field("000500").unwrap(),
    );
    let mut splits = Splits::default();
    let frame = Frame::parse(raw).unwrap();
    let tr_id = frame.tr_id.parse().unwrap();
    let Ok(records) = frame.records(&mut splits) else { return Vec::new() };
    let line = |record| match Normalized::read(record, tr_id, received) {
        Ok(view) => {
            let mut out = Vec::new();
            view.write_json(&mut out);
            String::from_utf8(out).unwrap()
        }
        Err(error) => format!("error: {error}"),
    };
    records.map(line).collect()
}

#[test]
fn normalized_snapshots() {
    for folder in ["frames", "derived"] {
        for (tr_id, fixtures) in fixtures(folder) {
            let text: Vec<String> = fixtures.iter().flat_map(|it| normalized(&it.raw)).collect();
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(format!("normalized_{folder}_{tr_id}"), text.join("\n"));
            });
        }
    }
}

#[test]
fn every_stream_has_a_normalized_frame() {
    for &tr_id in TrId::ALL {
        let frames = ["frames", "derived"].map(fixtures).into_iter().flatten();
        let of_stream = frames.filter(|(it, _)| it == tr_id.as_str()).flat_map(|(_, it)| it);
        let views: Vec<String> = of_stream.flat_map(|it| normalized(&it.raw)).collect();
        let kind = serde_json::to_string(&tr_id.event_kind()).unwrap();
        let start = format!("{{\"type\":{kind},\"tr_id\":\"{tr_id}\"");
        assert!(views.iter().any(|it| it.starts_with(&start)), "{tr_id}: {views:?}");
        for view in views.iter().filter(|it| it.starts_with('{')) {
            // A map would hide a name that is written twice.
            let Names(mut names) = serde_json::from_str(view).unwrap();
            let written = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), written, "{view}");
        }
    }
}

#[test]
fn every_recorded_frame_can_be_read_in_every_known_width() {
    for fixture in fixtures("frames").into_values().flatten().filter(Fixture::is_real) {
        let frame = Frame::parse(&fixture.raw).unwrap();
        let tr_id: TrId = frame.tr_id.parse().unwrap();
        let mut splits = Splits::default();
        let Ok(records) = frame.records(&mut splits) else { continue };
        for record in records {
            for width in tr_id.widths() {
                let moved = record.in_layout(tr_id, width.columns).unwrap();
                assert_eq!(moved.split('^').count(), width.columns, "{tr_id}");
            }
            assert_eq!(record.in_layout(tr_id, record.len()).unwrap(), record.text());
        }
    }
}

#[test]
fn every_stream_has_its_schema() {
    let lines: Vec<String> = schema::all()
        .iter()
        .map(|it| {
            let widths: Vec<String> = it
                .widths
                .iter()
                .map(|it| format!("{} since {} ({:?})", it.columns, it.since, it.evidence))
                .collect();
            format!("{} {:?} {:?}: {}", it.tr_id, it.normalized, it.venue, widths.join(", "))
        })
        .collect();
    insta::assert_snapshot!("schema", lines.join("\n"));
}

#[test]
fn books_are_ordered_from_the_best_level() {
    // Adjacent levels of a recorded book rise from ask to ask and fall from bid
    // to bid; a column out of place would break that.
    for fixture in fixtures("frames").into_values().flatten().filter(Fixture::is_real) {
        for view in normalized(&fixture.raw) {
            let Ok(view) = serde_json::from_str::<serde_json::Value>(&view) else { continue };
            if view["type"] != "order_book" {
                continue;
            }
            let prices = |side: &str| -> Vec<f64> {
                let levels = view[side].as_array().unwrap().iter();
                let prices = levels.map(|it| it["price"].as_str().unwrap().parse().unwrap());
                prices.filter(|it| *it > 0.0).collect()
            };
            assert!(prices("asks").is_sorted(), "{view}");
            assert!(prices("bids").is_sorted_by(|a, b| a >= b), "{view}");
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
