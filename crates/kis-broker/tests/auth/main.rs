//! Access tokens: asked for once, shared with everybody, whatever happens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod canned;
mod processes;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::future::join_all;
use kis_broker::{AuthError, Credentials, Environment, Http, TokenConfig, Tokens};
use kis_protocol::time::Timestamp;
use kis_sim::{Credential, Sim, SimConfig};
use tokio::time::timeout;

const APP_KEY: &str = "PSim0000000000000000000000000key";
const APP_SECRET: &str = "the-secret-that-nobody-may-see";
const MILLI: Duration = Duration::from_millis(1);
/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A simulated KIS that issues a new token whenever it is asked.
fn eager() -> SimConfig {
    SimConfig {
        token_interval: Duration::ZERO,
        token_reuse: Duration::ZERO,
        ..SimConfig::default()
    }
}

fn config(folder: Option<&Path>) -> TokenConfig {
    TokenConfig { folder: folder.map(Path::to_path_buf), ..TokenConfig::default() }
}

fn tokens(rest: &str, config: TokenConfig) -> Tokens {
    let http = Http::new(&rest.parse().unwrap()).unwrap();
    let credentials = Credentials::new(APP_KEY, APP_SECRET);
    Tokens::new(http, Environment::Custom, credentials, config)
}

async fn get(tokens: &Tokens) -> Result<String, AuthError> {
    let token = timeout(PATIENCE, tokens.get()).await.unwrap();
    token.map(|it| it.expose().to_owned())
}

