//! A call with its parameters checked, before anything is sent.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use super::{Environment, Method, Next, Parameter, Rule, Tr};

/// A checked call, ready to be sent. Its `Debug` hides what is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Which call it is.
    pub tr: &'static Tr,
    /// The header `tr_id`; `None` for the OAuth calls.
    pub tr_id: Option<&'static str>,
    /// What goes into the query or the body, in order and in KIS' casing.
    pub parameters: Vec<(&'static str, String)>,
}

/// Why a call is not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The catalogue has no such call.
    #[error("there is no call {id:?}; see catalogue::all() for the ids")]
    NoSuchCall {
        /// The id asked for.
        id: &'static str,
    },
    /// Required parameters are not given, or empty.
    #[error("{tr} needs {}", described(parameters))]
    Missing {
        /// The id of the call.
        tr: &'static str,
        /// The parameters to give.
        parameters: Vec<&'static Parameter>,
    },
    /// The call has no such parameter.
    #[error("{tr} has no parameter {name:?}{}; it takes {}", meant(*near), known.join(", "))]
    Unknown {
        /// The id of the call.
        tr: &'static str,
        /// The name given.
        name: String,
        /// The parameter that was probably meant.
        near: Option<&'static str>,
        /// All there are.
        known: Vec<&'static str>,
    },
    /// A parameter is given twice, in two casings for instance.
    #[error("{tr} is given {parameter} twice; give it once")]
    Repeated {
        /// The id of the call.
        tr: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter has a value that KIS does not have.
    #[error("{tr} takes no {value:?} as {}", described(&[*parameter]))]
    Disallowed {
        /// The id of the call.
        tr: &'static str,
        /// The parameter, with the values it takes.
        parameter: &'static Parameter,
        /// The value given.
        value: String,
    },
    /// A value is longer than KIS takes. The value itself is not repeated here, as it may
    /// be personal.
    #[error("{tr} takes at most {max} characters as {parameter}, not {length}")]
    TooLong {
        /// The id of the call.
        tr: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// How long the value is, in characters.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// Paper trading does not have the call, or not with these values.
    #[error("{tr} ({tr_id}) is not offered in paper trading; call it with real credentials")]
    RealOnly {
        /// The id of the call.
        tr: &'static str,
        /// The `tr_id` it has in real trading.
        tr_id: &'static str,
    },
    /// No `tr_id` belongs to these values.
    #[error("{tr} has no tr_id for these values; it has one for {}", conditions(rules))]
    NoRule {
        /// The id of the call.
        tr: &'static str,
        /// What there is a `tr_id` for.
        rules: &'static [Rule],
    },
}

/// Whether the header `tr_cont` of an answer says that another page follows.
pub fn has_more(tr_cont: &str) -> bool {
    matches!(tr_cont.trim(), "M" | "F")
}

impl Tr {
    /// Checks parameters, given by name in any casing, and chooses the `tr_id`.
    ///
    /// # Errors
    ///
    /// Everything that would be refused by KIS as far as that is known for certain; see
    /// [`CallError`]. A value beside [`Parameter::values`] passes unless they are
    /// [closed](Parameter::closed).
    pub fn prepare<N: AsRef<str>, V: Into<String>>(
        &'static self,
        environment: Environment,
        given: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Prepared, CallError> {
        let mut values: Vec<Option<String>> = vec![None; self.parameters.len()];
        for (name, value) in given {
            let (index, value) = self.check(name.as_ref(), value.into())?;
            let (Some(parameter), Some(place)) =
                (self.parameters.get(index), values.get_mut(index))
            else {
                continue;
            };
            if place.replace(value).is_some() {
                return Err(CallError::Repeated { tr: self.id, parameter: parameter.name });
            }
        }
        let pairs = || self.parameters.iter().zip(&values);
        let is_missing = |(parameter, value): &(&Parameter, &Option<String>)| {
            let given = value.as_deref().is_some_and(|it| parameter.empty || !it.is_empty());
            parameter.required && !given
        };
        let missing: Vec<_> = pairs().filter(is_missing).map(|(parameter, _)| parameter).collect();
        if !missing.is_empty() {
            return Err(CallError::Missing { tr: self.id, parameters: missing });
        }
        let tr_id = self.tr_id(environment, |name| {
            let (_, value) = pairs().find(|(parameter, _)| parameter.name == name)?;
            value.as_deref()
        })?;
        let sent = self.parameters.iter().zip(values).filter(|(parameter, _)| !parameter.selector);
        let sent = sent.filter_map(|(parameter, value)| {
            let value = value.or_else(|| parameter.default.map(str::to_owned))?;
            Some((parameter.name, value))
        });
        Ok(Prepared { tr: self, tr_id, parameters: sent.collect() })
    }

    /// The parameter's place and its value, if that is allowed.
    fn check(&'static self, name: &str, value: String) -> Result<(usize, String), CallError> {
        let mut parameters = self.parameters.iter().enumerate();
        let found = parameters.find(|(_, it)| it.name.eq_ignore_ascii_case(name));
        let Some((index, parameter)) = found else {
            let known: Vec<_> = self.parameters.iter().map(|it| it.name).collect();
            return Err(CallError::Unknown {
                tr: self.id,
                name: name.chars().take(64).collect(),
                near: nearest(name, &known),
                known,
            });
        };
        let length = value.chars().count();
        if let Some(max) = parameter.length.filter(|max| length > *max) {
            let parameter = parameter.name;
            return Err(CallError::TooLong { tr: self.id, parameter, length, max });
        }
        let listed = parameter.values.iter().any(|it| it.value == value);
        if parameter.closed && !listed && !value.is_empty() {
            return Err(CallError::Disallowed { tr: self.id, parameter, value });
        }
        Ok((index, value))
    }

    /// The `tr_id` that the rules choose.
    fn tr_id<'a>(
        &'static self,
        environment: Environment,
        value: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<&'static str>, CallError> {
        if self.rules.is_empty() {
            return Ok(None);
        }
        let fits = |rule: &&Rule| {
            rule.when.iter().all(|it| value(it.name).is_some_and(|value| it.is.contains(&value)))
        };
        let rule = self.rules.iter().find(fits);
        let rule = rule.ok_or(CallError::NoRule { tr: self.id, rules: &self.rules })?;
        let refused = CallError::RealOnly { tr: self.id, tr_id: rule.real };
        rule.tr_id(environment).ok_or(refused).map(Some)
    }
}

impl Prepared {
    /// How it is sent.
    pub fn method(&self) -> Method {
        self.tr.method
    }

    /// Where it is sent, without the host.
    pub fn path(&self) -> &'static str {
        self.tr.path
    }

    /// The call for the page after `answer`, to be sent with the header `tr_cont: N`; `None`
    /// when the call has one page only. Ask [`has_more`] first.
    pub fn following(&self, answer: &Value) -> Option<Self> {
        let keys = self.tr.paging.as_ref()?;
        let mut following = self.clone();
        for key in keys {
            let next = match key.next {
                Next::Pointer(pointer) => answer.pointer(pointer).and_then(Value::as_str),
                Next::Value(value) => Some(value),
            };
            let mut sent = following.parameters.iter_mut();
            let place = sent.find(|(name, _)| *name == key.parameter);
            if let (Some(next), Some((_, value))) = (next, place) {
                next.clone_into(value);
            }
        }
        Some(following)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.parameters.iter().map(|(name, value)| {
            let parameter = self.tr.parameter(name);
            let hidden = parameter.is_none_or(|it| it.personal.is_some());
            (*name, if hidden { "…" } else { value })
        });
        let mut parameters = Vec::with_capacity(self.parameters.len());
        parameters.extend(shown);
        f.debug_struct("Prepared")
            .field("tr", &self.tr.id)
            .field("tr_id", &self.tr_id)
            .field("parameters", &parameters)
            .finish()
    }
}

