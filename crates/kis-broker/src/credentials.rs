//! What proves to KIS who we are; none of it can be printed by accident.

use std::fmt;

use reqwest::Url;
use sha2::{Digest, Sha256};

/// Declares a secret text whose `Debug` shows at most its last four characters.
macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Wraps the secret; blanks around it, as `.env` files hold them, are dropped.
            #[must_use]
            pub fn new(secret: &str) -> Self {
                Self(secret.trim().into())
            }

            /// The secret itself, for the request that needs it and nothing else.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&masked(&self.0))
            }
        }
    )*};
}

secrets! {
    /// The app key of one KIS account: one websocket session and one rate limit each.
    AppKey,
    /// The app secret that belongs to an [`AppKey`].
    AppSecret,
    /// The key `/oauth2/Approval` issues; a websocket registration carries it.
    ApprovalKey,
    /// The token `/oauth2/tokenP` issues; every REST call carries it.
    AccessToken,
}

impl AppKey {
    /// Tells the files of app keys apart, and those of the addresses they are used at, without
    /// telling the key.
    pub(crate) fn fingerprint(&self, rest: &Url) -> String {
        let digest = Sha256::digest(format!("{rest}\n{}", self.expose()));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// An app key and its secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// The app key.
    pub app_key: AppKey,
    /// The app secret.
    pub app_secret: AppSecret,
}

impl Credentials {
    /// Credentials from the texts KIS shows on its portal.
    #[must_use]
    pub fn new(app_key: &str, app_secret: &str) -> Self {
        Self { app_key: AppKey::new(app_key), app_secret: AppSecret::new(app_secret) }
    }

    /// `text` without either secret, for words of KIS that may repeat what it was sent.
    pub(crate) fn scrub(&self, text: &str) -> String {
        scrub(&scrub(text, self.app_key.expose()), self.app_secret.expose())
    }
}

/// `text` with every occurrence of `secret` replaced.
pub(crate) fn scrub(text: &str, secret: &str) -> String {
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, "…") }
}

/// `…` and the last four characters, or `…` alone where four would be a good part of the secret.
fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length >= 16 { 4 } else { 0 };
    let tail: String = secret.chars().skip(length - shown).collect();
    format!("…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_four_characters_at_most() {
        let it = Credentials::new(" PSabcdefghijklmnop1234 ", "short");
        assert_eq!(
            format!("{it:?}"),
            "Credentials { app_key: …1234, app_secret: … }",
            "blanks dropped, secrets masked"
        );
        assert_eq!(it.app_key.expose(), "PSabcdefghijklmnop1234");
    }

    #[test]
    fn scrubbing_removes_both_secrets() {
        let it = Credentials::new("KEY", "SECRET");
        assert_eq!(it.scrub("invalid KEY with SECRET, KEY"), "invalid … with …, …");
        assert_eq!(Credentials::new("", "").scrub("as it was"), "as it was");
    }
}
