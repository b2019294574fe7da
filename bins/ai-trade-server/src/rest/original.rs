//! The routes of the original server, with its parameters and its defaults.
//!
//! What KIS says is passed on with status 200, its refusals as well, as it always was.
//! Dates that nobody gives are those of today.

use std::{sync::Arc, time::SystemTime};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use kis_broker::RestError;
use kis_protocol::{
    catalogue,
    time::{Date, Timestamp},
};
use serde_json::{Value, json};

use super::failure::{self, Expected};
use crate::{problem::Problem, server::App};

/// How many days of a chart come when nobody says since when.
const CHART_DAYS: i64 = 30;

/// A query as it was given; unknown parameters were always ignored.
type Given = Query<Vec<(String, String)>>;

/// One route.
pub(crate) struct Original {
    pub(crate) path: &'static str,
    /// The call of the catalogue.
    pub(crate) call: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// What KIS is given besides the parameters.
    fixed: &'static [(&'static str, &'static str)],
}

/// One of its parameters.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// The name that an older version had for it.
    older: Option<&'static str>,
    /// KIS' name for it.
    pub(crate) kis: &'static str,
    default: Fallback,
}

/// What a parameter is when it is not given.
#[derive(Clone, Copy)]
enum Fallback {
    Text(&'static str),
    /// `true` or `false`, which KIS wants as `Y` or `N`.
    Flag(bool),
    Today,
    DaysAgo(i64),
    /// The month whose options expire next, `YYYYMM`.
    Expiry,
}
use Fallback::{DaysAgo, Expiry, Flag, Text, Today};

const fn parameter(name: &'static str, kis: &'static str, default: Fallback) -> Parameter {
    Parameter { name, older: None, kis, default }
}

const MARKET: Parameter = Parameter {
    name: "market_div_code",
    older: Some("market_code"),
    kis: "FID_COND_MRKT_DIV_CODE",
    default: Text("F"),
};
const FUTURE: Parameter = parameter("symbol", "FID_INPUT_ISCD", Text("101W09"));

/// Every route.
pub(crate) const ORIGINALS: [Original; 7] = [
    Original {
        path: "/domestic-stock/price",
        call: "domestic-stock/inquire-price",
        parameters: &[parameter("symbol", "FID_INPUT_ISCD", Text("005930"))],
        fixed: &[("FID_COND_MRKT_DIV_CODE", "J")],
    },
    Original {
        path: "/domestic-futureoption/price",
        call: "domestic-futureoption/inquire-price",
        parameters: &[MARKET, FUTURE],
        fixed: &[],
    },
    Original {
        path: "/domestic-futureoption/asking-price",
        call: "domestic-futureoption/inquire-asking-price",
        parameters: &[MARKET, FUTURE],
        fixed: &[],
    },
    Original {
        path: "/domestic-futureoption/display-board-option-list",
        call: "domestic-futureoption/display-board-option-list",
        parameters: &[],
        fixed: &[
            ("FID_COND_SCR_DIV_CODE", "509"),
            ("FID_COND_MRKT_DIV_CODE", ""),
            ("FID_COND_MRKT_CLS_CODE", ""),
        ],
    },
    Original {
        path: "/domestic-futureoption/display-board-callput",
        call: "domestic-futureoption/display-board-callput",
        parameters: &[
            parameter("market_class_code", "FID_COND_MRKT_CLS_CODE", Text("")),
            parameter("maturity_contract", "FID_MTRT_CNT", Expiry),
        ],
        fixed: &[
            ("FID_COND_MRKT_DIV_CODE", "O"),
            ("FID_COND_SCR_DIV_CODE", "20503"),
            ("FID_MRKT_CLS_CODE", "CO"),
            ("FID_MRKT_CLS_CODE1", "PO"),
        ],
    },
    Original {
        path: "/domestic-futureoption/time-fuopchartprice",
        call: "domestic-futureoption/inquire-time-fuopchartprice",
        parameters: &[
            MARKET,
            FUTURE,
            parameter("date", "FID_INPUT_DATE_1", Today),
            parameter("hour", "FID_INPUT_HOUR_1", Text("150000")),
            parameter("hour_class_code", "FID_HOUR_CLS_CODE", Text("60")),
            parameter("include_pw_data", "FID_PW_DATA_INCU_YN", Flag(false)),
        ],
        fixed: &[("FID_FAKE_TICK_INCU_YN", "N")],
    },
    Original {
        path: "/domestic-futureoption/daily-fuopchartprice",
        call: "domestic-futureoption/inquire-daily-fuopchartprice",
        parameters: &[
            MARKET,
            FUTURE,
            parameter("start_date", "FID_INPUT_DATE_1", DaysAgo(CHART_DAYS)),
            parameter("end_date", "FID_INPUT_DATE_2", Today),
            parameter("period_div_code", "FID_PERIOD_DIV_CODE", Text("D")),
        ],
        fixed: &[],
    },
];

/// The routes, and the greeting at `/`.
pub(super) fn routes() -> Router<Arc<App>> {
    let greeting = || async { Json(json!({"message": "KOSPI200 Futures API Server is running"})) };
    ORIGINALS.iter().fold(Router::new().route("/", get(greeting)), |router, original| {
        let answer = move |State(app): State<Arc<App>>, Query(given): Given| async move {
            original.answer(&app, &given).await
        };
        router.route(original.path, get(answer))
    })
}

impl Original {
    async fn answer(&self, app: &App, given: &[(String, String)]) -> Result<Response, Problem> {
        let today = Timestamp::from(SystemTime::now()).date();
        let mut values: Vec<(&str, String)> =
            self.fixed.iter().map(|it| (it.0, it.1.to_owned())).collect();
        for parameter in self.parameters {
            values.push((parameter.kis, parameter.value(given, today)?));
        }
        let id = self.call;
        let tr = catalogue::find(id);
        let tr = tr.ok_or_else(|| failure::of(&RestError::Unknown { id: id.to_owned() }))?;
        let call = tr.prepare(app.api.environment(), values);
        let call = call.map_err(|it| failure::of_call(&it, Expected::of(tr)))?;
        match app.api.read(&call).await {
            Ok(read) => Ok(read.into_response()),
            Err(RestError::Refused { rt_cd, msg_cd, msg1, .. }) => {
                Ok(Json(json!({"rt_cd": rt_cd, "msg_cd": msg_cd, "msg1": msg1})).into_response())
            }
            Err(error) => Err(failure::of(&error)),
        }
    }
}

impl Parameter {
    /// What KIS is given.
    fn value(&self, given: &[(String, String)], today: Date) -> Result<String, Problem> {
        let named = |name: &str| given.iter().rev().find(|it| it.0 == name);
        let given = named(self.name).or_else(|| named(self.older?)).map(|it| it.1.as_str());
        match (self.default, given) {
            (Flag(default), given) => {
                let flag = given.map_or(Some(default), flag).ok_or_else(|| self.no_flag())?;
                Ok(if flag { "Y" } else { "N" }.to_owned())
            }
            (_, Some(given)) => Ok(given.to_owned()),
            (Text(default), None) => Ok(default.to_owned()),
            (Today, None) => Ok(digits(today)),
            (DaysAgo(days), None) => Ok(digits(today.plus_days(-days))),
            (Expiry, None) => Ok(next_expiry(today)),
        }
    }

