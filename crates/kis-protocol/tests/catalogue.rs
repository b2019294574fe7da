//! The catalogue of REST calls, held against what its sources count and what it says of
//! itself.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write,
};

use kis_protocol::catalogue::{
    self, CallError, Choice, Environment, Method, Next, Parameter, Rule, Shape, Tr, has_more,
};
use proptest::prelude::*;
use serde_json::json;

const ENVIRONMENTS: [Environment; 2] = [Environment::Real, Environment::Paper];

fn tr(id: &str) -> &'static Tr {
    catalogue::find(id).unwrap()
}

/// The id, `tr_id`s and path of every call.
#[test]
fn index() {
    let mut index = String::new();
    for tr in catalogue::all() {
        writeln!(index, "{} {} {}", tr.id, tr.method, tr.path).unwrap();
        for rule in &tr.rules {
            let when = rule.when.iter().map(|it| format!("{}={}", it.name, it.is.join("|")));
            let when: Vec<_> = when.collect();
            let line = format!("  {} {} {}", rule.real, rule.paper.unwrap_or("-"), when.join(" "));
            writeln!(index, "{}", line.trim_end()).unwrap();
        }
    }
    insta::assert_snapshot!(index);
}

/// 272 TRs in KIS' samples, two more on its portal, and four OAuth calls.
#[test]
fn has_them_all() {
    let mut counts = BTreeMap::new();
    for tr in catalogue::all() {
        *counts.entry(tr.id.split_once('/').unwrap().0).or_insert(0) += 1;
    }
    let expected = [
        ("domestic-bond", 15),
        ("domestic-futureoption", 23 + 1),
        ("domestic-stock", 131),
        ("elw", 21),
        ("etfetn", 5),
        ("oauth2", 4),
        ("overseas-futureoption", 31),
        ("overseas-stock", 46 + 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    let orders = catalogue::all().iter().filter(|it| it.order);
    assert_eq!(orders.count(), 18);
    // 41 in the samples, less three that the portal denies.
    let paper = catalogue::all().iter().filter(|it| it.rules.iter().any(|it| it.paper.is_some()));
    assert_eq!(paper.count(), 41 - 3);
}

#[test]
fn is_consistent() {
    let mut ids = HashSet::new();
    let mut paths = HashSet::new();
    for tr in catalogue::all() {
        let id = tr.id;
        let is_safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let (market, function) = id.split_once('/').unwrap();
        assert!(!market.is_empty() && market.chars().all(is_safe), "{id}");
        assert!(!function.is_empty() && function.chars().all(is_safe), "{id}");
        assert!(ids.insert(id), "{id} twice");
        assert!(paths.insert(tr.path), "{id}: {} twice", tr.path);
        assert!(tr.path.starts_with("/uapi/") || tr.path.starts_with("/oauth2/"), "{id}");
        assert!(!tr.path.contains([' ', '?', '#']), "{id}");
        assert!(!tr.name.is_empty() && !tr.section.is_empty(), "{id}");
        assert!(std::ptr::eq(catalogue::find(id).unwrap(), tr));
        assert!(std::ptr::eq(catalogue::at(tr.path).unwrap(), tr));

        assert_eq!(tr.rules.is_empty(), market == "oauth2", "{id}");
        let is_tr_id = |text: &str| {
            (9..=13).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        for rule in &tr.rules {
            assert!(is_tr_id(rule.real), "{id} {}", rule.real);
            assert!(rule.paper.is_none_or(is_tr_id), "{id} {:?}", rule.paper);
            // Orders and accounts have ids of their own on paper; quotes have the same.
            let differs = rule.paper.is_none_or(|it| it != rule.real);
            assert!(!tr.uses_account() || differs, "{id} {}", rule.real);
        }
        for alias in &tr.aliases {
            assert!(is_tr_id(alias), "{id} {alias}");
            let used = tr.rules.iter().any(|it| it.real == *alias || it.paper == Some(alias));
            assert!(!used, "{id} {alias}");
        }
        if tr.order {
            assert!(tr.method == Method::Post && tr.uses_account(), "{id}");
        }
        parameters_are_consistent(tr);
        answer_is_consistent(tr);
    }
}

fn parameters_are_consistent(tr: &Tr) {
    let mut names = HashSet::new();
    for parameter in &tr.parameters {
        let Parameter { name, label, .. } = *parameter;
        let place = format!("{} {name}", tr.id);
        assert!(names.insert(name.to_ascii_uppercase()), "{place} twice");
        assert!(!name.is_empty() && !label.is_empty(), "{place}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{place}");
        assert!(!parameter.required || parameter.default.is_none(), "{place}");
        assert!(parameter.required || !parameter.empty, "{place}");
        let selector = parameter.selector;
        assert!(!selector || (parameter.closed && parameter.required), "{place}");
        assert!(!selector || name == name.to_ascii_lowercase(), "{place}");
        let used = |rule: &Rule| rule.when.iter().any(|it| it.name == name);
        assert!(!selector || tr.rules.iter().any(used), "{place} chooses nothing");
        let values: HashSet<_> = parameter.values.iter().map(|it| it.value).collect();
        assert_eq!(values.len(), parameter.values.len(), "{place}: a value twice");
        assert!(!parameter.closed || !values.is_empty(), "{place}");
        let fits = |text: &str| parameter.length.is_none_or(|max| text.chars().count() <= max);
        assert!(values.iter().all(|it| fits(it)), "{place}");
        let given = parameter.example.or(parameter.default).unwrap_or_default();
        assert!(fits(given), "{place}");
        let listed = given.is_empty() || values.contains(given);
        assert!(!parameter.closed || listed, "{place}: {given}");
        let known = parameter.personal.is_some() || parameter.closed;
        assert!(!parameter.required || known || parameter.example.is_some(), "{place}");
    }
}

fn answer_is_consistent(tr: &Tr) {
    let mut outputs = HashSet::new();
    assert!(!tr.outputs.is_empty(), "{}", tr.id);
    for output in &tr.outputs {
        assert!(outputs.insert(output.name), "{} {}", tr.id, output.name);
        assert!(!output.columns.is_empty(), "{} {}", tr.id, output.name);
        let mut columns = HashSet::new();
        for column in &output.columns {
            assert!(columns.insert(column.name), "{} {}", tr.id, column.name);
            assert!(!column.name.contains(' ') && !column.label.is_empty(), "{}", tr.id);
        }
    }
    for key in tr.paging.iter().flatten() {
        let parameter = tr.parameters.iter().find(|it| it.name == key.parameter).unwrap();
        match key.next {
            Next::Value(value) => {
                let mut values = parameter.values.iter();
                let listed = values.len() == 0 || values.any(|it| it.value == value);
                assert!(listed, "{}", tr.id);
            }
            Next::Pointer(pointer) => {
                let parts: Vec<_> = pointer.strip_prefix('/').unwrap().split('/').collect();
                if let [output, column] = parts[..] {
                    // A pointer into a list of rows would lead nowhere.
                    let output = tr.outputs.iter().find(|it| it.name == output).unwrap();
                    assert_eq!(output.shape, Shape::Object, "{}", tr.id);
                    assert!(output.columns.iter().any(|it| it.name == column), "{}", tr.id);
                }
            }
        }
    }
}

/// Whatever the values of the parameters that conditions name, exactly one rule fits.
#[test]
fn rules_are_total_and_unambiguous() {
    for tr in catalogue::all().iter().filter(|it| !it.rules.is_empty()) {
        let named: Vec<_> = tr.parameters.iter().filter(|it| is_named(tr, it)).collect();
        assert!(named.iter().all(|it| it.closed && it.required), "{}", tr.id);
        let mut combinations: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
        for parameter in named {
            let with = |Choice { value, .. }: &Choice| {
                let add = |it: &Vec<_>| [it.as_slice(), &[(parameter.name, *value)]].concat();
                combinations.iter().map(add).collect::<Vec<_>>()
            };
            combinations = parameter.values.iter().flat_map(with).collect();
        }
        for combination in combinations {
            let fits = |rule: &&Rule| {
                rule.when.iter().all(|condition| {
                    let mut values = combination.iter();
                    values.any(|(name, it)| *name == condition.name && condition.is.contains(it))
                })
            };
            assert_eq!(tr.rules.iter().filter(fits).count(), 1, "{} {combination:?}", tr.id);
        }
    }
}

fn is_named(tr: &Tr, parameter: &Parameter) -> bool {
    tr.rules.iter().flat_map(|it| &it.when).any(|it| it.name == parameter.name)
}

#[test]
fn examples_pass_their_own_check() {
    for tr in catalogue::all() {
        for environment in ENVIRONMENTS {
            let call = tr.prepare(environment, tr.example());
            if tr.is_offered(environment) {
                let call = call.unwrap();
                assert_eq!(call.tr_id.is_none(), tr.rules.is_empty());
                assert_eq!((call.method(), call.path()), (tr.method, tr.path));
            } else {
                assert!(matches!(call, Err(CallError::RealOnly { .. })), "{}", tr.id);
            }
        }
    }
}

#[test]
fn sends_parameters_in_order_and_casing() {
    let call = tr("domestic-stock/inquire-daily-itemchartprice")
        .prepare(
            Environment::Paper,
            [
                ("fid_period_div_code", "D"),
                ("FID_INPUT_DATE_2", "20260930"),
                ("fid_input_date_1", "20260901"),
                ("Fid_Input_Iscd", "005930"),
                ("fid_org_adj_prc", "0"),
                ("fid_cond_mrkt_div_code", "J"),
            ],
        )
        .unwrap();
    let expected = [
        ("FID_COND_MRKT_DIV_CODE", "J"),
        ("FID_INPUT_ISCD", "005930"),
        ("FID_INPUT_DATE_1", "20260901"),
        ("FID_INPUT_DATE_2", "20260930"),
        ("FID_PERIOD_DIV_CODE", "D"),
        ("FID_ORG_ADJ_PRC", "0"),
    ];
    assert_eq!(call.parameters, expected.map(|(name, value)| (name, value.to_owned())));
    // Some calls are written in lower case, and stay so.
    let rank = tr("domestic-stock/fluctuation").parameter("FID_COND_MRKT_DIV_CODE").unwrap();
    assert_eq!(rank.name, "fid_cond_mrkt_div_code");
}

#[test]
fn chooses_the_tr_id() {
    let check = |id: &str, environment, changed: &[(&'static str, &'static str)], expected| {
        let tr = tr(id);
        let mut given: BTreeMap<_, _> = tr.example().into_iter().collect();
        given.extend(changed.iter().copied());
        let call = tr.prepare(environment, given).unwrap();
        assert_eq!(call.tr_id, Some(expected), "{id} {changed:?}");
        assert!(call.parameters.iter().all(|(name, _)| *name != "side" && *name != "session"));
    };
    let (real, paper) = (Environment::Real, Environment::Paper);
    check("domestic-stock/order-cash", real, &[("side", "buy")], "TTTC0012U");
    check("domestic-stock/order-cash", real, &[("side", "sell")], "TTTC0011U");
    check("domestic-stock/order-cash", paper, &[("side", "sell")], "VTTC0011U");
    check("domestic-stock/inquire-price", paper, &[], "FHKST01010100");
    check("domestic-futureoption/order", real, &[("session", "night")], "STTN1101U");
    check("domestic-futureoption/order-rvsecncl", real, &[("session", "night")], "STTN1103U");
    let nyse = [("side", "sell"), ("OVRS_EXCG_CD", "NYSE")];
    check("overseas-stock/order", real, &nyse, "TTTT1006U");
    check("overseas-stock/order", paper, &nyse, "VTTT1001U");
    let tokyo = [("side", "buy"), ("OVRS_EXCG_CD", "TKSE")];
    check("overseas-stock/order", real, &tokyo, "TTTS0308U");
    check("overseas-stock/order-rvsecncl", real, &tokyo[1..], "TTTS0309U");
    check("domestic-stock/inquire-daily-ccld", paper, &[("period", "older")], "VTSC9215R");
}

/// What stands in errors, as users will read them.
#[test]
fn errors_say_what_is_expected() {
    let check = |id: &str, environment, given: &[(&str, &str)]| {
        let given = given.iter().map(|(name, value)| (*name, *value));
        tr(id).prepare(environment, given).unwrap_err().to_string()
    };
    let (real, paper) = (Environment::Real, Environment::Paper);
    let long = "0".repeat(13);
    let night = [
        ("session", "night"),
        ("CANO", "12345678"),
        ("ACNT_PRDT_CD", "03"),
        ("ORD_PRCS_DVSN_CD", "02"),
        ("SLL_BUY_DVSN_CD", "02"),
        ("SHTN_PDNO", "A01612"),
        ("ORD_QTY", "1"),
        ("UNIT_PRICE", "0"),
        ("NMPR_TYPE_CD", "02"),
        ("KRX_NMPR_CNDT_CD", "0"),
        ("ORD_DVSN_CD", "02"),
    ];
    let errors = [
        check("domestic-stock/inquire-price", real, &[]),
        check("domestic-stock/inquire-price", real, &[("FID_INPUT_ISC", "005930")]),
        check("domestic-stock/inquire-price", real, &[("symbol", "005930")]),
        check("domestic-stock/inquire-price", real, &[("FID_INPUT_ISCD", &long)]),
        check(
            "domestic-stock/inquire-price",
            real,
            &[("fid_input_iscd", ""), ("FID_INPUT_ISCD", "")],
        ),
        check("domestic-stock/order-cash", real, &[("side", "hold")]),
        check(
            "domestic-stock/inquire-index-price",
            paper,
            &[("FID_COND_MRKT_DIV_CODE", "U"), ("FID_INPUT_ISCD", "0001")],
        ),
        check("domestic-futureoption/order", paper, &night),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn tells_nobody_what_is_personal() {
    let balance = tr("domestic-stock/inquire-balance");
    let call = balance.prepare(Environment::Real, balance.example()).unwrap();
    assert!(call.parameters.contains(&("CANO", "12345678".to_owned())));
    assert!(!format!("{call:?}").contains("12345678"));
    let long = [("CANO", "12345678-01")];
    let error = balance.prepare(Environment::Real, long).unwrap_err();
    assert!(!format!("{error:?}{error}").contains("12345678"));
}

#[test]
fn goes_on_to_the_next_page() {
    assert_eq!(
        ["M", "F", "D", "E", "", " "].map(has_more),
        [true, true, false, false, false, false]
    );
    let at = |call: &catalogue::Prepared, name: &str| {
        let mut sent = call.parameters.iter();
        sent.find(|(it, _)| *it == name).unwrap().1.clone()
    };
    let prepared = |id: &str| tr(id).prepare(Environment::Real, tr(id).example()).unwrap();

    let balance = prepared("domestic-stock/inquire-balance");
    assert_eq!(at(&balance, "CTX_AREA_FK100"), "");
    let answer = json!({"ctx_area_fk100": "page 1", "ctx_area_nk100": "key 1"});
    let second = balance.following(&answer).unwrap();
    assert_eq!(at(&second, "CTX_AREA_FK100"), "page 1");
    assert_eq!(at(&second, "CTX_AREA_NK100"), "key 1");
    assert_eq!(at(&second, "CANO"), at(&balance, "CANO"));

    let ticks = prepared("overseas-futureoption/tick-ccnl");
    let answer = json!({"output1": {"index_key": "20260930"}});
    let second = ticks.following(&answer).unwrap();
    assert_eq!(at(&second, "INDEX_KEY"), "20260930");
    assert_eq!(at(&second, "QRY_TP"), "P");

    let index = prepared("domestic-stock/inquire-price");
    assert!(index.following(&json!({})).is_none());
}

proptest! {
    /// Nothing that is given makes it panic, and what it lets pass holds what it says.
    #[test]
    fn prepare_never_panics(
        index in 0..278_usize,
        paper: bool,
        changed in proptest::collection::vec((any::<prop::sample::Index>(), ".{0,20}"), 0..4),
        others in proptest::collection::vec(("\\PC{0,20}", "\\PC{0,20}"), 0..2),
    ) {
        let tr = &catalogue::all()[index];
        let environment = ENVIRONMENTS[usize::from(paper)];
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        given.extend(tr.example().into_iter().map(|(name, value)| (name.into(), value.into())));
        for (place, value) in changed.into_iter().filter(|_| !tr.parameters.is_empty()) {
            given.insert(place.get(&tr.parameters).name.to_owned(), value);
        }
        given.extend(others);
        match tr.prepare(environment, &given) {
            Ok(call) => {
                for (name, value) in &call.parameters {
                    let parameter = tr.parameters.iter().find(|it| it.name == *name).unwrap();
                    prop_assert!(!parameter.selector);
                    prop_assert!(parameter.length.is_none_or(|max| value.chars().count() <= max));
                    prop_assert_eq!(given.get(*name).map_or(parameter.default, |it| Some(it)), Some(value.as_str()));
                }
            }
            Err(error) => prop_assert!(error.to_string().starts_with(tr.id)),
        }
    }
}
