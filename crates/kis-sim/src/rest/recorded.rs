//! The recorded responses: what KIS itself has answered.

use std::collections::HashMap;

use kis_protocol::{FromField, time::Date};
use serde::Deserialize;
use serde_json::Value;

use super::{params::Params, trading_days};
use crate::{SimError, fixtures};

/// Every recorded response, by `tr_id`.
#[derive(Debug)]
pub(crate) struct Recorded(HashMap<String, Recording>);

/// A file in `fixtures/rest` holds one.
#[derive(Debug, Deserialize)]
struct Recording {
    tr_id: String,
    /// Places in the response that repeat a parameter: JSON pointer to a text with `{PARAM}`
    /// in it. So one recorded response does for every symbol.
    echo: HashMap<String, String>,
    response: Value,
}

impl Recorded {
    /// The recorded responses that come with the simulator.
    pub(crate) fn fixtures() -> Result<Self, SimError> {
        let read = |(file, text): &(&str, &str)| {
            let broken = |source| SimError::Response { file: (*file).to_owned(), source };
            let recording: Recording = serde_json::from_str(text).map_err(broken)?;
            Ok((recording.tr_id.clone(), recording))
        };
        fixtures::REST.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// What was answered to a `tr_id`, with these parameters put in place.
    pub(crate) fn answer(&self, tr_id: &str, params: &Params) -> Option<Value> {
        let recording = self.0.get(tr_id)?;
        let mut body = recording.response.clone();
        for (place, template) in &recording.echo {
            if let Some(value) = body.pointer_mut(place) {
                *value = params.fill(template).into();
            }
        }
        if tr_id == trading_days::TR_ID
            && let Some(from) = params.get("BASS_DT").and_then(Date::from_field)
        {
            trading_days::put(&mut body, from);
        }
        Some(body)
    }
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue;

    use super::*;

    #[test]
    fn every_recorded_response_is_usable() {
        let Recorded(all) = Recorded::fixtures().unwrap();
        assert!(all.len() > 5);
        for recording in all.values() {
            let tr_id = recording.tr_id.as_str();
            let known = catalogue::all().iter().any(|tr| {
                let mut rules = tr.rules.iter();
                let ruled = rules.any(|it| it.real == tr_id || it.paper == Some(tr_id));
                ruled || tr.aliases.contains(&tr_id)
            });
            assert!(known, "{tr_id}");
            for place in recording.echo.keys() {
                assert!(recording.response.pointer(place).is_some(), "{tr_id} {place}");
            }
        }
    }
}