    fn no_flag(&self) -> Problem {
        let detail = format!("`{}` must be true or false", self.name);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).code("invalid_parameter")
    }

    /// What it is when it is not given, where that is always the same.
    pub(crate) fn default(&self) -> Option<Value> {
        match self.default {
            Flag(default) => Some(default.into()),
            Text(default) => Some(default.into()),
            Today | DaysAgo(_) | Expiry => None,
        }
    }

    /// In words, what it is when it is not given, where that changes from day to day.
    pub(crate) fn default_in_words(&self) -> &'static str {
        match self.default {
            Today => "today in Korea, YYYYMMDD",
            DaysAgo(_) => "thirty days ago, YYYYMMDD",
            Expiry => "the month whose options expire next, YYYYMM",
            Text(_) | Flag(_) => "",
        }
    }
}

/// A truth as FastAPI reads it.
fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
        "false" | "0" | "no" | "off" | "f" | "n" => Some(false),
        _ => None,
    }
}

fn digits(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// The month of the next second Thursday, on which KOSPI 200 options expire.
fn next_expiry(today: Date) -> String {
    let mut days = (0..).map(|it| today.plus_days(it));
    let expires = |it: &Date| (8..=14).contains(&it.day()) && is_thursday(*it);
    let date = days.find(expires).unwrap_or(today);
    format!("{:04}{:02}", date.year(), date.month())
}

/// Two days before the first day of a weekend.
fn is_thursday(date: Date) -> bool {
    date.plus_days(2).is_weekend() && !date.plus_days(1).is_weekend()
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue::Environment;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_route_makes_a_call() {
        for original in &ORIGINALS {
            let tr = catalogue::find(original.call).expect(original.call);
            let mut values: Vec<_> =
                original.fixed.iter().map(|it| (it.0, it.1.to_owned())).collect();
            for parameter in original.parameters {
                let value = parameter.value(&[], date("2026-11-25")).unwrap();
                values.push((parameter.kis, value));
            }
            tr.prepare(Environment::Real, values).unwrap();
        }
    }

    #[track_caller]
    fn check(name: &str, given: &[(&str, &str)], expected: Option<&str>) {
        let mut parameters = ORIGINALS.iter().flat_map(|it| it.parameters);
        let parameter = parameters.find(|it| it.name == name).unwrap();
        let given: Vec<_> = given.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
        let value = parameter.value(&given, date("2026-11-25")).ok();
        assert_eq!(value.as_deref(), expected, "{name} {given:?}");
    }

    #[test]
    fn parameters() {
        check("symbol", &[], Some("005930"));
        check("symbol", &[("symbol", "000660"), ("other", "1")], Some("000660"));
        check("market_div_code", &[("market_code", "O")], Some("O"));
        check("market_div_code", &[("market_code", "O"), ("market_div_code", "F")], Some("F"));
        check("include_pw_data", &[], Some("N"));
        for (text, expected) in [("true", "Y"), ("On", "Y"), ("1", "Y"), ("no", "N"), ("0", "N")] {
            check("include_pw_data", &[("include_pw_data", text)], Some(expected));
        }
        check("include_pw_data", &[("include_pw_data", "maybe")], None);
        check("end_date", &[], Some("20261125"));
        check("start_date", &[], Some("20261026"));
        check("start_date", &[("start_date", "20250701")], Some("20250701"));
        check("maturity_contract", &[], Some("202612"));
    }

    #[test]
    fn expiries() {
        // The second Thursdays of these months are the 12th, 10th and 14th.
        assert_eq!(next_expiry(date("2026-11-01")), "202611");
        assert_eq!(next_expiry(date("2026-11-12")), "202611");
        assert_eq!(next_expiry(date("2026-11-13")), "202612");
        assert_eq!(next_expiry(date("2026-12-11")), "202701");
    }
}
