//! A Bot API of our own: it keeps Telegram's limits, and fails when it is told to. A bot that
//! goes beyond them fails the test.

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
    /// What Telegram says with 400, or with 403.
    Refusal(&'static str),
    /// The group has become this supergroup.
    Moved(i64),
}

/// What Telegram has been told about commands.
#[derive(Debug, Clone)]
pub struct Offer {
    pub body: Value,
}

/// Where Telegram brings updates to.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub secret: String,
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
    /// Of any chat's next message.
    faults: VecDeque<Fault>,
    /// Of one chat's.
    chat_faults: BTreeMap<i64, VecDeque<Fault>>,
    limits: Limits,
    messages: i64,
    offers: Vec<Offer>,
    webhook: Option<Webhook>,
}

/// <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
#[derive(Default)]
struct Limits {
    /// When each chat may have its next message at one a second.
    due: BTreeMap<i64, Instant>,
    /// What groups have got within a minute.
    groups: BTreeMap<i64, VecDeque<Instant>>,
    /// What all have got within a second.
    all: VecDeque<Instant>,
    /// Until when chats are to be left alone.
    paused: BTreeMap<i64, Instant>,
    broken: Vec<String>,
}

/// By how much a message may come early. What is sent a second apart arrives a little less
/// apart when the machine is busy, and Telegram does not count to the millisecond either.
const SLACK: Duration = Duration::from_millis(600);

impl Limits {
    /// Counts a message; whether it is within the limits.
    fn take(&mut self, chat: i64) -> bool {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let before = self.broken.len();
        let mut broken = |what: &str| self.broken.push(format!("{what} in chat {chat}"));
        if self.paused.get(&chat).is_some_and(|it| now < *it) {
            broken("a message before Retry-After was over");
        }
        let due = self.due.get(&chat).copied().unwrap_or(now);
        if now + SLACK < due {
            broken("more than one message a second");
        }
        self.due.insert(chat, due.max(now) + second);
        let recent = |times: &mut VecDeque<Instant>, most: usize, of: Duration| {
            times.retain(|it| now - *it < of);
            times.push_back(now);
            times.len() <= most
        };
        // As with the slack: a few of the second before may arrive late.
        if !recent(&mut self.all, 33, second) {
            broken("more than thirty messages a second");
        }
        if chat < 0 {
            let group = self.groups.entry(chat).or_default();
            if !recent(group, 20, Duration::from_secs(60) - SLACK) {
                broken("more than twenty messages a minute");
            }
        }
        self.broken.len() == before
    }
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

    /// The same in one chat.
    pub fn fail_in(&self, chat: i64, faults: &[Fault]) {
        let mut inner = self.shared.inner.lock().unwrap();
        inner.chat_faults.entry(chat).or_default().extend(faults);
    }

    /// Whether all that was to go wrong has.
    pub fn failed(&self) -> bool {
        let inner = self.shared.inner.lock().unwrap();
        inner.faults.is_empty() && inner.chat_faults.values().all(VecDeque::is_empty)
    }

    /// Which commands are offered.
    pub fn offers(&self) -> Vec<Offer> {
        self.shared.inner.lock().unwrap().offers.clone()
    }

    /// Where updates are brought to.
    pub fn webhook(&self) -> Option<Webhook> {
        self.shared.inner.lock().unwrap().webhook.clone()
    }

    /// Somebody writes in a chat.
    pub fn write(&self, chat: i64, text: &str) {
        let message = self.message(chat, text);
        self.update("message", message);
    }

    /// The same; the message has this number in its chat.
    pub fn write_as(&self, chat: i64, id: i64, text: &str) {
        self.update("message", message(id, &chat.to_string(), text));
    }

    /// Somebody taps a button of a message.
    pub fn tap(&self, chat: i64, data: &str) {
        self.tap_on(self.message(chat, "before"), data);
    }

    /// The same of this message.
    pub fn tap_on(&self, message: Value, data: &str) {
        let query = json!({"id": "7", "from": person(), "message": message, "chat_instance": "1", "data": data});
        self.update("callback_query", query);
    }

