//! A Bot API of our own: it keeps Telegram's limits, and fails when it is told to.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::timeout,
};

use crate::support::PATIENCE;

pub const TOKEN: &str = "123456789:AAE-a_secret_of_thirty-five_letters";
pub const CHAT: i64 = 42;

/// What goes wrong with the next message.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// 429, to be tried again after so many seconds.
    TooMany(u64),
    /// An answer of the gateway before Telegram.
    Status(u16),
    /// The connection ends without an answer, and nothing was sent.
    Drop,
    /// What Telegram says with 400.
    Refusal(&'static str),
}

/// What somebody has got.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub body: Value,
    /// The form, of a picture.
    pub form: Bytes,
}

impl Sent {
    pub fn text(&self) -> &str {
        self.body["text"].as_str().unwrap_or_default()
    }

    /// The data of all buttons.
    pub fn buttons(&self) -> Vec<String> {
        let rows = self.body["reply_markup"]["inline_keyboard"].as_array();
        let buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        buttons.map(|it| it["callback_data"].as_str().unwrap().to_owned()).collect()
    }
}

#[derive(Default)]
struct Inner {
    updates: Vec<Value>,
    next: i64,
    faults: VecDeque<Fault>,
    /// When each chat got its last message, and when any did.
    chats: BTreeMap<String, Instant>,
    all: VecDeque<Instant>,
    messages: i64,
}

struct Shared {
    inner: Mutex<Inner>,
    news: Notify,
    sent: mpsc::UnboundedSender<Sent>,
}

/// A running Bot API.
pub struct Api {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    sent: mpsc::UnboundedReceiver<Sent>,
    server: JoinHandle<()>,
}

impl Api {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (sender, sent) = mpsc::unbounded_channel();
        let shared =
            Arc::new(Shared { inner: Mutex::default(), news: Notify::new(), sent: sender });
        let address = listener.local_addr().unwrap();
        let server = serve(listener, Arc::clone(&shared));
        Self { address, shared, sent, server }
    }

    /// Ends it: nothing listens at the address any more.
    pub async fn end(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// Begins again at the same address.
    pub async fn resume(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.server = serve(listener, Arc::clone(&self.shared));
    }

    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TELEGRAM_BOT_TOKEN", TOKEN.to_owned()),
            ("TELEGRAM_CHAT_ID", format!("{CHAT}, -7")),
            ("TELEGRAM__API_URL", format!("http://{}", self.address)),
        ]
    }

    pub fn fail(&self, faults: &[Fault]) {
        self.shared.inner.lock().unwrap().faults.extend(faults);
    }

    /// Whether all that was to go wrong has.
    pub fn failed(&self) -> bool {
        self.shared.inner.lock().unwrap().faults.is_empty()
    }

    /// Somebody writes in a chat.
    pub fn write(&self, chat: i64, text: &str) {
        let message = self.message(chat, text);
        self.update("message", message);
    }

    /// Somebody taps a button of a message.
    pub fn tap(&self, chat: i64, data: &str) {
        let message = self.message(chat, "before");
        let query = json!({"id": "7", "from": person(), "message": message, "chat_instance": "1", "data": data});
        self.update("callback_query", query);
    }

    fn message(&self, chat: i64, text: &str) -> Value {
        let mut inner = self.shared.inner.lock().unwrap();
        inner.messages += 1;
        message(inner.messages, &chat.to_string(), text)
    }

    fn update(&self, kind: &str, content: Value) {
        let mut inner = self.shared.inner.lock().unwrap();
        inner.next += 1;
        let update = json!({"update_id": inner.next, kind: content});
        inner.updates.push(update);
        drop(inner);
        self.shared.news.notify_waiters();
    }

    /// What was sent next to a chat.
    pub async fn next(&mut self) -> Sent {
        timeout(PATIENCE * 2, self.sent.recv()).await.expect("nobody was told").unwrap()
    }

    /// What was sent next with this method.
    pub async fn find(&mut self, method: &str) -> Sent {
        loop {
            let sent = self.next().await;
            if sent.method == method {
                return sent;
            }
        }
    }

    pub fn more(&mut self) -> Option<Sent> {
        self.sent.try_recv().ok()
    }
}

fn serve(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    let router = Router::new().route("/{bot}/{method}", post(call)).with_state(shared);
    tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    })
}

fn person() -> Value {
    json!({"id": 5, "is_bot": false, "first_name": "P"})
}

fn message(id: i64, chat: &str, text: &str) -> Value {
    let chat: i64 = chat.parse().unwrap_or_default();
    let (kind, name) = if chat < 0 { ("group", "title") } else { ("private", "first_name") };
    json!({"message_id": id, "date": 1_790_000_000, "text": text, "from": person(),
           "chat": {"id": chat, "type": kind, name: "C"}})
}

