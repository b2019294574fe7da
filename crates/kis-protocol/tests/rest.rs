//! Typed REST calls: every recorded answer, and whatever else may come; and the keys of
//! topics, recorded and arbitrary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

use kis_protocol::{
    Frame, KeyKind, Splits, TrId,
    catalogue::{self, CallError, Environment, Prepared},
    code::{OverseasOrderExchange, Side, StockExchange},
    rest::{
        Account, FutureOptionPricing, OverseasPricing, Remaining, Request, StockPricing,
        future_option::{self, FutureOptionOrder},
        overseas_stock::{self, CancelOverseasOrder, OverseasOrder},
        stock::{self, AmendStockOrder, CancelStockOrder, StockOrder},
    },
    tr_key::{OverseasContract, TrKey},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Reads an answer as the typed one of a call, if there is one, and writes it again.
#[allow(elided_lifetimes_in_paths, reason = "some requests borrow, some do not")]
fn read(id: &str, body: &str) -> Option<Result<Value, serde_json::Error>> {
    fn typed<R: Request<Response: serde::Serialize>>(
        body: &str,
    ) -> Result<Value, serde_json::Error> {
        serde_json::to_value(serde_json::from_str::<R::Response>(body)?)
    }
    macro_rules! one_of {
        ($($module:ident::{ $($request:ident),+ })+) => {
            match id {
                $($(<$module::$request as Request>::ID => Some(typed::<$module::$request>(body)),)+)+
                _ => None,
            }
        };
    }
    one_of! {
        stock::{
            StockPrice, StockBook, StockMinutes, StockMinutesOfDay, StockChart, StockInvestors,
            StockInvestorDays, StockHolidays, StockBalance, StockBuyable, StockSellable,
            StockOpenOrders, StockExecutions, StockOrder, AmendStockOrder
        }
        future_option::{
            FutureOptionPrice, FutureOptionBook, FutureOptionMinutes, FutureOptionChart,
            OptionMonths, OptionBoard, FutureOptionBalance, FutureOptionOrderable,
            FutureOptionExecutions, NightFutureOptionBalance, NightFutureOptionOrderable,
            NightFutureOptionExecutions, FutureOptionOrder, AmendFutureOptionOrder
        }
        overseas_stock::{
            OverseasPrice, OverseasPriceDetail, OverseasBook, OverseasChart, OverseasIndexChart,
            OverseasMinutes, OverseasHolidays, OverseasBalance, OverseasPresentBalance,
            OverseasBuyable, OverseasOpenOrders, OverseasExecutions, OverseasOrder,
            AmendOverseasOrder, OverseasDayOrder, AmendOverseasDayOrder
        }
    }
}

/// Every recorded answer of a call that is typed. Nothing in them is left unread.
#[test]
fn recorded_answers() {
    let mut names: Vec<_> = fs::read_dir(Path::new(ROOT).join("fixtures/rest")).unwrap().collect();
    names.sort_by_key(|it| it.as_ref().unwrap().file_name());
    let mut seen = 0;
    for entry in names {
        let entry = entry.unwrap();
        let fixture: Value = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
        let tr = fixture["path"].as_str().and_then(catalogue::at);
        let body = fixture["response"].to_string();
        let Some(answer) = tr.and_then(|it| read(it.id, &body)) else { continue };
        let answer = answer.unwrap();
        assert!(!answer.to_string().contains("unread"), "{answer}");
        let name = entry.file_name().into_string().unwrap();
        insta::assert_json_snapshot!(format!("answer_{}", name.trim_end_matches(".json")), answer);
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}

/// What the sources do not say for certain, KIS may send either way.
#[test]
fn answers_are_read_leniently() {
    let check = |id: &str, body: Value, expected: Value| {
        assert_eq!(read(id, &body.to_string()).unwrap().unwrap(), expected, "{id}");
    };
    let sellable = "domestic-stock/inquire-psbl-sell";
    // A list where a row is expected, and the other name that KIS uses for it.
    check(
        sellable,
        json!({"output": [{"pdno": "005930", "sll_qty": "000000000001"}, {"pdno": "000660"}]}),
        json!({"output1": {"pdno": "005930", "sll_qty": 1}}),
    );
    let chart = "domestic-stock/inquire-daily-itemchartprice";
    // A row where a list is expected.
    check(
        chart,
        json!({"output2": {"stck_clpr": "71900"}}),
        json!({"output1": {}, "output2": [{"stck_clpr": "71900"}]}),
    );
    // Nothing, in every way that KIS says it.
    for nothing in [json!(null), json!(""), json!({}), json!([]), json!([{}]), json!(0)] {
        check(
            chart,
            json!({"output1": nothing, "output2": nothing}),
            json!({"output1": {}, "output2": []}),
        );
    }
    check(chart, json!({"rt_cd": "1"}), json!({"output1": {}, "output2": []}));
    // Values that are not there, that are not texts, or that are something else.
    check(
        chart,
        json!({"output1": {
            "stck_prpr": "  ", "prdy_vrss_sign": "9", "prdy_ctrt": "-nan", "acml_vol": 12,
            "hts_kor_isnm": "삼성전자   ", "stck_oprc": null, "PRDY_VOL": "1.0", "vol_tnrt": 0.5,
            "lstn_stcn": ["1"], "per": {"a": 1}, "eps": "1e5", "new": "column",
        }, "output2": [null, {"stck_bsop_date": "00000000", "mod_yn": "?"}]}),
        json!({
            "output1": {
                "acml_vol": 12, "hts_kor_isnm": "삼성전자", "prdy_vol": 1, "vol_tnrt": "0.5",
                "unread": [
                    {"column": "eps", "text": "1e5"},
                    {"column": "prdy_ctrt", "text": "-nan"},
                    {"column": "prdy_vrss_sign", "text": "9"},
                ],
            },
            "output2": [{"unread": [{"column": "mod_yn", "text": "?"}]}],
        }),
    );
}

/// The parameters of a call, those of the account aside.
fn sent(call: &Prepared) -> String {
    let mut sent = call.tr_id.unwrap().to_owned();
    for (name, value) in &call.parameters {
        if !matches!(*name, "CANO" | "ACNT_PRDT_CD") {
            sent.push_str(&format!(" {name}={value}"));
        }
    }
    sent
}

#[test]
fn orders_are_sent_as_meant() {
    let check = |request: Result<Prepared, CallError>, expected: &str| {
        assert_eq!(sent(&request.unwrap()), expected);
    };
    let account: Account = "12345678-01".parse().unwrap();
    let (real, paper) = (Environment::Real, Environment::Paper);
    let quantity = 10.try_into().unwrap();
    let order = StockOrder {
        account,
        side: Side::Buy,
        symbol: "005930",
        quantity,
        pricing: StockPricing::Market,
        exchange: StockExchange::Krx,
    };
    check(
        order.prepare(paper),
        "VTTC0012U PDNO=005930 ORD_DVSN=01 ORD_QTY=10 ORD_UNPR=0 EXCG_ID_DVSN_CD=KRX SLL_TYPE= \
         CNDT_PRIC=",
    );
    let pricing = StockPricing::Limit("71900".parse().unwrap());
    check(
        StockOrder { side: Side::Sell, pricing, ..order }.prepare(real),
        "TTTC0011U PDNO=005930 ORD_DVSN=00 ORD_QTY=10 ORD_UNPR=71900 EXCG_ID_DVSN_CD=KRX \
         SLL_TYPE= CNDT_PRIC=",
    );
    let amend = AmendStockOrder {
        account,
        office: "06010",
        number: "0000002101",
        quantity: Remaining::Part(quantity),
        pricing,
        exchange: StockExchange::SmartRouting,
    };
    check(
        amend.prepare(real),
        "TTTC0013U KRX_FWDG_ORD_ORGNO=06010 ORGN_ODNO=0000002101 ORD_DVSN=00 \
         RVSE_CNCL_DVSN_CD=01 ORD_QTY=10 ORD_UNPR=71900 QTY_ALL_ORD_YN=N EXCG_ID_DVSN_CD=SOR",
    );
    let cancel = CancelStockOrder {
        account,
        office: "06010",
        number: "0000002101",
        quantity: Remaining::All,
        exchange: StockExchange::Krx,
    };
    check(
        cancel.prepare(paper),
        "VTTC0013U KRX_FWDG_ORD_ORGNO=06010 ORGN_ODNO=0000002101 ORD_DVSN=00 \
         RVSE_CNCL_DVSN_CD=02 ORD_QTY=0 ORD_UNPR=0 QTY_ALL_ORD_YN=Y EXCG_ID_DVSN_CD=KRX",
    );
    let night = FutureOptionOrder {
        account,
        session: kis_protocol::code::DerivativeSession::Night,
        side: Side::Sell,
        symbol: "A01609",
        quantity,
        pricing: FutureOptionPricing::LimitIoc("1080.30".parse().unwrap()),
    };
    check(
        night.prepare(real),
        "STTN1101U ORD_PRCS_DVSN_CD=02 SLL_BUY_DVSN_CD=01 SHTN_PDNO=A01609 ORD_QTY=10 \
         UNIT_PRICE=1080.30 NMPR_TYPE_CD=01 KRX_NMPR_CNDT_CD=3 ORD_DVSN_CD=10 CTAC_TLNO= \
         FUOP_ITEM_DVSN_CD=",
    );
    assert!(matches!(night.prepare(paper), Err(CallError::RealOnly { .. })));
    let order = OverseasOrder {
        account,
        side: Side::Sell,
        exchange: OverseasOrderExchange::NewYork,
        symbol: "IBM",
        quantity,
        pricing: OverseasPricing::Limit("145.50".parse().unwrap()),
    };
    let rest = "CTAC_TLNO= MGCO_APTM_ODNO= SLL_TYPE=00 ORD_SVR_DVSN_CD=0 ORD_DVSN=00";
    let expected = format!("OVRS_EXCG_CD=NYSE PDNO=IBM ORD_QTY=10 OVRS_ORD_UNPR=145.50 {rest}");
    check(order.prepare(real), &format!("TTTT1006U {expected}"));
    check(order.prepare(paper), &format!("VTTT1001U {expected}"));
    let bought = expected.replace("SLL_TYPE=00", "SLL_TYPE=");
    check(OverseasOrder { side: Side::Buy, ..order }.prepare(real), &format!("TTTT1002U {bought}"));
    let exchange = OverseasOrderExchange::Other("NOWHERE");
    let nowhere = OverseasOrder { exchange, ..order }.prepare(real);
    assert!(matches!(nowhere, Err(CallError::TooLong { .. } | CallError::Disallowed { .. })));
    let cancel = CancelOverseasOrder {
        account,
        exchange: OverseasOrderExchange::Tokyo,
        symbol: "7203",
        number: "0030132992",
        quantity,
    };
    check(
        cancel.prepare(real),
        "TTTS0309U OVRS_EXCG_CD=TKSE PDNO=7203 ORGN_ODNO=0030132992 RVSE_CNCL_DVSN_CD=02 \
         ORD_QTY=10 OVRS_ORD_UNPR=0 MGCO_APTM_ODNO= ORD_SVR_DVSN_CD=0",
    );
}

#[test]
fn an_account_is_not_shown() {
    let account: Account = "12345678-01".parse().unwrap();
    let balance = stock::StockBalance { account };
    let call = balance.prepare(Environment::Real).unwrap();
    assert!(call.parameters.contains(&("CANO", "12345678".to_owned())));
    assert!(!format!("{balance:?}{call:?}").contains("12345678"));
    let body = r#"{"output1":[{"cano":"12345678","acnt_prdt_cd":"03","prdt_name":"F 202609"}]}"#;
    let answer: future_option::FutureOptionBalanceAnswer = serde_json::from_str(body).unwrap();
    assert!(!format!("{answer:?}").contains("12345678"));
    assert_eq!(answer.output1[0].cano.as_ref().unwrap().reveal(), "12345678");
}

/// The form of every key that has been recorded is known, and it is built as it was.
#[test]
fn recorded_keys() {
    let mut keys = BTreeSet::new();
    for folder in ["frames", "derived"] {
        for entry in fs::read_dir(Path::new(ROOT).join("fixtures").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|it| it != "jsonl") {
                continue;
            }
            for line in fs::read_to_string(path).unwrap().lines() {
                let fixture: Value = serde_json::from_str(line).unwrap();
                let Ok(frame) = Frame::parse(fixture["raw"].as_str().unwrap()) else { continue };
                let Ok(tr_id) = frame.tr_id.parse::<TrId>() else { continue };
                let mut splits = Splits::default();
                let Ok(records) = frame.records(&mut splits) else { continue };
                let first = records.filter_map(|it| it.columns().next());
                keys.extend(first.map(|it| (tr_id, it.to_owned())));
            }
        }
    }
    // | `tr_id` | name | `tr_key` |
    for line in fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap().lines() {
        let cells: Vec<_> = line.split('|').map(|it| it.trim().trim_matches('`')).collect();
        if let [_, tr_id, _, key, ..] = cells[..] {
            keys.extend(tr_id.parse().ok().map(|it| (it, key.to_owned())));
        }
    }
    assert!(keys.len() > 100, "{}", keys.len());
    for (tr_id, key) in keys.iter().filter(|it| it.0.key_kind() != KeyKind::HtsId) {
        let read = TrKey::read(*tr_id, key).unwrap();
        assert!(!matches!(read, TrKey::Other(_)), "{tr_id:?} {key:?}");
        assert_eq!(read.to_key(), *key);
    }
    assert!(OverseasContract::read("OESH23 C3900").is_some());
}

/// The calls that are typed.
fn typed_id() -> impl Strategy<Value = &'static str> {
    let all = catalogue::all().iter().map(|it| it.id);
    proptest::sample::select(all.filter(|it| read(it, "{}").is_some()).collect::<Vec<_>>())
}

