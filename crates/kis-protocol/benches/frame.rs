//! What reading a frame costs, against the `split` that every client writes
//! first. All rows of one run see the same frames: one trade of 47 columns, and
//! every readable recorded frame of every stream.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may panic and has no readers")]

use std::{fs, path::Path};

use divan::{Bencher, black_box, counter::BytesCount};
use kis_protocol::{
    Frame, Splits, TrId, normalized::Normalized, record::stock::StockTrade, time::Timestamp,
};

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

/// Calls every accessor of a trade.
macro_rules! all {
    ($trade:expr, $($column:ident)+) => {
        $(black_box(&$trade.$column());)+
    };
}

#[divan::bench]
fn c_typed_trade(bencher: Bencher<'_, '_>) {
    let mut splits = Splits::default();
    bench(bencher, Set::Trade, |frame| {
        let frame = Frame::parse(frame).unwrap();
        for trade in frame.records(&mut splits).unwrap().map(StockTrade) {
            all!(trade, mksc_shrn_iscd stck_cntg_hour stck_prpr prdy_vrss_sign prdy_vrss prdy_ctrt
                wghn_avrg_stck_prc stck_oprc stck_hgpr stck_lwpr askp1 bidp1 cntg_vol acml_vol
                acml_tr_pbmn seln_cntg_csnu shnu_cntg_csnu ntby_cntg_csnu cttr seln_cntg_smtn
                shnu_cntg_smtn ccld_dvsn shnu_rate prdy_vol_vrss_acml_vol_rate oprc_hour
                oprc_vrss_prpr_sign oprc_vrss_prpr hgpr_hour hgpr_vrss_prpr_sign hgpr_vrss_prpr
                lwpr_hour lwpr_vrss_prpr_sign lwpr_vrss_prpr bsop_date new_mkop_cls_code trht_yn
                askp_rsqn1 bidp_rsqn1 total_askp_rsqn total_bidp_rsqn vol_tnrt
                prdy_smns_hour_acml_vol prdy_smns_hour_acml_vol_rate hour_cls_code
                mrkt_trtm_cls_code vi_stnd_prc market_cls_code);
        }
    });
}
