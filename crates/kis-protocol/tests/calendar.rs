//! Should a tick be flowing now? Minute by minute around everything that can go wrong.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kis_protocol::{
    Topic, TrId,
    calendar::{
        AddedDay, Additions, Calendar, Country, Holidays, HolidaysError, Segment, SessionKind,
    },
    time::{Date, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// `2026-11-25 09:00:30` in Korean time.
fn at(text: &str) -> Timestamp {
    let (day, clock) = text.split_once(' ').unwrap();
    let mut parts = clock.split(':').map(|it| it.parse::<u8>().unwrap());
    let mut next = || parts.next().unwrap_or(0);
    let time = kis_protocol::time::Time::new(next(), next(), next()).unwrap();
    Timestamp::korean(date(day), time)
}

fn ask(calendar: &Calendar, topic: &str, now: &str) -> String {
    let answer = calendar.expected(&topic.parse().unwrap(), at(now));
    let until = answer.next_change.map_or_else(|| "-".into(), |it| it.to_string());
    format!("{:?} until {until}", answer.expected)
}

/// The answers on one Korean day, as the times at which they change.
fn day(topic: &str, day: &str) -> String {
    let calendar = Calendar::default();
    let topic: Topic = topic.parse().unwrap();
    let end = at(&format!("{day} 23:59:59")).unix_seconds();
    let mut now = at(&format!("{day} 00:00"));
    let mut out = Vec::new();
    loop {
        let answer = calendar.expected(&topic, now);
        out.push(format!("{} {:?}", now.with_offset(540).time(), answer.expected));
        match answer.next_change.filter(|it| it.unix_seconds() <= end) {
            Some(next) => now = next,
            None => return out.join(", ").replace(":00 ", " "),
        }
    }
}

#[test]
fn korean_days() {
    let check = |topic: &str, on: &str, expected: &str| {
        assert_eq!(day(topic, on), expected, "{topic} {on}")
    };
    let regular = "00:00 No, 08:30 Unknown, 08:40 No, 09:00 Yes, 15:20 No, 15:30 Unknown";
    check("H0STCNT0:005930", "2026-11-25", &format!("{regular}, 16:00 Yes, 20:00 No"));
    check("H0STCNT0:005930", "2026-09-11", &format!("{regular}, 18:00 No"));
    check("H0STCNT0:005930", "2026-09-14", &format!("{regular}, 16:00 Yes, 20:00 No"));
    check("H0STCNT0:005930", "2026-09-24", "00:00 No");
    check("H0STCNT0:005930", "2026-11-21", "00:00 No");
    check(
        "H0STASP0:005930",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 Yes, 15:30 Unknown, 16:00 Yes, 20:00 No",
    );
    check(
        "H0STANC0:005930",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 Yes, 09:00 No, 15:20 Yes, 15:30 No, 16:00 Unknown, 20:00 No",
    );
    check(
        "H0STOUP0:005930",
        "2026-09-11",
        "00:00 No, 08:30 Unknown, 08:40 No, 15:30 Unknown, 18:00 No",
    );
    check(
        "H0STOAA0:005930",
        "2026-09-11",
        "00:00 No, 08:30 Unknown, 08:40 No, 15:30 Unknown, 16:00 Yes, 18:00 No",
    );
    check("H0STOAC0:005930", "2026-11-25", "00:00 No");
    check(
        "H0NXCNT0:005930",
        "2026-11-25",
        "00:00 No, 08:00 Yes, 08:50 Unknown, 09:00:30 Yes, 15:20 No, 15:30 Unknown, 15:40 Yes, 20:00 No",
    );
    check(
        "H0UNCNT0:005930",
        "2026-11-25",
        "00:00 No, 08:00 Yes, 08:50 Unknown, 09:00 Yes, 15:20 No, 15:30 Unknown, 15:40 Yes, 20:00 No",
    );
    check(
        "H0UPCNT0:0001",
        "2026-11-25",
        "00:00 No, 09:00 Yes, 15:20 Unknown, 15:30 No, 16:00 Unknown, 20:00 No",
    );
    check(
        "H0EWCNT0:57LA24",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 No, 09:00 Yes, 15:20 No",
    );
    check("H0STNAV0:069500", "2026-11-25", "00:00 No, 09:00 Yes, 15:20 No");
    check(
        "H0STPGM0:005930",
        "2026-11-25",
        "00:00 No, 09:00 Yes, 15:20 No, 16:00 Unknown, 20:00 No",
    );
    check(
        "H0IFCNT0:A01612",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 No, 08:45 Yes, 15:35 No",
    );
    check("H0IFCNT0:101T09", "2023-07-28", "00:00 No, 09:00 Unknown, 15:35 No");
    check(
        "H0ZFANC0:111W08",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 Yes, 08:45 No, 15:35 Yes, 15:45 No",
    );
    check(
        "H0CFCNT0:165W09",
        "2026-11-25",
        "00:00 No, 08:30 Unknown, 08:40 No, 09:00 Yes, 15:35 No",
    );
    check("H0BJCNT0:KR103502GA34", "2026-11-25", "00:00 No, 08:30 Unknown, 09:00 Yes, 15:30 No");
    check("H0BICNT0:KBPR01", "2026-11-25", "00:00 No, 09:00 Unknown, 15:30 No");
}

#[test]
fn days_with_other_hours() {
    let check = |topic: &str, on: &str, expected: &str| {
        assert_eq!(day(topic, on), expected, "{topic} {on}")
    };
    // 수능
    check(
        "H0STCNT0:005930",
        "2026-11-19",
        "00:00 No, 09:30 Unknown, 09:40 No, 10:00 Yes, 16:20 No, 16:30 Unknown, 20:00 No",
    );
    check(
        "H0NXCNT0:005930",
        "2026-11-19",
        "00:00 No, 09:50 Unknown, 10:00:30 Yes, 16:20 No, 16:30 Unknown, 16:40 Yes, 20:00 No",
    );
    check(
        "H0IFCNT0:A01612",
        "2026-11-19",
        "00:00 No, 09:30 Unknown, 09:40 No, 09:45 Yes, 16:35 No",
    );
    check("H0MFCNT0:A01612", "2026-11-19", "00:00 Yes, 05:50 No, 18:50 Unknown, 19:00 Yes");
    // The year's first day, before and after the after-market began.
    check(
        "H0STOAA0:005930",
        "2026-01-02",
        "00:00 No, 09:30 Unknown, 09:40 No, 15:30 Unknown, 16:00 Yes, 18:00 No",
    );
    check(
        "H0STCNT0:005930",
        "2027-01-04",
        "00:00 No, 09:30 Unknown, 09:40 No, 10:00 Yes, 15:20 No, 15:30 Unknown, 16:00 Yes, 20:00 No",
    );
    check(
        "H0NXCNT0:005930",
        "2027-01-04",
        "00:00 No, 09:50 Unknown, 10:00:30 Yes, 15:20 No, 15:30 Unknown, 15:40 Yes, 20:00 No",
    );
    check(
        "H0IFCNT0:A01703",
        "2027-01-04",
        "00:00 No, 09:30 Unknown, 09:40 No, 09:45 Yes, 15:35 No",
    );
    check("H0MFCNT0:A01703", "2027-01-04", "00:00 No, 17:50 Unknown, 18:00 Yes");
}

/// A table of special hours replaces all the hours of a segment, so one that forgets a
/// session would end it silently.
#[test]
fn a_day_with_other_hours_has_the_sessions_of_any_day() {
    let calendar = Calendar::default();
    let kinds = |segment, on: &str| {
        let sessions = calendar.sessions_on(segment, date(on));
        let mut kinds: Vec<_> = sessions.iter().map(|it| it.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    for (special, ordinary) in [
        ("2026-01-02", "2026-01-05"),
        ("2026-11-19", "2026-11-20"),
        ("2027-01-04", "2027-01-05"),
        ("2026-11-27", "2026-11-30"),
    ] {
        for segment in Segment::ALL {
            let mut expected = kinds(segment, ordinary);
            if special != "2026-11-27" {
                // KRX asks NXT not to trade before it on these days.
                expected.retain(|it| segment != Segment::Nxt || *it != SessionKind::PreMarket);
            }
            assert_eq!(kinds(segment, special), expected, "{segment} {special}");
        }
    }
}

#[test]
fn the_night_belongs_to_the_day_it_begins_on() {
    let calendar = Calendar::default();
    let check = |now: &str, expected: &str| {
        assert_eq!(ask(&calendar, "H0MFCNT0:A01612", now), expected, "{now}")
    };
    // From Friday to Saturday, and not from Sunday to Monday.
    check("2026-11-27 18:00", "Yes until 2026-11-28T05:50:00+09:00");
    check("2026-11-28 05:49:59", "Yes until 2026-11-28T05:50:00+09:00");
    check("2026-11-28 06:00", "No until 2026-11-30T17:50:00+09:00");
    check("2026-11-30 03:00", "No until 2026-11-30T17:50:00+09:00");
    // It is held on the eve of a holiday, and not on the holiday's evening.
    check("2026-09-23 23:59:59", "Yes until 2026-09-24T05:50:00+09:00");
    check("2026-09-24 18:00", "No until 2026-09-28T17:50:00+09:00");
    // KRX: the night of the year's last trading day is held.
    check("2026-12-31 00:00", "Yes until 2026-12-31T05:50:00+09:00");
    check("2026-12-31 18:00", "No until 2027-01-04T17:50:00+09:00");
    // Before it began nothing is known.
    check("2025-06-08 23:00", "Unknown until 2025-06-09T00:00:00+09:00");

    let trading_day = |on: &str| {
        let sessions = calendar.sessions_on(Segment::KrxNight, date(on));
        sessions.first().and_then(|it| it.trading_day).map(|it| it.to_string())
    };
    assert_eq!(trading_day("2026-11-27").as_deref(), Some("2026-11-30"));
    assert_eq!(trading_day("2026-09-23").as_deref(), Some("2026-09-28"));
    assert_eq!(trading_day("2026-12-30").as_deref(), Some("2027-01-04"));
    assert_eq!(trading_day("2027-12-30"), None, "2028 is not known");
}

#[test]
fn the_united_states() {
    let calendar = Calendar::default();
    let check = |topic: &str, now: &str, expected: &str| {
        assert_eq!(ask(&calendar, topic, now), expected, "{topic} {now}")
    };
    let apple = "HDFSCNT0:DNASAAPL";
    // Summer begins on 2026-03-08: the pre-market opens at 18:00 before, at 17:00 after.
    check(apple, "2026-03-06 17:59:59", "No until 2026-03-06T04:00:00-05:00");
    check(apple, "2026-03-06 18:00", "Yes until 2026-03-06T17:00:00-05:00");
    check(apple, "2026-03-07 07:00", "Unknown until 2026-03-06T20:00:00-05:00");
    check(apple, "2026-03-07 10:00", "No until 2026-03-09T04:00:00-04:00");
    check(apple, "2026-03-09 16:59:59", "No until 2026-03-09T04:00:00-04:00");
    check(apple, "2026-03-09 17:00", "Yes until 2026-03-09T17:00:00-04:00");
    // And ends on 2026-11-01.
    check(apple, "2026-10-31 06:00", "Unknown until 2026-10-30T20:00:00-04:00");
    check(apple, "2026-10-31 09:00", "No until 2026-11-02T04:00:00-05:00");
    check(apple, "2026-11-02 18:00", "Yes until 2026-11-02T17:00:00-05:00");
    // Thanksgiving and the short day after it.
    check(apple, "2026-11-26 23:00", "No until 2026-11-27T04:00:00-05:00");
    check(apple, "2026-11-28 03:30", "Yes until 2026-11-27T17:00:00-05:00");
    check(apple, "2026-11-28 07:00", "No until 2026-11-30T04:00:00-05:00");
    check(apple, "2028-01-04 00:00", "Unknown until 2028-01-03T20:00:00-05:00");

    let day = "HDFSCNT0:RBAQAAPL";
    check(day, "2026-11-25 09:59:59", "No until 2026-11-25T10:00:00+09:00");
    check(day, "2026-11-25 10:00", "Yes until 2026-11-25T16:00:00+09:00");
    check(day, "2026-11-25 16:00", "Unknown until 2026-11-25T18:00:00+09:00");
    check(day, "2026-07-15 10:00", "Yes until 2026-07-15T16:00:00+09:00");
    check(day, "2026-11-26 10:00", "No until 2026-11-27T10:00:00+09:00");
    check(day, "2026-10-09 12:00", "Unknown until 2026-10-09T18:00:00+09:00");
    check(day, "2025-09-01 12:00", "Unknown until 2025-11-04T00:00:00+09:00");
    for odd in [
        "HDFSCNT0:RNASAAPL",
        "HDFSCNT0:DBAQAAPL",
        "HDFSASP1:DNASAAPL",
        "HDFSCNT0:DXXXA",
        "HDFSCNT0:D",
    ] {
        check(odd, "2026-11-25 12:00", "Unknown until -");
    }
}

#[test]
fn asia_after_kis_has_told_the_day() {
    let mut calendar = Calendar::default();
    let ask = |calendar: &Calendar, topic: &str, now: &str| ask(calendar, topic, now);
    let tokyo = "HDFSCNT0:RTSE7203";
    assert_eq!(
        ask(&calendar, tokyo, "2026-11-25 10:00"),
        "Unknown until 2026-11-25T11:30:00+09:00"
    );
    assert_eq!(ask(&calendar, tokyo, "2026-11-22 10:00"), "No until 2026-11-23T09:00:00+09:00");
    calendar.learn(overseas("2026-11-25", &["JP", "HK", "CN"]));
    assert_eq!(ask(&calendar, tokyo, "2026-11-25 10:00"), "Yes until 2026-11-25T11:30:00+09:00");
    assert_eq!(ask(&calendar, tokyo, "2026-11-25 11:30"), "No until 2026-11-25T12:30:00+09:00");
    assert_eq!(ask(&calendar, tokyo, "2026-11-25 15:24:59"), "Yes until 2026-11-25T15:25:00+09:00");
    assert_eq!(
        ask(&calendar, "HDFSCNT0:RHKS00003", "2026-11-25 10:30"),
        "Yes until 2026-11-25T12:00:00+08:00"
    );
    assert_eq!(
        ask(&calendar, "HDFSCNT0:RSHS600519", "2026-11-25 14:30"),
        "Yes until 2026-11-25T14:57:00+08:00"
    );
    assert_eq!(
        ask(&calendar, "HDFSCNT0:RHSXVNM", "2026-11-25 12:00"),
        "No until 2026-11-26T09:15:00+07:00"
    );
    // Free quotes are 15 minutes late, unless the owner pays for them.
    let free = "HDFSASP1:DTSE7203";
    assert_eq!(ask(&calendar, free, "2026-11-25 09:00"), "Unknown until 2026-11-25T09:15:00+09:00");
    assert_eq!(ask(&calendar, free, "2026-11-25 09:15"), "Yes until 2026-11-25T11:30:00+09:00");
    assert_eq!(
        ask(&calendar, free, "2026-11-25 11:44:59"),
        "Unknown until 2026-11-25T11:45:00+09:00"
    );
    assert_eq!(ask(&calendar, free, "2026-11-25 11:45"), "No until 2026-11-25T12:30:00+09:00");
}

#[test]
fn nothing_is_said_of_what_happens_when_it_happens() {
    let calendar = Calendar::default();
    for topic in
        ["H0STCNI0:owner", "H0GSCNI0:owner", "H0UNMKO0:005930", "HDFFF020:1OZQ25", "XXXXXXXX:1"]
    {
        assert_eq!(ask(&calendar, topic, "2026-11-25 12:00"), "Unknown until -", "{topic}");
    }
}

#[test]
fn what_is_on_in_every_segment() {
    let calendar = Calendar::default();
    let status = calendar.status(at("2026-11-25 18:30"));
    assert_eq!(status.len(), Segment::ALL.len());
    let open: Vec<_> = status.iter().filter_map(|it| Some((it.segment, it.open?.kind))).collect();
    assert_eq!(
        open,
        [
            (Segment::KrxStock, SessionKind::AfterMarket),
            (Segment::Nxt, SessionKind::AfterMarket),
            (Segment::KrxNight, SessionKind::Regular),
            (Segment::UnitedStates, SessionKind::PreMarket),
        ]
    );
    insta::assert_json_snapshot!(status.iter().find(|it| it.segment == Segment::KrxStock));
}

fn overseas(on: &str, countries: &[&str]) -> Holidays {
    let rows: Vec<_> = countries.iter().map(|it| json!({"natn_eng_abrv_cd": it})).collect();
    Holidays::from_overseas(&json!({"rt_cd": "0", "output": rows}), date(on)).unwrap()
}

fn domestic(rows: &[(&str, &str)]) -> Holidays {
    let row = |(date, open): &(&str, &str)| json!({"bass_dt": date, "opnd_yn": open});
    let rows: Vec<_> = rows.iter().map(row).collect();
    Holidays::from_domestic(&json!({"rt_cd": "0", "output": rows})).unwrap()
}

#[test]
fn who_is_believed() {
    let mut calendar = Calendar::default();
    let open = |calendar: &Calendar, on: &str| calendar.is_trading_day(Country::Korea, date(on));
    assert_eq!(open(&calendar, "2026-11-30"), Some(true));
    assert_eq!(open(&calendar, "2028-01-04"), None);
    assert_eq!(open(&calendar, "2028-01-01"), Some(false));
    // KIS goes before what is built in,
    calendar.learn(domestic(&[("20261130", "N"), ("20280104", "Y"), ("20270503", "Y")]));
    assert_eq!(open(&calendar, "2026-11-30"), Some(false));
    assert_eq!(open(&calendar, "2028-01-04"), Some(true));
    assert_eq!(open(&calendar, "2027-05-03"), Some(true));
    // and the operator before KIS.
    let day = AddedDay { country: Country::Korea, date: date("2026-11-30"), open: true };
    let mut added = Calendar::new(Additions { days: vec![day], hours: vec![] });
    added.learn(domestic(&[("20261130", "N")]));
    assert_eq!(open(&added, "2026-11-30"), Some(true));
    // That a row is missing is believed where nothing else is known.
    let us =
        |calendar: &Calendar, on: &str| calendar.is_trading_day(Country::UnitedStates, date(on));
    calendar.learn(overseas("2026-11-25", &["JP"]));
    assert_eq!(us(&calendar, "2026-11-25"), Some(true));
    calendar.learn(overseas("2028-01-17", &["JP"]));
    assert_eq!(us(&calendar, "2028-01-17"), Some(false));
    calendar.learn(overseas("2028-01-17", &["JP", "US"]));
    assert_eq!(us(&calendar, "2028-01-17"), Some(true));
    calendar.learn(overseas("2028-01-18", &[]));
    assert_eq!(us(&calendar, "2028-01-18"), None);
}

#[test]
fn the_operator_may_change_hours() {
    let additions: Additions = serde_json::from_value(json!({
        "hours": [
            {"segment": "krx_stock", "date": "2026-11-25", "sessions": [
                {"kind": "regular", "opens": "10:00", "closes": "12:00:30"},
            ]},
            {"segment": "krx_night", "date": "2026-11-25", "sessions": []},
        ],
    }))
    .unwrap();
    let calendar = Calendar::new(additions);
    let check =
        |topic: &str, now: &str, expected: &str| assert_eq!(ask(&calendar, topic, now), expected);
    check("H0STCNT0:005930", "2026-11-25 09:00", "No until 2026-11-25T10:00:00+09:00");
    check("H0STCNT0:005930", "2026-11-25 10:00", "Yes until 2026-11-25T12:00:30+09:00");
    check("H0MFCNT0:A01612", "2026-11-25 18:00", "No until 2026-11-26T17:50:00+09:00");
    let wrong = json!({"hours": [{"segment": "krx_stock", "date": "2026-11-25", "session": []}]});
    assert!(serde_json::from_value::<Additions>(wrong).is_err());
}

fn fixture(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/rest/");
    let text = std::fs::read_to_string(format!("{folder}{name}.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["response"].take()
}

#[test]
fn answers_of_kis() {
    let holidays = Holidays::from_domestic(&fixture("chk-holiday")).unwrap();
    let told = |on: &str| holidays.told(Country::Korea, date(on));
    assert_eq!(told("2026-09-10"), Some(true));
    assert_eq!(told("2026-09-12"), Some(false), "a Saturday, though tr_day_yn is Y");
    assert_eq!(told("2026-09-24"), Some(false));
    assert_eq!(holidays.last(Country::Korea), Some(date("2026-10-03")));
    let read: Holidays = serde_json::from_str(&serde_json::to_string(&holidays).unwrap()).unwrap();
    assert_eq!(read, holidays);

    let day = date("2022-12-27");
    let holidays = Holidays::from_overseas(&fixture("countries-holiday"), day).unwrap();
    for country in [Country::UnitedStates, Country::HongKong, Country::Vietnam] {
        assert_eq!(holidays.told(country, day), Some(true), "{country}");
    }
    assert_eq!(holidays.told(Country::Korea, day), None);
}

#[test]
fn answers_that_say_nothing() {
    let check = |answer: Value, expected: &str| {
        assert_eq!(Holidays::from_domestic(&answer).unwrap_err().to_string(), expected);
    };
    check(
        json!({"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "초당 거래건수를 초과하였습니다."}),
        "KIS refused domestic-stock/chk-holiday: EGW00201 초당 거래건수를 초과하였습니다.",
    );
    let unreadable = "the answer to domestic-stock/chk-holiday has no row with bass_dt and opnd_yn";
    check(json!({"rt_cd": "0"}), unreadable);
    check(json!({"rt_cd": "0", "output": [{"bass_dt": "20260931", "opnd_yn": "Y"}]}), unreadable);
    check(
        json!({"rt_cd": "0", "output": [{"bass_dt": "20260930", "opnd_yn": "?"}, 7]}),
        unreadable,
    );
    check(json!([]), "KIS refused domestic-stock/chk-holiday:  ");
    let odd = json!({"rt_cd": "0", "output": [{"natn_eng_abrv_cd": "ZZ"}]});
    let error = Holidays::from_overseas(&odd, date("2026-11-25"));
    assert!(matches!(error, Err(HolidaysError::Unreadable { .. })));
}

/// A topic of any stream, with a key that suits it.
fn topic() -> impl Strategy<Value = Topic> {
    const OVERSEAS: [&str; 7] =
        ["DNASAAPL", "RBAQAAPL", "DTSE7203", "RHKS00003", "DSZS000001", "RHSXVNM", "DHNXSHB"];
    (proptest::sample::select(TrId::ALL), proptest::sample::select(&OVERSEAS[..])).prop_map(
        |(tr_id, overseas)| {
            let korean = tr_id.example_key();
            let key = if tr_id.example_key().len() > 7 { overseas } else { korean };
            Topic::new(tr_id.as_str(), key)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_holds_until_its_next_change(
        topic in topic(),
        // From 2023 to 2028, around everything in the tables.
        now in 1_672_531_200_i64..1_861_920_000,
        between in proptest::collection::vec(0.0_f64..1.0, 8),
    ) {
        let mut calendar = Calendar::default();
        calendar.learn(overseas("2026-11-25", &["JP", "HK", "CN", "VN"]));
        let at = |seconds| Timestamp::from_unix(seconds, 0);
        let answer = calendar.expected(&topic, at(now));
        let end = answer.next_change.map_or(now + 13 * 86_400, Timestamp::unix_seconds);
        prop_assert!(end > now);
        for part in between {
            let then = now + ((end - 1 - now) as f64 * part) as i64;
            let later = calendar.expected(&topic, at(then));
            prop_assert_eq!(later.expected, answer.expected, "{} at {:?}", topic, at(then));
            if answer.next_change.is_some() {
                prop_assert_eq!(later.next_change, answer.next_change);
            }
        }
        if let Some(change) = answer.next_change {
            prop_assert_ne!(calendar.expected(&topic, change).expected, answer.expected);
        }
        if let Some(session) = answer.session {
            prop_assert!(session.opens.unix_seconds() <= now && now < session.closes.unix_seconds());
        }
    }

    #[test]
    fn any_moment_has_an_answer(topic in topic(), now in any::<i64>()) {
        let calendar = Calendar::default();
        let _ = calendar.expected(&topic, Timestamp::from_unix(now, 0));
        let _ = calendar.status(Timestamp::from_unix(now, 0));
    }
}
