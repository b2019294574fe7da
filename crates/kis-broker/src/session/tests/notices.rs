//! Data and encrypted notices.

use kis_protocol::notice::Cipher;

use super::*;
use crate::session::SessionError;

const CIPHER_KEY: &str = "abcdefghijklmnopabcdefghijklmnop";
const IV: &str = "0123456789abcdef";

fn ack(tr_id: &str, tr_key: &str) -> String {
    format!(
        r#"{{"header":{{"tr_id":"{tr_id}","tr_key":"{tr_key}","encrypt":"N"}},"body":{{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS","output":{{"iv":"{IV}","key":"{CIPHER_KEY}"}}}}}}"#
    )
}

fn notice(plain: &str) -> String {
    let cipher = Cipher::new(CIPHER_KEY, IV).unwrap();
    format!("1|H0STCNI0|001|{}", cipher.encrypt(plain))
}

#[test]
fn data_is_borrowed() {
    let mut it = Fixture::open(config());
    let text = "0|H0STCNT0|001|005930^093354";
    let Received::Data(frame) = it.session.handle_text(text, it.now).unwrap() else {
        panic!("expected data");
    };
    assert_eq!(frame.body.as_ptr(), text[15..].as_ptr());
}

#[test]
fn notices_are_decrypted_with_the_key_of_their_answer() {
    let mut it = Fixture::open(config());
    it.session.subscribe(Topic::new("H0STCNI0", "user"), it.now);
    assert!(it.session.poll_transmit(it.now).is_some());
    it.receive(&ack("H0STCNI0", "user"));
    it.events();
    let text = notice("user^123^한글");
    let received = it.session.handle_text(&text, it.now);
    assert_eq!(received.unwrap(), Received::Notice("0|H0STCNI0|001|user^123^한글".into()));
}

#[test]
fn another_streams_key_will_do() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.receive(&ack("H0STCNT0", "A"));
    assert!(it.session.handle_text(&notice("x"), it.now).is_ok());
}

#[test]
fn an_unreadable_notice_is_told_and_survived() {
    let mut it = Fixture::open(config());
    let unreadable = |it: &mut Fixture, text: &str| {
        let error = it.session.handle_text(text, it.now).unwrap_err();
        assert!(matches!(&error, SessionError::Notice { tr_id, .. } if tr_id == "H0STCNI0"));
        assert_eq!(it.events(), [Event::NoticeUnreadable { tr_id: "H0STCNI0".into() }]);
    };
    unreadable(&mut it, &notice("no key yet"));
    it.subscribe("A");
    it.sent();
    it.receive(&ack("H0STCNT0", "A"));
    it.events();
    unreadable(&mut it, "1|H0STCNI0|001|bm90IG91cnM=");
    assert!(it.session.handle_text(&notice("fine"), it.now).is_ok());

    it.session.handle_closed(it.now);
    it.events();
    it.reconnect();
    unreadable(&mut it, &notice("the key of another link"));
}

#[test]
fn malformed_texts_are_errors_and_nothing_more() {
    let mut it = Fixture::present(config(), &["A"]);
    for text in ["", "garbage", "0|H0STCNT0", "{", "{}", r#"{"header":{}}"#, "0|X|y|z"] {
        assert!(it.session.handle_text(text, it.now).is_err(), "{text}");
    }
    assert!(it.events().is_empty() && it.actions().is_empty() && it.sent().is_empty());
    assert_eq!(it.state(), SessionState::Open);
}
