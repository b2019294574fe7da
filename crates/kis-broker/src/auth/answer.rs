//! The shape in which the OAuth endpoints refuse.

use serde::Deserialize;

use crate::credentials::Credentials;

#[derive(Default, Deserialize)]
struct Refusal {
    error_code: Option<String>,
    error_description: Option<String>,
}

/// KIS's code and text in a refusal, without our secrets, should it repeat them; none when the
/// answer is no refusal.
pub(crate) fn refusal(body: &[u8], credentials: &Credentials) -> Option<(String, String)> {
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    let code = refusal.error_code?;
    let text = refusal.error_description.unwrap_or_default();
    Some((credentials.scrub(&code), credentials.scrub(&text)))
}
