//! Trading days as KIS tells them, asked for once a day and kept across restarts.
//!
//! [`Calendar`](kis_protocol::calendar::Calendar) has an answer without them; with them it
//! knows what was decided at short notice, and which Asian exchanges trade today.

use std::{
    fs,
    future::Future,
    io,
    path::{Path, PathBuf},
};

use kis_protocol::{
    calendar::{Holidays, HolidaysError},
    catalogue::{self, CallError, Environment, Prepared},
    time::{Date, Timestamp},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::warn;

/// How often a call that has not been answered is tried on one day. KIS asks that its
/// holidays be called once a day at most; an attempt may fail before it gets there.
const ATTEMPTS_MAX: u32 = 3;
/// How long after a failure it is tried again.
const RETRY_SECONDS: i64 = 3_600;
/// How long the past is kept.
const DAYS_KEPT: i64 = 31;

/// What KIS has told of trading days, and when it was asked. What was spent survives a
/// restart, `kill -9` included: an attempt is written down before it is made.
#[derive(Debug, Default)]
pub struct HolidayStore {
    path: Option<PathBuf>,
    state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    holidays: Holidays,
    domestic: Attempts,
    overseas: Attempts,
}

/// How often one call was tried on one Korean day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Attempts {
    date: Option<Date>,
    count: u32,
    /// When it was tried last, in Unix time.
    last: i64,
    answered: bool,
}

/// Why trading days could not be asked for, with the error of the request itself as `E`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HolidayRefreshError<E> {
    /// The call is not offered in this environment.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The call failed.
    #[error("KIS could not be asked for trading days by {call}")]
    Fetch {
        /// The call's id in the catalogue.
        call: &'static str,
        /// What went wrong.
        source: E,
    },
    /// The answer says nothing of trading days.
    #[error(transparent)]
    Answer(#[from] HolidaysError),
}

impl HolidayStore {
    /// What `path` holds, and where it is kept from now on. A file that is missing or damaged
    /// is as good as none.
    #[must_use]
    pub fn open(path: PathBuf) -> Self {
        let state = match fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?)) {
            Ok(state) => state,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::default(),
            Err(error) => {
                warn!(path = %path.display(), %error, "holiday file not usable");
                State::default()
            }
        };
        Self { path: Some(path), state }
    }

    /// What KIS has told so far.
    #[must_use]
    pub fn holidays(&self) -> &Holidays {
        &self.state.holidays
    }

    /// Whether [`refresh`](Self::refresh) would ask for anything.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let today = korean_date(now);
        self.state.domestic.is_due(today, now) || self.overseas_is_due(today, now)
    }

    /// Asks KIS what has not been answered today: the next weeks of KRX, and which countries
    /// trade today. One request each, made by `fetch`, which returns the body of the answer.
    /// Returns whether something was learned. Call it as often as convenient: it asks when it
    /// is due.
    ///
    /// # Errors
    /// Returns the first error of the two requests; what the other one told is kept.
    pub async fn refresh<E, F>(
        &mut self,
        environment: Environment,
        now: Timestamp,
        mut fetch: impl FnMut(Prepared) -> F,
    ) -> Result<bool, HolidayRefreshError<E>>
    where
        F: Future<Output = Result<Value, E>>,
    {
        let today = korean_date(now);
        let domestic = if self.state.domestic.is_due(today, now) {
            let call = prepare(Holidays::DOMESTIC_CALL, environment, "BASS_DT", today)?;
            self.state.domestic.begin(today, now);
            self.store();
            self.learn(fetched(fetch(call).await, Holidays::DOMESTIC_CALL, Holidays::from_domestic))
                .inspect(|_| self.state.domestic.answered = true)
        } else {
            Ok(false)
        };
        let overseas = if self.overseas_is_due(today, now) {
            let call = prepare(Holidays::OVERSEAS_CALL, environment, "TRAD_DT", today)?;
            self.state.overseas.begin(today, now);
            self.store();
            self.learn(fetched(fetch(call).await, Holidays::OVERSEAS_CALL, |answer| {
                Holidays::from_overseas(answer, today)
            }))
            .inspect(|_| self.state.overseas.answered = true)
        } else {
            Ok(false)
        };
        self.state.holidays.forget_before(today.plus_days(-DAYS_KEPT));
        self.store();
        Ok(domestic? | overseas?)
    }

    /// There is nothing to be told at weekends.
    fn overseas_is_due(&self, today: Date, now: Timestamp) -> bool {
        !today.is_weekend() && self.state.overseas.is_due(today, now)
    }

    fn learn<E>(
        &mut self,
        told: Result<Holidays, HolidayRefreshError<E>>,
    ) -> Result<bool, HolidayRefreshError<E>> {
        let before = self.state.holidays.clone();
        self.state.holidays.merge(told?);
        Ok(self.state.holidays != before)
    }

    /// Replaces the file as a whole, so that a reader finds the old state or the new one.
    /// Things go on without it.
    fn store(&self) {
        let Some(path) = &self.path else { return };
        if let Err(error) = replace(path, &self.state) {
            warn!(path = %path.display(), %error, "holiday file not written");
        }
    }
}

