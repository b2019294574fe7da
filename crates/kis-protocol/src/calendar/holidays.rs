//! What KIS answers about trading days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Country;
use crate::{FromField, time::Date};

/// Trading days and holidays as KIS has told them, a fact a date. It reads from and writes to
/// JSON, so that it can be kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holidays {
    /// Whether the country's exchanges trade on a date.
    told: BTreeMap<Country, BTreeMap<Date, bool>>,
    /// The countries that KIS left out of an answer about a date although it named others.
    #[serde(default)]
    left_out: BTreeMap<Country, Vec<Date>>,
}

/// An answer that says nothing of trading days.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HolidaysError {
    /// KIS refused the call.
    #[error("KIS refused {call}: {code} {message}")]
    Refused {
        /// The call.
        call: &'static str,
        /// KIS' `msg_cd`.
        code: String,
        /// KIS' `msg1`.
        message: String,
    },
    /// The answer has no row that can be read.
    #[error("the answer to {call} has no row with {column}")]
    Unreadable {
        /// The call.
        call: &'static str,
        /// The columns that a row must have.
        column: &'static str,
    },
}

/// 국내휴장일조회
pub(super) const DOMESTIC: &str = "domestic-stock/chk-holiday";
/// 해외결제일자조회
pub(super) const OVERSEAS: &str = "overseas-stock/countries-holiday";

impl Holidays {
    /// The catalogue's id of the call that tells Korea's trading days, 24 days from its
    /// `BASS_DT` on. KIS asks that it be called once a day at most.
    pub const DOMESTIC_CALL: &str = DOMESTIC;
    /// The catalogue's id of the call that tells which countries trade on its `TRAD_DT`,
    /// which cannot lie in the future.
    pub const OVERSEAS_CALL: &str = OVERSEAS;

    /// Reads an answer of 국내휴장일조회 (CTCA0903R). What counts is `opnd_yn`, 개장일여부:
    /// `tr_day_yn` is `Y` on Saturdays too. A row that cannot be read is passed over.
    ///
    /// # Errors
    /// Returns an error when KIS refused, or when no row can be read.
    pub fn from_domestic(answer: &Value) -> Result<Self, HolidaysError> {
        let mut told = BTreeMap::new();
        for row in rows(answer, DOMESTIC)? {
            let open = match text(row, "opnd_yn") {
                "Y" => true,
                "N" => false,
                _ => continue,
            };
            if let Some(date) = Date::from_field(text(row, "bass_dt")) {
                told.insert(date, open);
            }
        }
        if told.is_empty() {
            let column = "bass_dt and opnd_yn";
            return Err(HolidaysError::Unreadable { call: DOMESTIC, column });
        }
        Ok(Self { told: BTreeMap::from([(Country::Korea, told)]), left_out: BTreeMap::new() })
    }

    /// Reads an answer of 해외결제일자조회 (CTOS5011R) about `date`. It has a row for every
    /// market that trades on that date and none for those that do not (seen on 2026-07-03).
    /// An answer without any row, as for weekends and for the future, says nothing.
    ///
    /// # Errors
    /// Returns an error when KIS refused, or when there are rows and none can be read.
    pub fn from_overseas(answer: &Value, date: Date) -> Result<Self, HolidaysError> {
        let rows = rows(answer, OVERSEAS)?;
        let countries: Vec<_> = rows
            .iter()
            .filter_map(|row| Country::from_code(text(row, "natn_eng_abrv_cd")))
            .collect();
        if countries.is_empty() && !rows.is_empty() {
            let column = "natn_eng_abrv_cd";
            return Err(HolidaysError::Unreadable { call: OVERSEAS, column });
        }
        let mut holidays = Self::default();
        for country in Country::ALL.into_iter().filter(|it| *it != Country::Korea) {
            if countries.contains(&country) {
                holidays.told.entry(country).or_default().insert(date, true);
            } else if !countries.is_empty() {
                holidays.left_out.entry(country).or_default().push(date);
            }
        }
        Ok(holidays)
    }

    /// Adds what another answer says; where both speak of a date, the other one holds.
    pub fn merge(&mut self, other: Self) {
        for (country, told) in other.told {
            if let Some(left_out) = self.left_out.get_mut(&country) {
                left_out.retain(|date| !told.contains_key(date));
            }
            self.told.entry(country).or_default().extend(told);
        }
        for (country, dates) in other.left_out {
            if let Some(told) = self.told.get_mut(&country) {
                told.retain(|date, _| !dates.contains(date));
            }
            let left_out = self.left_out.entry(country).or_default();
            left_out.extend(dates);
            left_out.sort_unstable();
            left_out.dedup();
        }
    }

    /// Forgets what lies before `date`.
    pub fn forget_before(&mut self, date: Date) {
        for told in self.told.values_mut() {
            told.retain(|it, _| *it >= date);
        }
        for left_out in self.left_out.values_mut() {
            left_out.retain(|it| *it >= date);
        }
    }

    /// Whether the country's exchanges trade on `date`, where KIS has said so expressly.
    pub fn told(&self, country: Country, date: Date) -> Option<bool> {
        self.told.get(&country)?.get(&date).copied()
    }

    /// Whether KIS named other countries as trading on `date`, but not this one.
    pub fn left_out(&self, country: Country, date: Date) -> bool {
        self.left_out.get(&country).is_some_and(|it| it.contains(&date))
    }

    /// The last date that KIS has said something of.
    pub fn last(&self, country: Country) -> Option<Date> {
        self.told.get(&country)?.keys().next_back().copied()
    }
}

fn rows<'a>(answer: &'a Value, call: &'static str) -> Result<&'a [Value], HolidaysError> {
    if text(answer, "rt_cd") != "0" {
        let (code, message) = (text(answer, "msg_cd").into(), text(answer, "msg1").into());
        return Err(HolidaysError::Refused { call, code, message });
    }
    // The portal says that `output` is an object, and without rows it may be absent.
    Ok(match &answer["output"] {
        Value::Array(rows) => rows,
        row @ Value::Object(_) => std::slice::from_ref(row),
        _ => &[],
    })
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default().trim()
}
