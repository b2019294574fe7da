use std::{fmt, str::FromStr};

/// An account: eight digits and two for the kind of account, `12345678-01`.
///
/// Its `Debug` and `Display` show the last four digits only.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Account([u8; 10]);

/// A text that is not an account number. It is not repeated, as it may almost be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an account number: give its eight digits and the two of the product, as 12345678-01")]
pub struct AccountError;

impl Account {
    /// 종합계좌번호: the first eight digits. They must not get into a log.
    pub fn cano(&self) -> &str {
        digits(&self.0[..8])
    }

    /// 계좌상품코드: the last two digits, `01` for stocks and `03` for futures and options.
    pub fn acnt_prdt_cd(&self) -> &str {
        digits(&self.0[8..])
    }
}

impl FromStr for Account {
    type Err = AccountError;

    /// Reads ten digits, with a dash before the last two or without.
    fn from_str(text: &str) -> Result<Self, AccountError> {
        let bytes = text.trim_ascii().as_bytes();
        let (number, product) = bytes.split_at_checked(8).ok_or(AccountError)?;
        let product = product.strip_prefix(b"-").unwrap_or(product);
        let digits: [u8; 10] = [number, product].concat().try_into().map_err(|_| AccountError)?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits)).ok_or(AccountError)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", digits(&self.0[6..]))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}

/// The bytes as text, which they are.
fn digits(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accounts() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let account = text.parse::<Account>().ok();
            assert_eq!(account.as_ref().map(|it| (it.cano(), it.acnt_prdt_cd())), expected);
        };
        check("12345678-01", Some(("12345678", "01")));
        check("1234567803", Some(("12345678", "03")));
        check(" 12345678-01\n", Some(("12345678", "01")));
        for bad in ["", "12345678", "12345678-1", "123456789-01", "12345678--01", "1234567a-01"] {
            check(bad, None);
        }
        check("12345678_01", None);
        check("1234567텅01", None);
    }

    #[test]
    fn shows_four_digits() {
        let account: Account = "12345678-01".parse().unwrap();
        assert_eq!(format!("{account} {account:?}"), "…7801 Account(…7801)");
    }
}
