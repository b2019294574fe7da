//! Whose account it is.

use std::fmt;

use kis_protocol::catalogue::Personal;

use super::{ConfigError, Kis};

/// The product of an account that is given without: the general one (위탁).
const PRODUCT: &str = "01";

/// What of the user's own the server fills into calls. Does not print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Account {
    number: Option<String>,
    product: Option<String>,
    hts_id: Option<String>,
}

impl Account {
    /// What is configured: `12345678-01`, with or without the dash, or the eight
    /// digits alone.
    pub(super) fn new(kis: &Kis) -> Result<Self, ConfigError> {
        let hts_id = kis.hts_id.get().map(str::to_owned);
        let Some(text) = kis.account.get() else { return Ok(Self { hts_id, ..Self::default() }) };
        let digits: String = text.chars().filter(|it| !matches!(it, '-' | ' ')).collect();
        if !digits.bytes().all(|it| it.is_ascii_digit()) || !matches!(digits.len(), 8 | 10) {
            return Err(ConfigError::Account);
        }
        let (number, product) = digits.split_at(8);
        let product = if product.is_empty() { PRODUCT } else { product };
        Ok(Self { number: Some(number.to_owned()), product: Some(product.to_owned()), hts_id })
    }

    /// The value of a personal parameter, as far as it is configured.
    pub fn of(&self, personal: Personal) -> Option<&str> {
        match personal {
            Personal::AccountNumber => self.number.as_deref(),
            Personal::AccountProduct => self.product.as_deref(),
            Personal::HtsId => self.hts_id.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let kis = Kis { account: text.into(), ..Kis::default() };
        let account = Account::new(&kis).ok();
        let read = account.as_ref().and_then(|it| {
            Some((it.of(Personal::AccountNumber)?, it.of(Personal::AccountProduct)?))
        });
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn accounts() {
        check("12345678-01", Some(("12345678", "01")));
        check("1234567822", Some(("12345678", "22")));
        check("12345678", Some(("12345678", "01")));
        check("1234567", None);
        check("12345678-1", None);
        check("1234567a01", None);
        check("", None);
        let kis = Kis { hts_id: "me".into(), ..Kis::default() };
        let account = Account::new(&kis).unwrap();
        assert_eq!((account.of(Personal::HtsId), account.of(Personal::Token)), (Some("me"), None));
        assert!(!format!("{account:?}").contains("me\""));
    }
}