async fn call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if bot != format!("bot{TOKEN}") {
        return refused(StatusCode::UNAUTHORIZED, "Unauthorized", json!({}));
    }
    let form: Value = serde_json::from_slice(&body).unwrap_or_default();
    match method.as_str() {
        "GetUpdates" => updates(&shared, &form).await,
        "SetMyCommands" => done(json!(true)),
        "AnswerCallbackQuery" => {
            let _ = shared.sent.send(Sent { method, body: form, form: body });
            done(json!(true))
        }
        _ => deliver(&shared, method, form, body),
    }
}

/// Waits for an update that the bot has not confirmed.
async fn updates(shared: &Shared, form: &Value) -> Response {
    let offset = form["offset"].as_i64().unwrap_or_default();
    let patience = Duration::from_secs(form["timeout"].as_u64().unwrap_or_default());
    let waited = timeout(patience, async {
        loop {
            let news = shared.news.notified();
            let mut news = std::pin::pin!(news);
            news.as_mut().enable();
            {
                let mut inner = shared.inner.lock().unwrap();
                inner.updates.retain(|it| it["update_id"].as_i64().unwrap() >= offset);
                if !inner.updates.is_empty() {
                    return inner.updates.clone();
                }
            }
            news.await;
        }
    });
    done(json!(waited.await.unwrap_or_default()))
}

fn deliver(shared: &Shared, method: String, body: Value, form: Bytes) -> Response {
    let mut inner = shared.inner.lock().unwrap();
    match inner.faults.pop_front() {
        Some(Fault::TooMany(seconds)) => return too_many(seconds),
        Some(Fault::Status(status)) => {
            return (StatusCode::from_u16(status).unwrap(), "<html>fault</html>").into_response();
        }
        Some(Fault::Drop) => {
            let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("dropped"))]);
            return Body::from_stream(broken).into_response();
        }
        Some(Fault::Refusal(text)) => return refused(StatusCode::BAD_REQUEST, text, json!({})),
        None => {}
    }
    let chat = match &body["chat_id"] {
        Value::Null => "0".to_owned(),
        chat => chat.to_string(),
    };
    let now = Instant::now();
    // Telegram does not count to the millisecond either.
    let (second, interval) = (Duration::from_secs(1), Duration::from_millis(800));
    while inner.all.front().is_some_and(|it| now - *it > second) {
        inner.all.pop_front();
    }
    let hurried = inner.chats.get(&chat).is_some_and(|it| now - *it < interval);
    if hurried && method == "SendMessage" || inner.all.len() >= 33 {
        return too_many(1);
    }
    let text = body["text"].as_str().unwrap_or_default();
    if text.encode_utf16().count() > 4_096 {
        return refused(StatusCode::BAD_REQUEST, "Bad Request: message is too long", json!({}));
    }
    if body["parse_mode"] == "HTML" && !is_html(text) {
        let text = "Bad Request: can't parse entities: Unsupported start tag";
        return refused(StatusCode::BAD_REQUEST, text, json!({}));
    }
    inner.chats.insert(chat.clone(), now);
    inner.all.push_back(now);
    inner.messages += 1;
    let answer = message(inner.messages, &chat, text);
    drop(inner);
    let _ = shared.sent.send(Sent { method, body, form });
    done(answer)
}

/// Whether all tags are known and closed, and everything else is escaped.
fn is_html(text: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&']) {
        let found = &rest[at..];
        if let Some(after) = found.strip_prefix('&') {
            if !["&lt;", "&gt;", "&amp;", "&quot;"].iter().any(|it| found.starts_with(it)) {
                return false;
            }
            rest = after;
            continue;
        }
        let Some((tag, after)) = found.strip_prefix('<').and_then(|it| it.split_once('>')) else {
            return false;
        };
        match tag.strip_prefix('/') {
            Some(tag) if open.pop() == Some(tag) => {}
            None if ["b", "i", "code", "pre"].contains(&tag) => open.push(tag),
            _ => return false,
        }
        rest = after;
    }
    open.is_empty()
}

fn done(result: Value) -> Response {
    axum::Json(json!({"ok": true, "result": result})).into_response()
}

fn refused(status: StatusCode, text: &str, parameters: Value) -> Response {
    let body = json!({"ok": false, "error_code": status.as_u16(), "description": text, "parameters": parameters});
    (status, axum::Json(body)).into_response()
}

fn too_many(seconds: u64) -> Response {
    let text = format!("Too Many Requests: retry after {seconds}");
    refused(StatusCode::TOO_MANY_REQUESTS, &text, json!({"retry_after": seconds}))
}
