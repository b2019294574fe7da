//! What reading frames costs, against the `split` that every client writes
//! first: `cargo bench -p kis-protocol`.
//!
//! All rows read the same frames: one trade of 47 columns, or every readable
//! recorded frame of every stream. First comes a table of ratios, whose rows
//! were measured in turns, so that a machine that is faster now and slower then
//! does not bend them; then each row by itself.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench may panic and print, and has no readers"
)]

use std::{fs, path::Path, time::Instant};

use divan::{Bencher, black_box, counter::BytesCount};
use kis_protocol::{Frame, Record, Splits, TrId, normalized::Normalized, record, time::Timestamp};

fn main() {
    if std::env::args().any(|it| it == "--bench") {
        print_ratios();
    }
    // A sample of one run would measure the timer and a cold cache.
    divan::Divan::default().sample_count(200).sample_size(32).config_with_args().main();
}

/// A way to read frames; what it writes is left in the scratch space.
type Row = fn(&[Sample], &mut Scratch);

const ROWS: [(&str, Row); 7] = [
    ("naive split", naive_split),
    ("route", route),
    ("route every record", route_every_record),
    ("split", split),
    ("typed", typed),
    ("fields JSON", fields_json),
    ("normalized JSON", normalized_json),
];

fn naive_split(frames: &[Sample], _: &mut Scratch) {
    for frame in frames {
        black_box(black_box(&frame.text).split('^').collect::<Vec<_>>());
    }
}

fn route(frames: &[Sample], _: &mut Scratch) {
    for frame in frames {
        let frame = frame.parse();
        black_box((frame.tr_id.parse::<TrId>().ok(), frame.first_key()));
    }
}

fn route_every_record(frames: &[Sample], scratch: &mut Scratch) {
    for frame in frames {
        let frame = frame.parse();
        black_box(frame.tr_id.parse::<TrId>().ok());
        if frame.count == 1 {
            black_box(frame.first_key());
        } else {
            frame.records(&mut scratch.splits).unwrap().for_each(|it| {
                black_box(it.key());
            });
        }
    }
}

fn split(frames: &[Sample], scratch: &mut Scratch) {
    for frame in frames {
        black_box(frame.parse().records(&mut scratch.splits).unwrap());
    }
}

/// Every column of every record, read as its kind.
fn typed(frames: &[Sample], scratch: &mut Scratch) {
    for frame in frames {
        frame.parse().records(&mut scratch.splits).unwrap().for_each(frame.read_all);
    }
}

fn fields_json(frames: &[Sample], Scratch { splits, out }: &mut Scratch) {
    for frame in frames {
        let frame = frame.parse();
        let tr_id = frame.tr_id.parse().ok();
        for record in frame.records(splits).unwrap() {
            record.fields(tr_id).write_json(out);
        }
    }
}

fn fields_serde_json(frames: &[Sample], Scratch { splits, out }: &mut Scratch) {
    for frame in frames {
        let frame = frame.parse();
        let tr_id = frame.tr_id.parse().ok();
        for record in frame.records(splits).unwrap() {
            serde_json::to_writer(&mut *out, &record.fields(tr_id)).unwrap();
        }
    }
}

fn normalized_json(frames: &[Sample], Scratch { splits, out }: &mut Scratch) {
    for frame in frames {
        let frame = frame.parse();
        let tr_id = frame.tr_id.parse().unwrap();
        for record in frame.records(splits).unwrap() {
            if let Ok(view) = Normalized::read(record, tr_id, Timestamp::from_unix(0, 0)) {
                view.write_json(out);
            }
        }
    }
}

/// Which frames a row reads.
#[derive(Debug, Clone, Copy)]
enum Set {
    Trade,
    Recorded,
}

const SETS: [Set; 2] = [Set::Trade, Set::Recorded];

struct Sample {
    text: String,
    read_all: fn(Record<'_>),
}

#[derive(Default)]
struct Scratch {
    splits: Splits,
    out: Vec<u8>,
}

impl Sample {
    fn parse(&self) -> Frame<'_> {
        Frame::parse(black_box(&self.text)).unwrap()
    }
}

impl Set {
    fn frames(self) -> Vec<Sample> {
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
        frames.into_iter().map(|text| Sample { read_all: reader(&text), text }).collect()
    }

    /// How often a row is run for one measurement, to be long against the timer.
    fn repeats(self) -> u32 {
        match self {
            Self::Trade => 300,
            Self::Recorded => 3,
        }
    }
}

/// Each row's cost in parts of the naive split's, and its output a second.
fn print_ratios() {
    println!("{:22}{:>12}{:>10}{:>9}{:>10}", "", "time", "of naive", "faster", "output");
    for set in SETS {
        let frames = set.frames();
        let mut scratch = Scratch::default();
        let mut times = [const { Vec::new() }; ROWS.len()];
        let mut outputs = [0; ROWS.len()];
        for _ in 0..200 {
            for (index, (_, row)) in ROWS.iter().enumerate() {
                let start = Instant::now();
                for _ in 0..set.repeats() {
                    scratch.out.clear();
                    row(&frames, &mut scratch);
                }
                times[index].push(start.elapsed() / set.repeats());
                outputs[index] = scratch.out.len();
            }
        }
        let medians = times.map(|mut it| *it.select_nth_unstable(100).1);
        println!("{set:?}: {} frames", frames.len());
        for (((name, _), time), output) in ROWS.iter().zip(medians).zip(outputs) {
            let (time, naive) = (time.as_secs_f64(), medians[0].as_secs_f64());
            print!("  {name:20}{:9.0} ns{:10.3}{:8.1}x", time * 1e9, time / naive, naive / time);
            match output {
                0 => println!(),
                bytes => println!("{:5.2} GB/s", bytes as f64 / time / 1e9),
            }
        }
    }
}

fn bench(bencher: Bencher<'_, '_>, set: Set, row: Row) {
    let frames = set.frames();
    let mut scratch = Scratch::default();
    row(&frames, &mut scratch);
    // What is written counts, or else what is read.
    let bytes = match scratch.out.len() {
        0 => frames.iter().map(|it| it.text.len()).sum(),
        bytes => bytes,
    };
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        scratch.out.clear();
        row(&frames, &mut scratch);
    });
}

macro_rules! benches {
    ($($name:ident: $row:expr;)+) => {$(
        #[divan::bench(args = SETS)]
        fn $name(bencher: Bencher<'_, '_>, set: Set) {
            bench(bencher, set, $row);
        }
    )+};
}

// Named so that they are printed in this order.
benches! {
    a0_naive_split: naive_split;
    a1_route: route;
    a2_route_every_record: route_every_record;
    b_split: split;
    c_typed: typed;
    d_fields_json: fields_json;
    d0_fields_serde_json: fields_serde_json;
    e_normalized_json: normalized_json;
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

/// Reads every column of a record of the frame's kind.
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
