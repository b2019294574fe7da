//! The key itself, as the client holds it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// A key: `ats_`, its id, `_`, and 256 random bits in base64url. Never printed
/// but once, by the command that makes it.
#[derive(Clone)]
pub struct Token(String);

/// The hash of a key.
///
/// One round of SHA-256 is right here: the key is 256 random bits, so there is
/// nothing to guess however fast the hash is. Slow hashes protect passwords,
/// which people choose; at every request they would only cost us time.
#[derive(Debug, Clone, Copy)]
pub struct Digest([u8; 32]);

const PREFIX: &str = "ats";

impl Token {
    /// A new key.
    pub fn generate() -> Self {
        // Both from a cryptographic generator that the system has seeded.
        let id: [u8; 4] = rand::random();
        let secret: [u8; 32] = rand::random();
        let id = u32::from_be_bytes(id);
        Self(format!("{PREFIX}_{id:08x}_{}", URL_SAFE_NO_PAD.encode(secret)))
    }

    /// Reads what a client sent.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        (prefix == PREFIX && id.len() == 8 && secret.len() == 43).then(|| Self(text.to_owned()))
    }

    /// The id in it.
    pub fn id(&self) -> &str {
        self.0.split('_').nth(1).unwrap_or_default()
    }

    /// The key, to be shown to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}_{}_…", self.id())
    }
}

/// Takes the same time wherever the difference is.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|it| format!("{it:02x}")).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = || {
            let mut bytes = [0; 32];
            if text.len() != 64 || !text.is_ascii() {
                return None;
            }
            for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                let digits = std::str::from_utf8(digits).ok()?;
                *byte = u8::from_str_radix(digits, 16).ok()?;
            }
            Some(Self(bytes))
        };
        read().ok_or_else(|| serde::de::Error::custom("`sha256` must be 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_read() {
        let token = Token::generate();
        let read = Token::parse(token.expose()).unwrap();
        assert_eq!(read.id(), token.id());
        assert_eq!(read.digest(), token.digest());
        assert_ne!(Token::generate().digest(), token.digest());
        assert_eq!(format!("{token:?}"), format!("ats_{}_…", token.id()));
    }

    #[test]
    fn what_is_no_key() {
        let secret = "A".repeat(43);
        assert!(Token::parse(&format!("ats_0123abcd_{secret}")).is_some());
        for text in ["", "ats", "ats__", "ats_0123abcd_short", &format!("xyz_0123abcd_{secret}")] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn digests_are_hexadecimal() {
        let digest = Token::generate().digest();
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        for text in ["\"\"", "\"xy\"", &format!("\"{}\"", "zz".repeat(32)), "1"] {
            assert!(serde_json::from_str::<Digest>(text).is_err(), "{text}");
        }
    }
}