    /// A message that somebody writes, which no one has asked for yet.
    pub fn message(&self, chat: i64, text: &str) -> Value {
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

impl Drop for Api {
    fn drop(&mut self) {
        let broken = std::mem::take(&mut self.shared.inner.lock().unwrap().limits.broken);
        assert!(broken.is_empty() || std::thread::panicking(), "Telegram's limits: {broken:?}");
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
        return refused(StatusCode::UNAUTHORIZED, "Unauthorized", Value::Null);
    }
    let form: Value = serde_json::from_slice(&body).unwrap_or_else(|_| multipart(&body));
    match method.as_str() {
        "GetUpdates" if shared.inner.lock().unwrap().webhook.is_some() => {
            let text = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
            refused(StatusCode::CONFLICT, text, Value::Null)
        }
        "GetUpdates" => updates(&shared, &form).await,
        "SetMyCommands" => {
            shared.inner.lock().unwrap().offers.push(Offer { body: form });
            done(json!(true))
        }
        "SetWebhook" | "DeleteWebhook" => {
            let text = |name: &str| Some(form[name].as_str()?.to_owned());
            let webhook = text("url").zip(text("secret_token"));
            shared.inner.lock().unwrap().webhook =
                webhook.map(|(url, secret)| Webhook { url, secret });
            shared.news.notify_waiters();
            done(json!(true))
        }
        "AnswerCallbackQuery" => {
            let _ = shared.sent.send(Sent { method, body: form, form: body });
            done(json!(true))
        }
        _ => deliver(&shared, method, form, body),
    }
}

/// The short fields of a form.
fn multipart(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let fields = text.split("name=\"").skip(1).filter_map(|field| {
        let (name, rest) = field.split_once('"')?;
        let value = rest.split_once("\r\n\r\n")?.1.split_once("\r\n")?.0;
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        (name != "photo").then(|| (name.to_owned(), value))
    });
    Value::Object(fields.collect())
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
    let chat = body["chat_id"].as_i64().expect("a message is to a chat");
    let within = inner.limits.take(chat);
    let fault = inner.chat_faults.get_mut(&chat).and_then(VecDeque::pop_front);
    match fault.or_else(|| inner.faults.pop_front()) {
        Some(Fault::TooMany(seconds)) => {
            let until = Instant::now() + Duration::from_secs(seconds);
            inner.limits.paused.insert(chat, until);
            return too_many(seconds);
        }
        Some(Fault::Status(status)) => {
            return (StatusCode::from_u16(status).unwrap(), "<html>fault</html>").into_response();
        }
        Some(Fault::Drop) => {
            let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("dropped"))]);
            return Body::from_stream(broken).into_response();
        }
        Some(Fault::Refusal(text)) => {
            let is_forbidden = text.starts_with("Forbidden");
            let status = if is_forbidden { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
            return refused(status, text, Value::Null);
        }
        Some(Fault::Moved(new)) => {
            let text = "Bad Request: group chat was upgraded to a supergroup chat";
            let new = json!({"migrate_to_chat_id": new});
            return refused(StatusCode::BAD_REQUEST, text, new);
        }
        None if !within => return too_many(1),
        None => {}
    }
    let text = body["text"].as_str().unwrap_or_default();
    if text.encode_utf16().count() > 4_096 {
        return refused(StatusCode::BAD_REQUEST, "Bad Request: message is too long", Value::Null);
    }
    if body["parse_mode"] == "HTML" && !is_html(text) {
        let text = "Bad Request: can't parse entities: Unsupported start tag";
        return refused(StatusCode::BAD_REQUEST, text, Value::Null);
    }
    inner.messages += 1;
    let answer = message(inner.messages, &chat.to_string(), text);
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
    let mut body = json!({"ok": false, "error_code": status.as_u16(), "description": text});
    if !parameters.is_null() {
        body["parameters"] = parameters;
    }
    (status, axum::Json(body)).into_response()
}

fn too_many(seconds: u64) -> Response {
    let text = format!("Too Many Requests: retry after {seconds}");
    refused(StatusCode::TOO_MANY_REQUESTS, &text, json!({"retry_after": seconds}))
}