impl Attempts {
    fn is_due(&self, today: Date, now: Timestamp) -> bool {
        // A date that is not today's may be a later one too, when the clock was set back.
        self.date != Some(today)
            || !self.answered
                && self.count < ATTEMPTS_MAX
                && now.unix_seconds().saturating_sub(self.last) >= RETRY_SECONDS
    }

    fn begin(&mut self, today: Date, now: Timestamp) {
        let count = if self.date == Some(today) { self.count + 1 } else { 1 };
        *self = Self { date: Some(today), count, last: now.unix_seconds(), answered: false };
    }
}

fn korean_date(now: Timestamp) -> Date {
    now.with_offset(Timestamp::KOREA).date()
}

fn prepare(
    id: &'static str,
    environment: Environment,
    parameter: &'static str,
    date: Date,
) -> Result<Prepared, CallError> {
    let tr = catalogue::find(id).ok_or(CallError::NoSuchCall { id })?;
    let text = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    tr.prepare(environment, [(parameter, text)])
}

fn fetched<E>(
    answer: Result<Value, E>,
    call: &'static str,
    read: impl FnOnce(&Value) -> Result<Holidays, HolidaysError>,
) -> Result<Holidays, HolidayRefreshError<E>> {
    let answer = answer.map_err(|source| HolidayRefreshError::Fetch { call, source })?;
    Ok(read(&answer)?)
}

