//! A value that is never shown.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A value that is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Option<String>);

impl Secret {
    /// The value, when it is set.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Some(text.trim().to_owned()).filter(|it| !it.is_empty()))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A chat id or an account may be written as a number. The error would
        // quote the value, so there is none.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Text(String),
            Number(i64),
        }
        match Text::deserialize(deserializer) {
            Ok(Text::Text(text)) => Ok(text.as_str().into()),
            Ok(Text::Number(number)) => Ok(number.to_string().as_str().into()),
            Err(_) => Err(serde::de::Error::custom("a secret must be text or a whole number")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "…" } else { "not set" })
    }
}

/// Masked: the last four characters of a long value, of a short one none.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = &self.0 else { return f.write_str("not set") };
        let count = text.chars().count();
        let shown: String = text.chars().skip(if count < 12 { count } else { count - 4 }).collect();
        write!(f, "…{shown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        let secret = Secret::from("PSabcdefghijklmnop");
        assert_eq!(format!("{secret} {secret:?}"), "…mnop …");
        assert_eq!(Secret::from("12345678").to_string(), "…");
        assert_eq!(Secret::default().to_string(), "not set");
    }
}
