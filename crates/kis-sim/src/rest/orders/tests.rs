use kis_protocol::catalogue;

use super::*;

fn tr(id: &str) -> &'static Tr {
    catalogue::find(id).unwrap()
}

fn params(pairs: &[(&str, &str)]) -> Params {
    let body: Map<String, Value> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    Params::from_json(Value::Object(body).to_string().as_bytes()).unwrap()
}

const SCENE: Scene<'_> = Scene { now: "20260930101530", paper: true };
const ACCOUNT: [(&str, &str); 2] = [("CANO", "12345678"), ("ACNT_PRDT_CD", "01")];

fn place(
    orders: &mut Orders,
    id: &str,
    side: Option<&str>,
    pairs: &[(&str, &str)],
) -> Result<Value, Refused> {
    orders.place(tr(id), side, &params(&[&ACCOUNT, pairs].concat()), SCENE)
}

fn list(orders: &Orders, id: &str, pairs: &[(&str, &str)]) -> Vec<[String; 4]> {
    let list = List::of(tr(id)).unwrap();
    let params = params(&[&ACCOUNT, pairs].concat());
    let (body, more) = orders.list(tr(id), list, &params, 1, true);
    assert!(!more);
    let column = |row: &Value, names: &[&str]| {
        let found = names.iter().find_map(|name| row[*name].as_str());
        found.unwrap_or_default().to_owned()
    };
    let rows = body[list.output].as_array().unwrap().iter();
    rows.map(|it| {
        [
            column(it, &["odno"]),
            column(it, &["orgn_odno"]),
            column(it, &["ord_qty", "ft_ord_qty"]),
            column(it, &["rmn_qty", "nccs_qty", "psbl_qty"]),
        ]
    })
    .collect()
}

#[test]
fn lists_have_the_output_they_name() {
    let lists = catalogue::all().iter().filter_map(|it| Some((it, List::of(it)?)));
    assert_eq!(lists.clone().count(), 12);
    for (tr, list) in lists {
        let output = tr.outputs.iter().find(|it| it.name == list.output).unwrap();
        assert!(output.shape == Shape::Array, "{}", tr.id);
        let has = |names: &[&str]| output.columns.iter().any(|it| names.contains(&it.name));
        assert!(has(&["odno", "rsvn_ord_seq"]), "{}", tr.id);
    }
}

#[test]
fn an_order_is_placed_amended_and_withdrawn() {
    let mut orders = Orders::default();
    let order = [("PDNO", "005930"), ("ORD_DVSN", "00"), ("ORD_QTY", "10"), ("ORD_UNPR", "70000")];
    let placed = place(&mut orders, "domestic-stock/order-cash", Some("buy"), &order).unwrap();
    assert_eq!(
        (&placed["msg_cd"], &placed["output"]["ODNO"]),
        (&"40600000".into(), &"11774".into())
    );
    let change = |kind, number, quantity, all| {
        [
            ("ORGN_ODNO", number),
            ("RVSE_CNCL_DVSN_CD", kind),
            ("ORD_QTY", quantity),
            ("ORD_UNPR", "71000"),
            ("QTY_ALL_ORD_YN", all),
        ]
    };
    let id = "domestic-stock/order-rvsecncl";
    let amended = place(&mut orders, id, None, &change("01", "11774", "4", "N")).unwrap();
    assert_eq!(amended["output"]["odno"], "11775");
    let cancelled = place(&mut orders, id, None, &change("02", "0000011774", "0", "Y")).unwrap();
    assert_eq!(cancelled["msg_cd"], "40630000");
    for (number, quantity) in [("11774", "1"), ("11775", "5"), ("99", "1"), ("", "1")] {
        let refused = place(&mut orders, id, None, &change("02", number, quantity, "N"));
        assert_eq!(refused, Err(Refused::NO_QUANTITY), "{number}");
    }
    let row = |it: [&str; 4]| it.map(str::to_owned);
    let day = [("INQR_STRT_DT", "20260930"), ("INQR_END_DT", "20260930")];
    assert_eq!(
        list(&orders, "domestic-stock/inquire-daily-ccld", &day),
        [
            row(["11776", "11774", "6", "0"]),
            row(["11775", "11774", "4", "4"]),
            row(["11774", "", "10", "0"]),
        ]
    );
    assert_eq!(
        list(&orders, "domestic-stock/inquire-psbl-rvsecncl", &[]),
        [row(["11775", "11774", "4", "4"])]
    );
    let none = [("INQR_STRT_DT", "20261001"), ("INQR_END_DT", "20261001")];
    assert!(list(&orders, "domestic-stock/inquire-daily-ccld", &none).is_empty());
    let open = [("CCLD_DVSN", "02"), ("PDNO", "005930")];
    assert_eq!(list(&orders, "domestic-stock/inquire-daily-ccld", &open).len(), 1);
    assert!(list(&orders, "overseas-stock/inquire-ccnl", &[]).is_empty(), "another market");
}

#[test]
fn every_market_has_its_book() {
    let check = |id: &str, side, lists: &str| {
        let mut orders = Orders::default();
        place(&mut orders, id, side, &tr(id).example()).unwrap();
        let today = ["INQR_STRT_DT", "STRT_ORD_DT", "ORD_STRT_DT", "STRT_DT"];
        let day = today.map(|it| (it, "20260930"));
        assert_eq!(list(&orders, lists, &day).len(), 1, "{id}");
    };
    check("domestic-stock/order-credit", Some("sell"), "domestic-stock/inquire-daily-ccld");
    check("domestic-stock/order-resv", None, "domestic-stock/order-resv-ccnl");
    check("domestic-futureoption/order", None, "domestic-futureoption/inquire-ccnl");
    check("overseas-stock/order", Some("buy"), "overseas-stock/inquire-nccs");
    check("overseas-stock/daytime-order", Some("sell"), "overseas-stock/inquire-ccnl");
    check("overseas-stock/order-resv", Some("us-buy"), "overseas-stock/order-resv-list");
    check("overseas-futureoption/order", None, "overseas-futureoption/inquire-ccld");
    check("domestic-bond/buy", None, "domestic-bond/inquire-daily-ccld");
}

#[test]
fn a_market_order_is_executed_at_once() {
    let mut orders = Orders::default();
    let order = [("PDNO", "005930"), ("ORD_DVSN", "01"), ("ORD_QTY", "3"), ("ORD_UNPR", "0")];
    place(&mut orders, "domestic-stock/order-cash", Some("sell"), &order).unwrap();
    let executed = [("CCLD_DVSN", "01"), ("SLL_BUY_DVSN_CD", "01")];
    assert_eq!(list(&orders, "domestic-stock/inquire-daily-ccld", &executed).len(), 1);
    let bought = [("SLL_BUY_DVSN_CD", "02")];
    assert!(list(&orders, "domestic-stock/inquire-daily-ccld", &bought).is_empty());
    let wrong = [("PDNO", "005930"), ("ORD_QTY", "-1")];
    assert!(place(&mut orders, "domestic-stock/order-cash", Some("buy"), &wrong).is_err());
}