/// Parameters as a person wants to read them: names, labels and values.
fn described(parameters: &[&Parameter]) -> String {
    let one = |parameter: &&Parameter| {
        let values: Vec<_> =
            parameter.values.iter().map(|it| format!("{} {}", it.value, it.label)).collect();
        let (name, label) = (parameter.name, parameter.label);
        if values.is_empty() {
            format!("{name} ({label})")
        } else {
            format!("{name} ({label}: {})", values.join(", "))
        }
    };
    parameters.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn meant(near: Option<&str>) -> String {
    near.map(|name| format!(" (is {name} meant?)")).unwrap_or_default()
}

fn conditions(rules: &[Rule]) -> String {
    let one = |rule: &Rule| {
        let all = rule.when.iter().map(|it| format!("{} {}", it.name, it.is.join("/")));
        all.collect::<Vec<_>>().join(" with ")
    };
    rules.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The name that resembles `name` most, if any does: a third of it may differ.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    // Nothing that long is a slip of the pen, and the comparison takes quadratic time.
    if name.len() > 64 {
        return None;
    }
    let distances = known.iter().map(|it| (distance(name, it), *it));
    let (distance, near) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.chars().count().max(3)).then_some(near)
}

/// How many characters have to be put in, taken out or replaced to get from one to the
/// other, casing aside (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().map(|it| it.to_ascii_uppercase()).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, from) in from.chars().map(|it| it.to_ascii_uppercase()).enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (place, to) in row.iter_mut().zip(std::iter::once(&'\0').chain(&to)) {
            let above = *place;
            // The first column has no letter: it counts the letters taken out.
            *place = if *to == '\0' {
                line + 1
            } else {
                (diagonal + usize::from(from != *to)).min(above + 1).min(left + 1)
            };
            diagonal = above;
            left = *place;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_how_names_differ() {
        let check = |from, to, expected| assert_eq!(distance(from, to), expected, "{from} {to}");
        check("", "", 0);
        check("", "ABC", 3);
        check("abc", "", 3);
        check("abc", "ABC", 0);
        check("PDN", "PDNO", 1);
        check("PNDO", "PDNO", 2);
        check("FID_INPUT_ISC", "FID_INPUT_ISCD", 1);
        check("kitten", "sitting", 3);
    }
}
