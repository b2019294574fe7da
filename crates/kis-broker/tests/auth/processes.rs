//! Several processes, one token: each is this very program, told to run `child` alone.

use std::{
    env,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kis_sim::{Sim, SimConfig};

use super::{MILLI, config, eager, get, tokens};

/// Where a child finds KIS and the folder.
const REST: &str = "KIS_BROKER_TEST_REST";
const FOLDER: &str = "KIS_BROKER_TEST_FOLDER";

fn spawn(sim: &Sim, folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .env(REST, sim.rest_url())
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The token a child got, when it has ended.
async fn token_of(mut child: Child) -> String {
    let read = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success(), "{text}");
        text
    });
    let text = read.await.unwrap();
    let (_, rest) = text.split_once("token=").unwrap();
    rest.lines().next().unwrap().to_owned()
}

#[tokio::test]
#[ignore = "run by the other tests, each time as a process of its own"]
async fn child() {
    let rest = env::var_os(REST).unwrap().into_string().unwrap();
    let folder = env::var_os(FOLDER).unwrap();
    let tokens = tokens(&rest, config(Some(Path::new(&folder))));
    println!("token={}", get(&tokens).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_ask_once() {
    // One a minute, so that a second request would be refused, and the same token never again.
    let sim = SimConfig { token_reuse: Duration::ZERO, ..SimConfig::default() };
    let sim = Sim::start(sim).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = [(); 2].map(|()| spawn(&sim, folder.path()));
    assert_eq!(token_of(one).await, token_of(other).await);
    assert_eq!(sim.state().counters.tokens, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_moment_leaves_a_usable_file() {
    let sim = Sim::start(eager()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for round in 0..40 {
        // A file from the round before would leave nothing to do.
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "json") {
                std::fs::remove_file(path).unwrap();
            }
        }
        let mut child = spawn(&sim, folder.path());
        // When exactly it dies differs from run to run; what has to hold afterwards does not.
        tokio::time::sleep(round * MILLI).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let before = sim.state().counters.tokens;
        let tokens = tokens(&sim.rest_url(), config(Some(folder.path())));
        let token = get(&tokens).await.unwrap();
        let kept = sim.state().counters.tokens == before;
        assert_eq!(tokens.status().issued, u64::from(!kept), "a whole token or none: {token}");
    }
    assert_eq!(token_of(spawn(&sim, folder.path())).await.split('.').count(), 3);
}