fn replace(path: &Path, state: &State) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&draft, serde_json::to_vec(state)?)?;
    fs::rename(&draft, path).inspect_err(|_| {
        // The draft is of no use; that it cannot be removed either is not worth more words.
        let _ = fs::remove_file(&draft);
    })
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, future::ready};

    use kis_protocol::{calendar::Country, time::Time};
    use serde_json::json;

    use super::*;

    fn at(date: &str, hour: u8) -> Timestamp {
        Timestamp::korean(date.parse().unwrap(), Time::new(hour, 0, 0).unwrap())
    }

    fn answer(call: &Prepared) -> Value {
        let output = match call.tr.id {
            Holidays::DOMESTIC_CALL => json!([{"bass_dt": call.parameters[0].1, "opnd_yn": "Y"}]),
            _ => json!([{"natn_eng_abrv_cd": "JP"}]),
        };
        json!({"rt_cd": "0", "output": output})
    }

    /// What a refresh asks for, and what comes of it.
    async fn refresh(
        store: &mut HolidayStore,
        now: Timestamp,
        respond: impl Fn(&Prepared) -> Result<Value, String>,
    ) -> (Vec<String>, Result<bool, String>) {
        let asked = RefCell::new(Vec::new());
        let fetch = |call: Prepared| {
            asked.borrow_mut().push(format!("{} {}", call.tr.id, call.parameters[0].1));
            ready(respond(&call))
        };
        let learned = store.refresh(Environment::Real, now, fetch).await;
        (asked.into_inner(), learned.map_err(|error| error.to_string()))
    }

    #[tokio::test]
    async fn asks_once_a_day_across_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("holidays.json");
        let both = |date: &str| {
            [Holidays::DOMESTIC_CALL, Holidays::OVERSEAS_CALL].map(|it| format!("{it} {date}"))
        };
        let fine = |call: &Prepared| Ok(answer(call));

        let mut store = HolidayStore::open(path.clone());
        let (asked, learned) = refresh(&mut store, at("2026-11-25", 0), fine).await;
        assert_eq!((asked.as_slice(), learned), (&both("20261125")[..], Ok(true)));

        let mut store = HolidayStore::open(path.clone());
        assert!(!store.is_due(at("2026-11-25", 23)));
        let (asked, learned) = refresh(&mut store, at("2026-11-25", 23), fine).await;
        assert_eq!((asked.len(), learned), (0, Ok(false)));
        let told = |country, date: &str| store.holidays().told(country, date.parse().unwrap());
        assert_eq!(told(Country::Korea, "2026-11-25"), Some(true));
        assert_eq!(told(Country::Japan, "2026-11-25"), Some(true));

        let mut store = HolidayStore::open(path.clone());
        let (asked, _) = refresh(&mut store, at("2026-11-26", 0), fine).await;
        assert_eq!(asked, both("20261126"));
        // Not abroad at weekends.
        let (asked, _) = refresh(&mut store, at("2026-11-28", 9), fine).await;
        assert_eq!(asked, both("20261128")[..1]);
        // What is long past is forgotten.
        refresh(&mut store, at("2027-01-04", 9), fine).await.1.unwrap();
        assert_eq!(store.holidays().told(Country::Korea, "2026-11-28".parse().unwrap()), None);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }

    #[tokio::test]
    async fn failures_are_tried_again_a_few_times() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holidays.json");
        let half = |call: &Prepared| match call.tr.id {
            Holidays::DOMESTIC_CALL => Err("no route".to_owned()),
            _ => Ok(answer(call)),
        };
        let mut asked = Vec::new();
        for hour in 0..24 {
            // A restart every hour, and a second attempt within it.
            let mut store = HolidayStore::open(path.clone());
            for _ in 0..2 {
                let (calls, learned) = refresh(&mut store, at("2026-11-25", hour), half).await;
                asked.extend(calls.iter().map(|it| format!("{hour} {it}")));
                if hour == 0 && !calls.is_empty() {
                    let failed =
                        "KIS could not be asked for trading days by domestic-stock/chk-holiday";
                    assert_eq!(learned, Err(failed.to_owned()));
                    let today = "2026-11-25".parse().unwrap();
                    assert_eq!(store.holidays().told(Country::Japan, today), Some(true));
                }
            }
        }
        assert_eq!(
            asked,
            [
                "0 domestic-stock/chk-holiday 20261125",
                "0 overseas-stock/countries-holiday 20261125",
                "1 domestic-stock/chk-holiday 20261125",
                "2 domestic-stock/chk-holiday 20261125",
            ]
        );
        assert!(HolidayStore::open(path).is_due(at("2026-11-26", 0)));
    }

    #[tokio::test]
    async fn an_attempt_is_on_record_before_it_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holidays.json");
        let mut store = HolidayStore::open(path.clone());
        let now = at("2026-11-25", 9);
        let seen = RefCell::new(Vec::new());
        let fetch = |call: Prepared| {
            // Whoever is killed now finds this after the restart.
            let again = HolidayStore::open(path.clone());
            seen.borrow_mut().push((again.state.domestic.count, again.state.overseas.count));
            ready(Ok::<_, String>(answer(&call)))
        };
        store.refresh(Environment::Real, now, fetch).await.unwrap();
        assert_eq!(seen.into_inner(), [(1, 0), (1, 1)]);
    }

    #[tokio::test]
    async fn nothing_is_asked_in_paper_trading() {
        let mut store = HolidayStore::default();
        let never = |call: Prepared| ready(Err::<Value, _>(call.tr.id));
        let refused = store.refresh(Environment::Paper, at("2026-11-25", 9), never).await;
        assert!(matches!(refused, Err(HolidayRefreshError::Call(CallError::RealOnly { .. }))));
        assert!(store.is_due(at("2026-11-25", 9)), "nothing was spent");
    }

    #[tokio::test]
    async fn a_damaged_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holidays.json");
        for damage in ["", "{", "[]", r#"{"holidays":7}"#, "\u{0}\u{0}"] {
            fs::write(&path, damage).unwrap();
            let mut store = HolidayStore::open(path.clone());
            assert_eq!(store.holidays(), &Holidays::default(), "{damage:?}");
            let now = at("2026-11-25", 9);
            refresh(&mut store, now, |call| Ok(answer(call))).await.1.unwrap();
            assert_eq!(HolidayStore::open(path.clone()).state, store.state);
        }
    }

    #[tokio::test]
    async fn a_bad_answer_takes_nothing_away() {
        let mut store = HolidayStore::default();
        refresh(&mut store, at("2026-11-25", 9), |call| Ok(answer(call))).await.1.unwrap();
        let refused = |_: &Prepared| Ok(json!({"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "no"}));
        let (_, learned) = refresh(&mut store, at("2026-11-26", 9), refused).await;
        assert_eq!(learned.unwrap_err(), "KIS refused domestic-stock/chk-holiday: EGW00201 no");
        let told = store.holidays().told(Country::Japan, "2026-11-25".parse().unwrap());
        assert_eq!(told, Some(true));
    }
}
