//! What no simulator does: answers with any date, and tokens that have ended already.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use kis_broker::{AuthError, TokenConfig};
use kis_protocol::time::Timestamp;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{MILLI, config, get, tokens};

const DAY: u64 = 24 * 3600;

/// A server that gives these answers in turn, then the last again and again.
struct Canned {
    url: String,
    /// The first lines of what it was asked.
    asked: Arc<Mutex<Vec<String>>>,
}

/// A `Date` and a body.
type Answer = (SystemTime, String);

impl Canned {
    async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let next = log.lock().unwrap().len().min(answers.len() - 1);
                let line = serve(socket, &answers[next]).await;
                log.lock().unwrap().push(line);
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(socket: TcpStream, (date, body): &Answer) -> String {
    let mut socket = BufReader::new(socket);
    let (mut first, mut length) = (String::new(), 0);
    socket.read_line(&mut first).await.unwrap();
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await.unwrap();
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", text)) => length = text.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    socket.read_exact(&mut vec![0; length]).await.unwrap();
    let date = httpdate::fmt_http_date(*date);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(answer.as_bytes()).await.unwrap();
    first.trim().to_owned()
}

fn token(text: &str, end: SystemTime) -> String {
    let end = Timestamp::from(end);
    format!(
        r#"{{"access_token":"{text}","access_token_token_expired":"{} {}","token_type":"Bearer","expires_in":86400}}"#,
        end.date(),
        end.time()
    )
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * DAY)
}

#[tokio::test]
async fn a_token_that_has_ended_is_revoked_and_asked_for_again() {
    let now = SystemTime::now();
    let canned = Canned::start(vec![
        (now, token("ended", now - Duration::from_secs(1200))),
        (now, r#"{"code":200,"message":"접근토큰 폐기에 성공하였습니다."}"#.to_owned()),
        (now, token("good", now + days(1))),
    ])
    .await;
    let tokens =
        tokens(&canned.url, TokenConfig { issue_interval: 5 * MILLI, ..TokenConfig::default() });
    assert_eq!(get(&tokens).await.unwrap(), "good");
    let [token_p, revoke_p] = ["POST /oauth2/tokenP HTTP/1.1", "POST /oauth2/revokeP HTTP/1.1"];
    assert_eq!(canned.asked(), [token_p, revoke_p, token_p]);
}

#[tokio::test]
async fn tokens_that_have_all_ended_are_an_error() {
    let now = SystemTime::now();
    let canned = Canned::start(vec![(now, token("ended", now - days(1)))]).await;
    let config =
        TokenConfig { issue_interval: 5 * MILLI, attempts_max: 2, ..TokenConfig::default() };
    let tokens = tokens(&canned.url, config);
    assert!(matches!(get(&tokens).await, Err(AuthError::Stale { .. })));
    assert_eq!(canned.asked().len(), 4, "two tokens, two revocations");
    assert!(get(&tokens).await.is_err());
    assert_eq!(canned.asked().len(), 4, "nobody is asked again so soon");
}

#[tokio::test]
async fn the_end_is_a_time_by_the_clock_of_kis() {
    let now = SystemTime::now();
    // To a machine that is three days ahead, every token KIS issues has ended long ago.
    let canned = Canned::start(vec![(now - days(3), token("good", now - days(2)))]).await;
    let folder = tempfile::tempdir().unwrap();
    let ahead = tokens(&canned.url, config(Some(folder.path())));
    assert_eq!(get(&ahead).await.unwrap(), "good");
    assert_eq!(get(&ahead).await.unwrap(), "good");
    let restarted = tokens(&canned.url, config(Some(folder.path())));
    assert_eq!(get(&restarted).await.unwrap(), "good", "the file tells the skew, too");
    assert_eq!(canned.asked().len(), 1);

    // To one that is three days behind, a token that has ended seems good.
    let canned = Canned::start(vec![(now + days(3), token("ended", now + days(2)))]).await;
    let config = TokenConfig { attempts_max: 1, ..TokenConfig::default() };
    let behind = get(&tokens(&canned.url, config)).await;
    assert!(matches!(behind, Err(AuthError::Stale { .. })), "{behind:?}");
}
