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

/// Every code KIS lists or was seen to send, and what it asks for.
const REACTIONS: &[(&str, Reaction)] = &[
    (code::SUBSCRIBE_SUCCESS, Reaction::Registered),
    (code::UNSUBSCRIBE_SUCCESS, Reaction::Released),
    (code::ALREADY_IN_SUBSCRIBE, Reaction::Registered),
    (code::UNSUBSCRIBE_NOT_FOUND, Reaction::Released),
    (code::SUBSCRIBE_INTERNAL_ERROR, Reaction::Retry),
    (code::MAX_SUBSCRIBE_OVER, Reaction::Full),
    // No paid quotes, or out of hours: asking again soon changes nothing.
    (code::MCI_SEND_FAILED, Reaction::Refuse),
    (code::INVALID_APP_KEY_WARNING, Reaction::Unapproved),
    (code::INVALID_APPROVAL, Reaction::Unapproved),
    (code::INVALID_TR_ID, Reaction::Refuse),
    (code::INVALID_TR_KEY, Reaction::Refuse),
    (code::JSON_INVALID_TR_KEY, Reaction::Refuse),
    (code::JSON_PERSONAL_SECKEY_NOT_FOUND, Reaction::Refuse),
    (code::JSON_APP_SECRET_NOT_FOUND, Reaction::Refuse),
    (code::ALREADY_IN_USE, Reaction::InUse),
    (code::JSON_INVALID_TR_TYPE, Reaction::Refuse),
    (code::JSON_INVALID_CUSTTYPE, Reaction::Refuse),
    (code::RESOURCE_NOT_AVAILABLE, Reaction::Retry),
    (code::JSON_TR_KEY_NOT_FOUND, Reaction::Refuse),
    (code::JSON_INPUT_NOT_FOUND, Reaction::Refuse),
    (code::JSON_BODY_NOT_FOUND, Reaction::Refuse),
    (code::JSON_INTERNAL_ERROR, Reaction::Retry),
    (code::JSON_INVALID_APP_KEY, Reaction::Unapproved),
    (code::JSON_RESOURCE_NOT_AVAILABLE, Reaction::Retry),
    (code::JSON_APP_KEY, Reaction::Unapproved),
    (code::JSON_CUSTTYPE_NOT_FOUND, Reaction::Refuse),
    (code::JSON_HEADER_NOT_FOUND, Reaction::Refuse),
    (code::JSON_INVALID_FORMAT, Reaction::Refuse),
];

impl Reaction {
    /// The reaction to an answer. What KIS may add is taken by its `rt_cd`.
    pub(super) fn to(rt_cd: &str, msg_cd: &str) -> Self {
        match REACTIONS.iter().find(|it| it.0 == msg_cd) {
            Some((_, reaction)) => *reaction,
            None if rt_cd == "0" => Self::Done,
            None => Self::Refuse,
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

    /// KIS's list of websocket codes, as of 2026-09.
    const LISTED: &str = "0000 0001 0002 0003 0007 0008 0009 0010 0011 8991 8992 8993 8994 8995 \
                          8996 8997 8998 8999 9990 9991 9992 9993 9994 9995 9996 9997 9998 9999";

    #[test]
    fn every_listed_code_has_one_reaction() {
        let listed: Vec<String> = LISTED.split_whitespace().map(|it| format!("OPSP{it}")).collect();
        let known: Vec<&str> = REACTIONS.iter().map(|it| it.0).collect();
        assert_eq!(known, listed, "the table has each code once, in order");
    }

    #[test]
    fn codes_and_their_reactions() {
        check(&["OPSP0000"], "0", Reaction::Registered);
        check(&["OPSP0002"], "1", Reaction::Registered);
        check(&["OPSP0001"], "0", Reaction::Released);
        check(&["OPSP0003"], "1", Reaction::Released);
        check(&["OPSP0008"], "1", Reaction::Full);
        check(&["OPSP0007", "OPSP8999", "OPSP9993", "OPSP9995"], "9", Reaction::Retry);
        check(&["OPSP8996"], "9", Reaction::InUse);
        check(&["OPSP0011", "OPSP0010", "OPSP9994", "OPSP9996"], "1", Reaction::Unapproved);
        check(&["OPSP0009", "OPSP8991", "OPSP9999"], "1", Reaction::Refuse);
        check(&["OPSP1234", ""], "9", Reaction::Refuse);
        check(&["OPSP4321", ""], "0", Reaction::Done);
    }
}
