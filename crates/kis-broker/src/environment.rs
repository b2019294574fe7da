//! Which KIS to talk to, and at which addresses.

use std::{fmt, str::FromStr};

use reqwest::Url;

/// Which of KIS's systems is meant. Addresses follow from it unless given explicitly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Environment {
    /// Trading with real money.
    Real,
    /// KIS's paper trading (모의투자).
    Paper,
    /// Another host that speaks KIS's protocol, such as `kis-sim`.
    Custom,
}

impl Environment {
    /// Where KIS serves REST; none for [`Environment::Custom`].
    #[must_use]
    pub fn rest_url(self) -> Option<&'static str> {
        match self {
            Self::Real => Some("https://openapi.koreainvestment.com:9443"),
            Self::Paper => Some("https://openapivts.koreainvestment.com:29443"),
            Self::Custom => None,
        }
    }

    /// Where KIS serves its websocket (plain `ws`); none for [`Environment::Custom`].
    #[must_use]
    pub fn websocket_url(self) -> Option<&'static str> {
        match self {
            Self::Real => Some("ws://ops.koreainvestment.com:21000"),
            Self::Paper => Some("ws://ops.koreainvestment.com:31000"),
            Self::Custom => None,
        }
    }

    /// `real`, `paper` or `custom`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Paper => "paper",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = EndpointsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Real, Self::Paper, Self::Custom]
            .into_iter()
            .find(|it| it.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| EndpointsError::UnknownEnvironment { text: text.to_owned() })
    }
}

/// The two addresses of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where REST is served, without a path: `https://host:port`.
    pub rest: Url,
    /// Where the websocket is served. KIS ignores the path.
    pub websocket: Url,
}

impl Endpoints {
    /// The addresses of `environment`, either of which may be replaced.
    ///
    /// # Errors
    /// Returns an error when an address is missing (a custom environment has none of its own),
    /// is no URL, or has a scheme other than `http(s)` and `ws(s)`.
    pub fn of(
        environment: Environment,
        rest: Option<&str>,
        websocket: Option<&str>,
    ) -> Result<Self, EndpointsError> {
        Ok(Self {
            rest: parse("REST", rest.or(environment.rest_url()), ["http", "https"])?,
            websocket: parse(
                "websocket",
                websocket.or(environment.websocket_url()),
                ["ws", "wss"],
            )?,
        })
    }
}

/// Addresses that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointsError {
    /// The environment's name is none of the three.
    #[error("unknown environment {text:?}, expected real, paper or custom")]
    UnknownEnvironment {
        /// What was given.
        text: String,
    },
    /// A custom environment without an address.
    #[error("a custom environment needs a {which} URL")]
    Missing {
        /// `REST` or `websocket`.
        which: &'static str,
    },
    /// Not an address of the kind wanted.
    #[error("{text:?} is no {which} URL, expected {}://host:port", schemes[0])]
    Invalid {
        /// `REST` or `websocket`.
        which: &'static str,
        /// What was given.
        text: String,
        /// The schemes that would do.
        schemes: [&'static str; 2],
    },
}

fn parse(
    which: &'static str,
    text: Option<&str>,
    schemes: [&'static str; 2],
) -> Result<Url, EndpointsError> {
    let text = text.ok_or(EndpointsError::Missing { which })?;
    let invalid = || EndpointsError::Invalid { which, text: text.to_owned(), schemes };
    let url = Url::parse(text.trim()).map_err(|_| invalid())?;
    if schemes.contains(&url.scheme()) && url.has_host() { Ok(url) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        environment: &str,
        rest: Option<&str>,
        websocket: Option<&str>,
        expected: Result<(&str, &str), &str>,
    ) {
        let found = environment
            .parse()
            .and_then(|it| Endpoints::of(it, rest, websocket))
            .map(|it| (it.rest.to_string(), it.websocket.to_string()))
            .map_err(|error| error.to_string());
        let expected =
            expected.map(|(a, b)| (a.to_owned(), b.to_owned())).map_err(ToOwned::to_owned);
        assert_eq!(found, expected);
    }

    #[test]
    fn addresses() {
        check(
            "real",
            None,
            None,
            Ok((
                "https://openapi.koreainvestment.com:9443/",
                "ws://ops.koreainvestment.com:21000/",
            )),
        );
        check(
            " Paper ",
            None,
            Some("wss://proxy.example/kis"),
            Ok(("https://openapivts.koreainvestment.com:29443/", "wss://proxy.example/kis")),
        );
        check(
            "custom",
            Some("http://127.0.0.1:1"),
            Some("ws://127.0.0.1:2/tryitout"),
            Ok(("http://127.0.0.1:1/", "ws://127.0.0.1:2/tryitout")),
        );
        check(
            "custom",
            Some("http://127.0.0.1:1"),
            None,
            Err("a custom environment needs a websocket URL"),
        );
        check(
            "real",
            None,
            Some("http://host"),
            Err("\"http://host\" is no websocket URL, expected ws://host:port"),
        );
        check(
            "demo",
            None,
            None,
            Err("unknown environment \"demo\", expected real, paper or custom"),
        );
    }
}
