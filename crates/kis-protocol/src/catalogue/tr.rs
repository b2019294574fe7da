use std::fmt;

use serde::{Deserialize, Serialize};

/// One REST call: a TR, or one of the OAuth calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tr {
    /// Its name here: market and function, safe in a URL and stable.
    pub id: &'static str,
    /// KIS' Korean name for it.
    pub name: &'static str,
    /// The chapter of KIS' documents that it is in.
    pub section: &'static str,
    /// Its number in KIS' documents, where it has one.
    #[serde(default)]
    pub doc: Option<&'static str>,
    /// How it is sent: a GET with a query, or a POST with a JSON body.
    pub method: Method,
    /// Where it is sent, without the host.
    pub path: &'static str,
    /// Whether it places, changes or withdraws an order. Such a call is never repeated on
    /// doubt.
    #[serde(default)]
    pub order: bool,
    /// Which `tr_id` it carries when; exactly one rule fits. Empty for the OAuth calls,
    /// which carry none.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Other `tr_id`s by which programs and older documents call it.
    #[serde(default)]
    pub aliases: Vec<&'static str>,
    /// What changes in the call for the next page; `None` when it has one page only, and
    /// empty when the header `tr_cont: N` does it alone.
    #[serde(default)]
    pub paging: Option<Vec<PageKey>>,
    /// What was decided where the sources contradict each other, or leave something open.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// What it is given, in the order it is sent.
    pub parameters: Vec<Parameter>,
    /// What it answers beside `rt_cd`, `msg_cd` and `msg1`.
    pub outputs: Vec<Output>,
}

/// How a call is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// With its parameters in the query.
    Get,
    /// With its parameters as a JSON object of texts in the body.
    Post,
}

/// The two systems of KIS. Their hosts differ, and so do some `tr_id`s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Trading with real money.
    Real,
    /// Paper trading (모의투자), which lacks most calls.
    Paper,
}

/// Which `tr_id` a call carries under some conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The `tr_id` for real trading.
    pub real: &'static str,
    /// The one for paper trading; `None` where it is not offered.
    #[serde(default)]
    pub paper: Option<&'static str>,
    /// What has to hold, all of it.
    #[serde(default)]
    pub when: Vec<Condition>,
}

/// That a parameter has one of some values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The parameter.
    pub name: &'static str,
    /// The values.
    pub is: Vec<&'static str>,
}

/// One parameter of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name, in the casing it is sent in.
    pub name: &'static str,
    /// KIS' Korean label for it.
    pub label: &'static str,
    /// Whether it only chooses the `tr_id` and is not sent. Such a parameter is ours, with
    /// a name in lower case.
    #[serde(default)]
    pub selector: bool,
    /// Whether the caller has to give it.
    #[serde(default)]
    pub required: bool,
    /// Whether it may be given empty although it is required.
    #[serde(default)]
    pub empty: bool,
    /// What is sent when the caller does not give it; `None` when it is left out then.
    #[serde(default)]
    pub default: Option<&'static str>,
    /// The values that KIS names and what they mean. Not always all there are: see
    /// `closed`.
    #[serde(default)]
    pub values: Vec<Choice>,
    /// Whether `values` is known to be complete, so that another one is refused.
    #[serde(default)]
    pub closed: bool,
    /// The longest value KIS' documents allow, in characters.
    #[serde(default)]
    pub length: Option<usize>,
    /// What of the user's own it is, so that a client can fill it in.
    #[serde(default)]
    pub personal: Option<Personal>,
    /// A value to try.
    #[serde(default)]
    pub example: Option<&'static str>,
    /// What KIS says about its values beyond `values`, in Korean.
    #[serde(default)]
    pub hint: Option<&'static str>,
}

/// One value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The value as sent.
    pub value: &'static str,
    /// What it means, in Korean.
    pub label: &'static str,
}

/// What belongs to the user and not to the question. Never to be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// The first eight digits of the account number.
    AccountNumber,
    /// The last two digits of the account number.
    AccountProduct,
    /// The account's password.
    AccountPassword,
    /// The id at the HTS, KIS' trading program.
    HtsId,
    /// The app key.
    AppKey,
    /// The app secret.
    AppSecret,
    /// An access token.
    Token,
}

/// A parameter that changes for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageKey {
    /// The parameter.
    pub parameter: &'static str,
    /// What it becomes.
    pub next: Next,
}

/// What a parameter becomes for the next page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// The text at this JSON pointer in the answer.
    Pointer(&'static str),
    /// This value.
    Value(&'static str),
}

/// One member of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The member's name, such as `output1`; empty when the columns are members of the
    /// answer itself.
    pub name: &'static str,
    /// Whether it is one row or a list of rows.
    pub shape: Shape,
    /// What a row has.
    pub columns: Vec<Column>,
}

/// One row or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// One row.
    Object,
    /// A list of rows.
    Array,
}

/// One column of an answer. KIS sends every one as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// KIS' name for it, in the casing it is sent in.
    pub name: &'static str,
    /// KIS' Korean label for it.
    pub label: &'static str,
    /// How its text reads, judged from name and label, as KIS does not say.
    #[serde(default)]
    pub format: Format,
}

/// How a text reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A name, a code or anything else.
    #[default]
    Text,
    /// A number.
    Number,
    /// A date, `YYYYMMDD`.
    Date,
    /// A time of day, `HHMMSS`.
    Time,
    /// `Y` or `N`.
    Flag,
}

impl Tr {
    /// Whether it works on an account: it is given the account number, and KIS counts it
    /// against the stricter limit of its ledger.
    pub fn uses_account(&self) -> bool {
        self.parameters.iter().any(|it| it.personal == Some(Personal::AccountNumber))
    }

    /// Whether an environment has it, under some conditions at least.
    pub fn is_offered(&self, environment: Environment) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|it| it.tr_id(environment).is_some())
    }

    /// The parameter of a name in any casing.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// Values that [`Tr::prepare`] accepts: an example for every parameter that has to be
    /// given, made up where it is personal.
    pub fn example(&self) -> Vec<(&'static str, &'static str)> {
        let required = self.parameters.iter().filter(|it| it.required);
        required.map(|it| (it.name, it.example())).collect()
    }
}

impl Rule {
    /// The `tr_id` in an environment; `None` where it is not offered.
    pub fn tr_id(&self, environment: Environment) -> Option<&'static str> {
        match environment {
            Environment::Real => Some(self.real),
            Environment::Paper => self.paper,
        }
    }
}

impl Parameter {
    fn example(&self) -> &'static str {
        let made_up = |personal| match personal {
            Personal::AccountNumber => "12345678",
            Personal::AccountProduct => "01",
            Personal::AccountPassword => "0000",
            Personal::HtsId => "htsid",
            Personal::AppKey | Personal::AppSecret | Personal::Token => "secret",
        };
        let first = || self.values.first().map(|it| it.value);
        self.personal.map(made_up).or(self.example).or_else(first).unwrap_or_default()
    }
}

impl Method {
    /// `GET` or `POST`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
