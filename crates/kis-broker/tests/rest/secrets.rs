//! What nobody may see: keys, tokens and account numbers, in errors, logs and `Debug`.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// Everything that is logged, down to the last detail.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_secret_is_told() {
    let log = Log::default();
    // Of this crate; what the HTTP library traces is its own, and off in any sane filter.
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("kis_broker=trace")
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let (sim, rest) = fast(Side::Real).await;
    let mut told = format!("{rest:?} {:?}", rest.status());
    let calls = [price(&rest, "005930"), balance(&rest), buy(&rest)];
    for call in &calls {
        told += &format!("{call:?}");
        let answer = rest.call(call, plainly()).await.unwrap();
        told += &format!("{answer:?}");
    }
    // A span that another test has met for the first time just as this log began may be off.
    tracing::callsite::rebuild_interest_cache();
    let faults = [Instead::Nothing, Instead::Page(500), refusal("EGW00301"), refusal("EGW00206")];
    for call in &calls {
        for instead in &faults {
            let mut instead = instead.clone();
            if let (Instead::Refusal(it), false) = (&mut instead, call.tr.uses_account()) {
                // KIS cannot repeat what it was not told.
                it.msg1 = it.msg1.replace(ACCOUNT, "");
            }
            // As often as the call is sent.
            let times = if call.tr.order { 1 } else { 3 };
            sim.fault_calls(times, fault(true, instead));
            let error = rest.call(call, plainly()).await.unwrap_err();
            told += &chain(&error);
            for lookup in error.lookups() {
                told += &format!("{lookup:?}");
            }
        }
    }
    sim.shutdown().await;
    for call in &calls {
        told += &chain(&rest.call(call, CallOptions::within(100 * MILLI)).await.unwrap_err());
    }

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("FHKST01010100") && logged.contains("calling again"), "{logged}");
    for text in [told, logged] {
        // The tokens of the simulator begin like all tokens of KIS.
        for secret in [APP_KEY, APP_SECRET, ACCOUNT, "eyJ0eXAi"] {
            let before = text.split_once(secret).map(|(before, _)| before.lines().last());
            assert_eq!(before, None, "{secret} is told");
        }
    }
}
