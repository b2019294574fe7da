//! Encryption of order notices: AES-256-CBC with PKCS #7 padding, in base64.

use std::fmt;

use aes::Aes256;
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};

/// The key and initialisation vector that the answer to a registration carries;
/// the same for every stream of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Cipher {
    key: [u8; 32],
    iv: [u8; 16],
}

/// A notice that cannot be decrypted, or a key it cannot be decrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// The key is not 32 bytes long, or the vector not 16.
    #[error("a notice cipher needs a key of 32 bytes and an iv of 16, not {key} and {iv}")]
    KeyLength {
        /// The key's length in bytes.
        key: usize,
        /// The vector's length in bytes.
        iv: usize,
    },
    /// The body is not base64.
    #[error("the notice is not base64")]
    NotBase64,
    /// The key does not fit, or the body is cut.
    #[error(
        "the notice does not decrypt under this session's key; register again to get the key in use"
    )]
    WrongKey,
}

impl Cipher {
    /// A cipher from the ack's `output.key` and `output.iv`, which are used as
    /// the bytes of their text.
    ///
    /// # Errors
    /// [`NoticeError::KeyLength`] when either has another length.
    pub fn new(key: &str, iv: &str) -> Result<Self, NoticeError> {
        let wrong = || NoticeError::KeyLength { key: key.len(), iv: iv.len() };
        Ok(Self {
            key: key.as_bytes().try_into().map_err(|_| wrong())?,
            iv: iv.as_bytes().try_into().map_err(|_| wrong())?,
        })
    }

    /// Encrypts a notice's columns.
    pub fn encrypt(&self, plain: &str) -> String {
        let cipher = cbc::Encryptor::<Aes256>::new(&self.key.into(), &self.iv.into());
        STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
    }

    /// Decrypts a notice's body into its columns; what is not UTF-8 in it is
    /// replaced, as in any frame.
    ///
    /// # Errors
    /// [`NoticeError::NotBase64`] or [`NoticeError::WrongKey`].
    pub fn decrypt(&self, body: &str) -> Result<String, NoticeError> {
        let sealed = STANDARD.decode(body.trim_ascii()).map_err(|_| NoticeError::NotBase64)?;
        let cipher = cbc::Decryptor::<Aes256>::new(&self.key.into(), &self.iv.into());
        let plain =
            cipher.decrypt_padded_vec::<Pkcs7>(&sealed).map_err(|_| NoticeError::WrongKey)?;
        Ok(crate::text::lenient(&plain).into_owned())
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ikznadvwtxbbvoletwjafmzlwcviuyhe";
    const IV: &str = "cab1c2d7d66ea8eb";

    #[test]
    fn there_and_back() {
        let cipher = Cipher::new(KEY, IV).unwrap();
        for plain in ["", "a^b^홍길동", &"x".repeat(1000)] {
            assert_eq!(cipher.decrypt(&cipher.encrypt(plain)).as_deref(), Ok(plain));
        }
    }

    #[test]
    fn bad_input_is_an_error() {
        let cipher = Cipher::new(KEY, IV).unwrap();
        let other = Cipher::new(&"0".repeat(32), IV).unwrap();
        assert_eq!(cipher.decrypt("텅"), Err(NoticeError::NotBase64));
        assert_eq!(cipher.decrypt("QUJD"), Err(NoticeError::WrongKey));
        assert_eq!(other.decrypt(&cipher.encrypt("a^b")), Err(NoticeError::WrongKey));
        assert_eq!(Cipher::new("short", IV), Err(NoticeError::KeyLength { key: 5, iv: 16 }));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Cipher::new(KEY, IV).unwrap()), "Cipher(…)");
    }
}
