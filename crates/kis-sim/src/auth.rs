//! Tokens, approval keys and the per-second limit, per app key.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use rand::RngExt;
use uuid::Uuid;

use crate::{SimConfig, clock};

/// What has been issued, and when.
#[derive(Default)]
pub(crate) struct Auth {
    /// Every token that was issued and not revoked, with its end.
    tokens: HashMap<String, Instant>,
    /// The last token of each app key.
    latest: HashMap<String, Token>,
    approvals: HashMap<String, Approval>,
    /// The calls of each app key within the last second, and those of them on accounts.
    calls: HashMap<String, VecDeque<Instant>>,
    ledger_calls: HashMap<String, VecDeque<Instant>>,
}

/// An access token as its owner sees it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// When it ends, in Korean time.
    pub(crate) expires: String,
    issued: Instant,
    /// When it was last given out, be it anew or again.
    given: Instant,
}

struct Approval {
    app_key: String,
    expires: Instant,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    Unknown,
    Expired,
}

impl Auth {
    /// The app key's token: a new one, or within the time of reuse the old one.
    /// `None` when it asked less than the interval ago.
    pub(crate) fn token(
        &mut self,
        app_key: &str,
        config: &SimConfig,
        now: Instant,
    ) -> Option<Token> {
        if let Some(last) = self.latest.get_mut(app_key) {
            if now.duration_since(last.given) < config.token_interval {
                return None;
            }
            let valid = self.tokens.get(&last.text).is_some_and(|end| now < *end);
            if valid && now.duration_since(last.issued) < config.token_reuse {
                last.given = now;
                return Some(last.clone());
            }
        }
        let token = Token {
            text: web_token(),
            expires: clock::text(clock::date_after(config.token_lifetime)),
            issued: now,
            given: now,
        };
        self.tokens.insert(token.text.clone(), clock::after(now, config.token_lifetime));
        self.latest.insert(app_key.to_owned(), token.clone());
        Some(token)
    }

    /// Whether a token is valid now.
    pub(crate) fn check(&self, token: &str, now: Instant) -> Result<(), BadToken> {
        match self.tokens.get(token) {
            None => Err(BadToken::Unknown),
            Some(end) if *end <= now => Err(BadToken::Expired),
            Some(_) => Ok(()),
        }
    }

    /// Ends a token; whether there was one.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    /// A new approval key.
    pub(crate) fn approve(&mut self, app_key: &str, config: &SimConfig, now: Instant) -> String {
        let key = Uuid::new_v4().to_string();
        let approval = Approval {
            app_key: app_key.to_owned(),
            expires: clock::after(now, config.approval_lifetime),
        };
        self.approvals.insert(key.clone(), approval);
        key
    }

    /// The app key that a valid approval key belongs to.
    pub(crate) fn approved(&self, approval_key: &str, now: Instant) -> Option<&str> {
        let approval = self.approvals.get(approval_key)?;
        (now < approval.expires).then_some(&approval.app_key)
    }

    /// Counts a call; `false` when it is one too many for this second.
    pub(crate) fn call(&mut self, app_key: &str, per_second: usize, now: Instant) -> bool {
        count(self.calls.entry(app_key.to_owned()).or_default(), per_second, now)
    }

    /// Counts a call on an account, which is one too many sooner.
    pub(crate) fn ledger_call(&mut self, app_key: &str, per_second: usize, now: Instant) -> bool {
        count(self.ledger_calls.entry(app_key.to_owned()).or_default(), per_second, now)
    }

    /// Makes every approval key unknown.
    pub(crate) fn forget_approvals(&mut self) {
        self.approvals.clear();
    }

    /// Makes every token unknown, and asking for a new one allowed.
    pub(crate) fn forget_tokens(&mut self) {
        self.tokens.clear();
        self.latest.clear();
    }

    /// Makes every token expired, and asking for a new one allowed.
    pub(crate) fn expire_tokens(&mut self, now: Instant) {
        self.tokens.values_mut().for_each(|end| *end = now);
        self.latest.clear();
    }
}

/// Counts what comes now among what came within a second, unless that is full.
fn count(calls: &mut VecDeque<Instant>, per_second: usize, now: Instant) -> bool {
    while calls.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
        calls.pop_front();
    }
    let allowed = calls.len() < per_second;
    if allowed {
        calls.push_back(now);
    }
    allowed
}

/// A text that looks like the JSON web tokens KIS issues.
fn web_token() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut rng = rand::rng();
    let mut part = |length: usize| -> String {
        (0..length).map(|_| char::from(ALPHABET[rng.random_range(..ALPHABET.len())])).collect()
    };
    format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJ{}.{}", part(223), part(86))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn one_token_a_minute_and_the_same_for_six_hours() {
        let (mut auth, config, start) = (Auth::default(), SimConfig::default(), Instant::now());
        let mut ask = |after: Duration| auth.token("key", &config, start + after).map(|it| it.text);
        let first = ask(Duration::ZERO);
        assert!(first.is_some());
        assert_eq!(ask(MINUTE - Duration::from_secs(1)), None);
        assert_eq!(ask(MINUTE), first);
        assert_eq!(ask(MINUTE + MINUTE / 2), None, "giving out the old one counts as an issue");
        let later = ask(6 * 60 * MINUTE);
        assert!(later.is_some() && later != first);
        assert_eq!(auth.check(&first.unwrap(), start), Ok(()));
    }

    #[test]
    fn a_token_ends() {
        let (mut auth, config, start) = (Auth::default(), SimConfig::default(), Instant::now());
        let token = auth.token("key", &config, start).unwrap().text;
        assert_eq!(auth.check(&token, start + config.token_lifetime), Err(BadToken::Expired));
        assert_eq!(auth.check("other", start), Err(BadToken::Unknown));
        assert!(auth.revoke(&token) && !auth.revoke(&token));
        assert_eq!(auth.check(&token, start), Err(BadToken::Unknown));
        assert!(auth.token("key", &config, start + MINUTE).is_some_and(|it| it.text != token));
    }

    #[test]
    fn counts_calls_per_second() {
        let (mut auth, start) = (Auth::default(), Instant::now());
        let mut call = |ms| auth.call("key", 2, start + Duration::from_millis(ms));
        assert_eq!(
            [0, 500, 600, 999, 1000, 1499, 1500].map(&mut call),
            [true, true, false, false, true, false, true]
        );
    }
}
