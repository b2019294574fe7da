use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 한국어
    #[default]
    #[serde(alias = "ko")]
    Korean,
    /// English
    #[serde(alias = "en")]
    English,
}

/// A text that names no language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no language {0:?}; write ko or en")]
pub struct LanguageError(pub String);

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Korean => "ko",
            Self::English => "en",
        })
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        match text {
            "ko" | "korean" => Ok(Self::Korean),
            "en" | "english" => Ok(Self::English),
            other => Err(LanguageError(other.to_owned())),
        }
    }
}
