//! What reading a frame costs, against the `split` that every client writes
//! first. All rows of one run see the same frames: one trade of 47 columns, and
//! every readable recorded frame of every stream.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may panic and has no readers")]

use std::{fs, path::Path};

use divan::{Bencher, black_box, counter::BytesCount};
use kis_protocol::{Frame, Record, Splits, TrId, normalized::Normalized, record, time::Timestamp};

fn main() {
    // A sample of one run would measure the timer and a cold cache.
    divan::Divan::default().sample_count(200).sample_size(32).config_with_args().main();
}

/// Which frames a row reads.
#[derive(Debug, Clone, Copy)]
enum Set {
    Trade,
    Recorded,
}

const SETS: [Set; 2] = [Set::Trade, Set::Recorded];

impl Set {
    fn frames(self) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/frames");
        let mut paths: Vec<_> = fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).collect();
        paths.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
        paths.sort();
        let text: String = paths.iter().map(|it| fs::read_to_string(it).unwrap()).collect();
        let frames = text.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["raw"].as_str().unwrap().to_owned()
        });
        let mut frames: Vec<String> = frames
            .filter(|it| {
                Frame::parse(it).is_ok_and(|it| it.records(&mut Splits::default()).is_ok())
            })
            .collect();
        if matches!(self, Self::Trade) {
            frames.retain(|it| it.starts_with("0|H0STCNT0|001|") && it.matches('^').count() == 46);
            frames.truncate(1);
        }
        assert!(!frames.is_empty());
        frames
    }
}

fn bench(bencher: Bencher<'_, '_>, set: Set, mut read: impl FnMut(&str)) {
    let frames = set.frames();
    let bytes: usize = frames.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for frame in &frames {
            read(black_box(frame));
        }
    });
}

#[divan::bench(args = SETS)]
fn a0_naive_split(bencher: Bencher<'_, '_>, set: Set) {
    bench(bencher, set, |frame| {
        black_box(frame.split('^').collect::<Vec<_>>());
    });
}

#[divan::bench(args = SETS)]
fn a1_route(bencher: Bencher<'_, '_>, set: Set) {
    bench(bencher, set, |frame| {
        let frame = Frame::parse(frame).unwrap();
        black_box((frame.tr_id.parse::<TrId>().ok(), frame.first_key()));
    });
}

#[divan::bench(args = SETS)]
fn a2_route_every_record(bencher: Bencher<'_, '_>, set: Set) {
    let mut splits = Splits::default();
    bench(bencher, set, |frame| {
        let frame = Frame::parse(frame).unwrap();
        black_box(frame.tr_id.parse::<TrId>().ok());
        if frame.count == 1 {
            black_box(frame.first_key());
        } else {
            frame.records(&mut splits).unwrap().for_each(|it| {
                black_box(it.key());
            });
        }
    });
}

#[divan::bench(args = SETS)]
fn b_split(bencher: Bencher<'_, '_>, set: Set) {
    let mut splits = Splits::default();
    bench(bencher, set, |frame| {
        black_box(Frame::parse(frame).unwrap().records(&mut splits).unwrap());
    });
}

/// The normalized view as JSON, counted by its own output.
#[divan::bench(args = SETS)]
fn e_normalized_json(bencher: Bencher<'_, '_>, set: Set) {
    let frames = set.frames();
    let mut splits = Splits::default();
    let mut out = Vec::new();
    let mut write = |out: &mut Vec<u8>| {
        out.clear();
        for frame in black_box(&frames) {
            let frame = Frame::parse(frame).unwrap();
            let tr_id = frame.tr_id.parse().unwrap();
            for record in frame.records(&mut splits).unwrap() {
                if let Ok(view) = Normalized::read(record, tr_id, Timestamp::from_unix(0, 0)) {
                    view.write_json(out);
                }
            }
        }
    };
    write(&mut out);
    bencher.counter(BytesCount::new(out.len())).bench_local(|| {
        write(&mut out);
        black_box(out.len())
    });
}

#[divan::bench(args = SETS)]
fn d_fields_json(bencher: Bencher<'_, '_>, set: Set) {
    let mut splits = Splits::default();
    let mut out = Vec::new();
    write_json(&set.frames(), &mut splits, &mut out);
    let bytes = out.len();
    let frames = set.frames();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        out.clear();
        write_json(black_box(&frames), &mut splits, &mut out);
        black_box(out.len())
    });
}

