//! What to make of KIS's codes.

use kis_protocol::control::code;

/// What an answer's code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    /// The registration stands.
    Registered,
    /// The registration is gone.
    Released,
    /// As asked; a success with a code we do not know.
    Done,
    /// KIS holds no more registrations; the others stay.
    Full,
    /// A fault of KIS that may pass: ask again a little later.
    Retry,
    /// The one who asked is told.
    Refuse,
    /// Another session holds the app key.
    InUse,
    /// The approval key, or the app key behind it, was not accepted.
    Unapproved,
}

impl Reaction {
    /// The reaction to an answer.
    pub(super) fn to(rt_cd: &str, msg_cd: &str) -> Self {
        match msg_cd {
            code::SUBSCRIBE_SUCCESS | code::ALREADY_IN_SUBSCRIBE => Self::Registered,
            code::UNSUBSCRIBE_SUCCESS | code::UNSUBSCRIBE_NOT_FOUND => Self::Released,
            code::MAX_SUBSCRIBE_OVER => Self::Full,
            code::SUBSCRIBE_INTERNAL_ERROR
            | code::RESOURCE_NOT_AVAILABLE
            | code::JSON_INTERNAL_ERROR
            | code::JSON_RESOURCE_NOT_AVAILABLE => Self::Retry,
            code::ALREADY_IN_USE => Self::InUse,
            code::INVALID_APPROVAL
            | code::INVALID_APP_KEY_WARNING
            | code::JSON_INVALID_APP_KEY
            | code::JSON_APP_KEY => Self::Unapproved,
            _ if rt_cd == "0" => Self::Done,
            _ => Self::Refuse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(codes: &[&str], rt_cd: &str, expected: Reaction) {
        for code in codes {
            assert_eq!(Reaction::to(rt_cd, code), expected, "{code}");
        }
    }

    #[test]
    fn every_code_has_its_reaction() {
        check(&["OPSP0000"], "0", Reaction::Registered);
        check(&["OPSP0002"], "1", Reaction::Registered);
        check(&["OPSP0001"], "0", Reaction::Released);
        check(&["OPSP0003"], "1", Reaction::Released);
        check(&["OPSP0008"], "1", Reaction::Full);
        check(&["OPSP0007", "OPSP8999", "OPSP9993", "OPSP9995"], "9", Reaction::Retry);
        check(&["OPSP8996"], "9", Reaction::InUse);
        check(&["OPSP0011", "OPSP0010", "OPSP9994", "OPSP9996"], "1", Reaction::Unapproved);
        check(&["OPSP0009", "OPSP8991", "OPSP8992", "OPSP8993"], "1", Reaction::Refuse);
        check(&["OPSP8994", "OPSP8995", "OPSP8997", "OPSP8998"], "9", Reaction::Refuse);
        check(&["OPSP9990", "OPSP9991", "OPSP9992", "OPSP9997"], "9", Reaction::Refuse);
        check(&["OPSP9998", "OPSP9999", "OPSP1234", ""], "9", Reaction::Refuse);
        check(&["OPSP4321", ""], "0", Reaction::Done);
    }
}
