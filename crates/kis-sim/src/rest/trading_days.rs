//! 국내휴장일조회: KIS tells of the days from the one that is asked for, so those recorded are
//! moved there.

use kis_protocol::{
    calendar::{Calendar, Country},
    time::Date,
};
use serde_json::Value;

/// Its `tr_id`.
pub(super) const TR_ID: &str = "CTCA0903R";

/// Gives the rows of a recorded answer the days from `from` on.
pub(super) fn put(answer: &mut Value, from: Date) {
    let calendar = Calendar::default();
    let Some(rows) = answer["output"].as_array_mut() else { return };
    let mut last = from;
    for (row, days) in rows.iter_mut().zip(0..) {
        last = from.plus_days(days);
        let open = calendar.is_trading_day(Country::Korea, last).unwrap_or(!last.is_weekend());
        let open = if open { "Y" } else { "N" };
        row["bass_dt"] = text(last).into();
        row["wday_dvsn_cd"] = format!("{:02}", weekday(last)).into();
        for column in ["bzdy_yn", "opnd_yn", "sttl_day_yn"] {
            row[column] = open.into();
        }
    }
    answer["ctx_area_fk"] = format!("{:20}", text(from)).into();
    answer["ctx_area_nk"] = format!("{:20}", text(last)).into();
}

fn text(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// 1 on Sundays, 7 on Saturdays.
fn weekday(date: Date) -> i64 {
    // A Saturday is the day of a weekend whose next day is one as well.
    let is_saturday = |it: Date| it.is_weekend() && it.plus_days(1).is_weekend();
    7 - (0..7).find(|days| is_saturday(date.plus_days(*days))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the recorded days are asked for, they come as they are.
    #[test]
    fn the_recorded_days() {
        let recording = crate::fixtures::REST.iter().find(|it| it.1.contains(TR_ID)).unwrap();
        let recording: Value = serde_json::from_str(recording.1).unwrap();
        let mut answer = recording["response"].clone();
        put(&mut answer, Date::new(2026, 9, 10).unwrap());
        assert_eq!(answer, recording["response"]);
        put(&mut answer, Date::new(2026, 12, 24).unwrap());
        let opens = |index: usize| answer["output"][index]["opnd_yn"].as_str().unwrap().to_owned();
        assert_eq!((0..5).map(opens).collect::<String>(), "YNNNY");
        assert_eq!(answer["output"][0]["wday_dvsn_cd"], "05");
    }
}