/// The file of an extension in a folder, once there is one.
async fn file(folder: &Path, extension: &str) -> PathBuf {
    let found = || {
        let entries = fs::read_dir(folder).ok()?;
        let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        paths.find(|path| path.extension().is_some_and(|it| it == extension))
    };
    let wait = async {
        loop {
            if let Some(path) = found() {
                return path;
            }
            tokio::time::sleep(MILLI).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap()
}

#[tokio::test]
async fn a_hundred_callers_ask_once() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tokens_here = tokens(&sim.rest_url(), config(Some(folder.path())));
    let all = join_all((0..100).map(|_| get(&tokens_here))).await;
    let first = all[0].clone().unwrap();
    assert!(all.iter().all(|it| it.as_ref().unwrap() == &first));
    assert_eq!(sim.state().counters.tokens, 1);
    assert_eq!(tokens_here.status().issued, 1);

    let restarted = tokens(&sim.rest_url(), config(Some(folder.path())));
    assert_eq!(get(&restarted).await.unwrap(), first);
    assert_eq!((sim.state().counters.tokens, restarted.status().issued), (1, 0));
    assert_eq!(restarted.status().expires, tokens_here.status().expires);
}

#[tokio::test]
async fn a_caller_who_leaves_takes_nothing_along() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let tokens = tokens(&sim.rest_url(), config(None));
    assert!(timeout(Duration::ZERO, tokens.get()).await.is_err());
    get(&tokens).await.unwrap();
    assert_eq!(sim.state().counters.tokens, 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [here, there] = [(); 2].map(|()| tokens(&sim.rest_url(), config(Some(folder.path()))));
    let old = here.get().await.unwrap();
    assert_eq!(there.get().await.unwrap(), old);
    sim.expire_tokens();

    let replaced = join_all((0..50).map(|_| here.replace(&old))).await;
    let new = replaced[0].clone().unwrap();
    assert!(new != old && replaced.iter().all(|it| it.as_ref().unwrap() == &new));
    assert_eq!(there.replace(&old).await.unwrap(), new, "the other finds it in the file");
    assert_eq!(sim.state().counters.tokens, 2);
}

#[tokio::test]
async fn a_token_is_replaced_ahead_of_its_end_without_anybody_waiting() {
    let hour = Duration::from_secs(3600);
    let sim = Sim::start(SimConfig { token_lifetime: hour, ..eager() }).await.unwrap();
    let tokens =
        tokens(&sim.rest_url(), TokenConfig { renew_ahead: 2 * hour, ..TokenConfig::default() });
    let old = get(&tokens).await.unwrap();
    assert_eq!(get(&tokens).await.unwrap(), old, "the old one is good meanwhile");
    timeout(PATIENCE, sim.wait_until(|it| it.counters.tokens == 2)).await.unwrap();
    let renewed = async {
        while tokens.status().issued < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, renewed).await.unwrap();
    assert_ne!(get(&tokens).await.unwrap(), old);
}

#[tokio::test]
async fn too_soon_is_waited_out() {
    let sim = Sim::start(SimConfig { token_interval: 100 * MILLI, ..SimConfig::default() });
    let sim = sim.await.unwrap();
    let first = get(&tokens(&sim.rest_url(), config(None))).await.unwrap();
    let patient = TokenConfig { issue_interval: 120 * MILLI, ..TokenConfig::default() };
    let second = tokens(&sim.rest_url(), patient);
    assert_eq!(get(&second).await.unwrap(), first, "asking again returns the same for hours");
}

#[tokio::test]
async fn too_soon_is_over_when_another_process_brings_a_token() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let other = get(&tokens(&sim.rest_url(), config(None))).await.unwrap();
    let waiting = tokens(&sim.rest_url(), config(Some(folder.path())));
    let bring = async {
        // Its lock shows that it found no token, and asks or is about to.
        let path = file(folder.path(), "lock").await.with_extension("json");
        let in_an_hour = Timestamp::from(std::time::SystemTime::now()).unix_seconds() + 3600;
        let text = format!(r#"{{"text":"{other}","expires":{in_an_hour}}}"#);
        fs::write(path.with_extension("other"), text).unwrap();
        fs::rename(path.with_extension("other"), path).unwrap();
    };
    let (brought, ()) = tokio::join!(get(&waiting), bring);
    assert_eq!(brought.unwrap(), other);
    assert_eq!(sim.state().counters.tokens, 1);
}

#[tokio::test]
async fn a_damaged_file_is_replaced() {
    let sim = Sim::start(eager()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    get(&tokens(&sim.rest_url(), config(Some(folder.path())))).await.unwrap();
    let path = file(folder.path(), "json").await;
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();

    let second = get(&tokens(&sim.rest_url(), config(Some(folder.path())))).await.unwrap();
    assert_eq!(sim.state().counters.tokens, 2);
    assert!(fs::read_to_string(&path).unwrap().contains(&second));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_done_without() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a file, not a folder");
    fs::write(&path, "").unwrap();
    let tokens = tokens(&sim.rest_url(), config(Some(&path)));
    let first = get(&tokens).await.unwrap();
    assert_eq!(get(&tokens).await.unwrap(), first);
}

#[tokio::test]
async fn a_revoked_token_is_gone_everywhere() {
    let sim = Sim::start(eager()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tokens_here = tokens(&sim.rest_url(), config(Some(folder.path())));
    tokens_here.revoke().await.unwrap();
    let old = get(&tokens_here).await.unwrap();
    tokens_here.revoke().await.unwrap();
    assert_eq!(tokens_here.status().expires, None);
    let restarted = tokens(&sim.rest_url(), config(Some(folder.path())));
    assert_ne!(get(&restarted).await.unwrap(), old);
}

#[tokio::test]
async fn a_refusal_stands_for_a_while_and_tells_no_secret() {
    let credential =
        Credential { app_key: "another".to_owned(), app_secret: APP_SECRET.to_owned() };
    let sim = Sim::start(SimConfig { credentials: vec![credential], ..eager() }).await.unwrap();
    let url = sim.rest_url();
    let tokens = tokens(&url, config(None));
    let error = get(&tokens).await.unwrap_err();
    assert!(matches!(&error, AuthError::Refused { status: 403, code, .. } if code == "EGW00103"));
    sim.shutdown().await;
    let again = get(&tokens).await.unwrap_err();
    assert!(again.is_refusal(), "nobody was asked: {again}");
    assert_eq!((tokens.status().failures, tokens.status().refusals), (1, 1));
    let unreachable = self::tokens(&url, config(None));
    assert!(!get(&unreachable).await.unwrap_err().is_refusal());
    assert_eq!((unreachable.status().failures, unreachable.status().refusals), (1, 0));
    let shown = format!("{error:?} {error} {tokens:?}");
    assert!(!shown.contains(APP_KEY) && !shown.contains(APP_SECRET), "{shown}");
}
