//! The parameters of a call, and whether KIS takes them.

use std::collections::HashMap;

use kis_protocol::catalogue::{Parameter, Personal, Rule, Tr};

use super::reply::Refused;

/// The parameters of a call, by name in upper case.
#[derive(Debug, Default)]
pub(crate) struct Params(HashMap<String, String>);

impl Params {
    /// From a query, where clients write names in either case.
    pub(crate) fn from_query(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_ascii_uppercase(), decoded(value))).collect())
    }

    /// From a body, which has to be a JSON object of texts whose names are in upper case.
    pub(crate) fn from_json(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(Self)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_uppercase()).map(String::as_str)
    }

    /// The value of the first of these parameters that has one.
    pub(crate) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().filter_map(|name| self.get(name)).find(|it| !it.is_empty())
    }

    /// A template with every `{PARAM}` filled in.
    pub(crate) fn fill(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// A text that differs when the parameters do, but for those of these names.
    pub(crate) fn fingerprint(&self, but: &[&str]) -> String {
        let mut pairs: Vec<_> =
            self.0.iter().filter(|(it, _)| !but.contains(&it.as_str())).collect();
        pairs.sort();
        pairs.iter().map(|(name, value)| format!("{name}={value}&")).collect()
    }

    /// Whether the call takes these parameters. `rules` are those of its `tr_id`.
    pub(crate) fn check(&self, tr: &Tr, rules: &[&Rule]) -> Result<(), Refused> {
        tr.parameters.iter().filter(|it| !it.selector).try_for_each(|it| self.check_one(it))?;
        // A tr_id may belong to some exchanges only, say. Selectors are not sent.
        let holds = |rule: &&&Rule| {
            let mut conditions = rule.when.iter();
            conditions.all(|it| self.get(it.name).is_none_or(|value| it.is.contains(&value)))
        };
        if rules.is_empty() || rules.iter().any(|it| holds(&it)) {
            return Ok(());
        }
        let named = rules.iter().flat_map(|it| &it.when).find(|it| self.get(it.name).is_some());
        Err(Refused::invalid(named.map_or("TR_ID", |it| it.name)))
    }

    fn check_one(&self, parameter: &Parameter) -> Result<(), Refused> {
        let name = parameter.name;
        let value = self.get(name);
        let given = value.is_some_and(|it| parameter.empty || !it.is_empty());
        if parameter.required && !given {
            return Err(Refused::missing(name));
        }
        let Some(value) = value.filter(|it| !it.is_empty()) else { return Ok(()) };
        let digits = |count| value.len() == count && value.bytes().all(|it| it.is_ascii_digit());
        match parameter.personal {
            Some(Personal::AccountNumber) if !digits(8) => return Err(Refused::invalid("ACNO")),
            Some(Personal::AccountProduct) if !digits(2) => return Err(Refused::invalid("ACNO")),
            _ => {}
        }
        if parameter.length.is_some_and(|max| value.chars().count() > max) {
            return Err(Refused::invalid("FIELD_LENGTH"));
        }
        if parameter.closed && !parameter.values.iter().any(|it| it.value == value) {
            return Err(Refused::invalid(name));
        }
        Ok(())
    }
}

/// A query value with `+` and `%XX` undone.
fn decoded(value: &str) -> String {
    let mut bytes = value.bytes();
    let mut plain = Vec::with_capacity(value.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'%')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue;

    use super::*;

    #[test]
    fn reads_a_query_in_any_case() {
        let query = Params::from_query(
            "fid_input_iscd=005930&FID_COND_MRKT_DIV_CODE=J&X=a%20b+%ED%85%85&empty=",
        );
        assert_eq!(query.get("FID_INPUT_ISCD"), Some("005930"));
        assert_eq!(query.get("x"), Some("a b 텅"));
        assert_eq!(query.get("EMPTY"), Some(""));
        assert_eq!(query.get("OTHER"), None);
        assert_eq!(query.fill("00000A{FID_INPUT_ISCD}"), "00000A005930");
    }

    #[test]
    fn reads_a_body_of_texts() {
        let body = Params::from_json(br#"{"pdno":"005930","QTY":"1"}"#).unwrap();
        assert_eq!((body.get("PDNO"), body.get("QTY")), (None, Some("1")));
        for wrong in [&b""[..], b"[]", b"{", br#"{"QTY":1}"#, br#"{"QTY":null}"#] {
            assert!(Params::from_json(wrong).is_none());
        }
    }

    #[test]
    fn checks_what_is_given() {
        let check = |id: &str, tr_id: &str, changed: &[(&str, Option<&str>)]| {
            let tr = catalogue::find(id).unwrap();
            let mut params = Params::default();
            let sent = |name: &str| tr.parameter(name).is_some_and(|it| !it.selector);
            for (name, value) in tr.example().into_iter().filter(|(name, _)| sent(name)) {
                params.0.insert(name.to_ascii_uppercase(), value.to_owned());
            }
            for (name, value) in changed {
                match value {
                    Some(value) => params.0.insert((*name).to_owned(), (*value).to_owned()),
                    None => params.0.remove(*name),
                };
            }
            let rules: Vec<_> = tr.rules.iter().filter(|it| it.real == tr_id).collect();
            params.check(tr, &rules).map_err(|it| it.text().to_owned())
        };
        let wrong = |text: &str| Err(format!("ERROR : INPUT {text}"));
        let balance = "domestic-stock/inquire-balance";
        assert_eq!(check(balance, "TTTC8434R", &[]), Ok(()));
        assert_eq!(check(balance, "TTTC8434R", &[("CANO", None)]), wrong("FIELD NOT FOUND [CANO]"));
        assert_eq!(
            check(balance, "TTTC8434R", &[("CANO", Some("1234567A"))]),
            wrong("INVALID_CHECK_ACNO")
        );
        let price = "domestic-stock/inquire-price";
        let long = "0".repeat(13);
        assert_eq!(
            check(price, "FHKST01010100", &[("FID_INPUT_ISCD", Some(&long))]),
            wrong("INVALID_CHECK_FIELD_LENGTH")
        );
        let order = "overseas-stock/order";
        let exchange = |it| [("OVRS_EXCG_CD", Some(it))];
        assert_eq!(check(order, "TTTT1002U", &exchange("NYSE")), Ok(()));
        let refused = wrong("INVALID_CHECK_OVRS_EXCG_CD");
        assert_eq!(check(order, "TTTT1002U", &exchange("TKSE")), refused);
        assert_eq!(check(order, "TTTT1002U", &exchange("MARS")), refused);
    }
}