/// Any JSON.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "(0{0,9}|-?[0-9]{0,20}|[+-]?[0-9]{1,9}[.][0-9]{0,9}|nan|Y|20260230|240000)"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![
            "output[123]?",
            "(stck_prpr|acml_vol|prdy_vrss_sign|stck_bsop_date|odno|ODNO|CANO)",
            "\\PC{0,6}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    /// An object is read as any answer; nothing else makes it panic.
    #[test]
    fn any_answer_is_read(id in typed_id(), body in json_value()) {
        let answer = read(id, &body.to_string()).unwrap();
        prop_assert!(answer.is_ok() || !body.is_object(), "{:?}", answer);
    }

    #[test]
    fn no_text_makes_an_answer_panic(id in typed_id(), body in "\\PC{0,60}") {
        let _ = read(id, &body);
    }

    /// Whatever is taken apart is built as it was.
    #[test]
    fn keys_read_back(
        tr_id in proptest::sample::select(TrId::ALL),
        key in prop_oneof![
            "\\PC{0,14}",
            "[QDR]?[A-Z0-9]{0,12}",
            "[1-4A-D][0-9A-Z]{2}[0-9A-W][0-9A-Z]{2}[0-9A-Z]{0,3}S?",
            "[A-Z0-9]{1,4}[FGHJKMNQUVXZ][0-9]{2}( [CP][0-9]{1,5})?",
        ],
    ) {
        if let Ok(read) = TrKey::read(tr_id, &key) {
            prop_assert_eq!(&*read.to_key(), &*key);
        }
    }

    #[test]
    fn accounts_are_read_or_refused(text in "\\PC{0,14}") {
        if let Ok(account) = text.parse::<Account>() {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(account.cano().to_owned() + account.acnt_prdt_cd(), digits);
        }
    }
}