fn write_json(frames: &[String], splits: &mut Splits, out: &mut Vec<u8>) {
    for frame in frames {
        let frame = Frame::parse(frame).unwrap();
        let tr_id = frame.tr_id.parse().ok();
        for record in frame.records(splits).unwrap() {
            record.fields(tr_id).write_json(out);
        }
    }
}

#[divan::bench(args = SETS)]
fn d0_serde_json(bencher: Bencher<'_, '_>, set: Set) {
    let mut splits = Splits::default();
    let mut out = Vec::new();
    write_json(&set.frames(), &mut splits, &mut out);
    let bytes = out.len();
    let frames = set.frames();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        out.clear();
        for frame in black_box(&frames) {
            let frame = Frame::parse(frame).unwrap();
            let tr_id = frame.tr_id.parse().ok();
            for record in frame.records(&mut splits).unwrap() {
                serde_json::to_writer(&mut out, &record.fields(tr_id)).unwrap();
            }
        }
        black_box(out.len())
    });
}

/// Every column of every record, read as its kind.
#[divan::bench(args = SETS)]
fn c_typed(bencher: Bencher<'_, '_>, set: Set) {
    let frames = set.frames();
    let frames: Vec<_> = frames.iter().map(|it| (it.as_str(), reader(it))).collect();
    let bytes: usize = frames.iter().map(|(frame, _)| frame.len()).sum();
    let mut splits = Splits::default();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for (frame, read) in &frames {
            let frame = Frame::parse(black_box(frame)).unwrap();
            frame.records(&mut splits).unwrap().for_each(read);
        }
    });
}

/// Calls every accessor of a record.
trait ReadAll {
    fn read_all(&self);
}

/// The tables of the records once more, each made into a list of its accessors.
macro_rules! layout {
    (
        $(#[$meta:meta])*
        pub struct $record:ident { $(#[$label:meta] $column:ident: $kind:ident,)+ }
        $($rest:tt)*
    ) => {
        const _: () = {
            #[allow(unused_imports)]
            use kis_protocol::record::{
                bond::*, elw::*, etf::*, index::*, index_future::*, index_option::*,
                overseas_future::*, overseas_stock::*, stock::*, stock_future::*, stock_option::*,
            };

            impl crate::ReadAll for $record<'_> {
                #[inline(never)]
                fn read_all(&self) {
                    $(divan::black_box(&self.$column());)+
                }
            }
        };
    };
}

#[path = "../src/record/mod.rs"]
#[allow(unreachable_pub, reason = "public in the crate it belongs to")]
mod tables;

fn reader(frame: &str) -> fn(Record<'_>) {
    macro_rules! by_name {
        ($name:expr, $($module:ident: $($record:ident)+;)+) => {
            match $name {
                $($(stringify!($record) => |it| record::$module::$record(it).read_all(),)+)+
                name => panic!("{name} is not listed"),
            }
        };
    }
    let frame = Frame::parse(frame).unwrap();
    let mut splits = Splits::default();
    let columns = frame.records(&mut splits).unwrap().columns();
    by_name! { frame.tr_id.parse::<TrId>().unwrap().layout_for(columns).name,
        bond: BondTrade BondBook BondIndexTrade;
        elw: ElwTrade ElwBook ElwExpectedTrade;
        etf: EtfNav;
        index: IndexTrade IndexExpectedTrade15 IndexProgramTrade;
        index_future: FutureTrade NightFutureTrade FutureBook FutureOptionNotice NightNotice;
        index_option: OptionTrade NightOptionTrade OptionBook NightOptionBook37
            NightOptionExpectedTrade;
        overseas_future: OverseasFutureTrade OverseasFutureBook OverseasFutureOrderNotice
            OverseasFutureFillNotice;
        overseas_stock: OverseasStockTrade OverseasStockBook OverseasStockBook17
            OverseasStockNotice;
        stock: StockTrade VenueStockTrade StockExpectedTrade StockBook NxtStockBook
            NxtStockBook62 UnifiedStockBook StockMembers StockMarketStatus StockProgramTrade
            StockNotice StockNotice23 OvertimeStockBook54 OvertimeStockBook OvertimeStockTrade;
        stock_future: StockFutureTrade StockFutureBook StockFutureExpectedTrade;
        stock_option: StockOptionTrade StockOptionBook StockOptionExpectedTrade;
    }
}
