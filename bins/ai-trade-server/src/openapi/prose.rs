//! What the description says in words.

/// Markdown.
pub(super) const DESCRIPTION: &str = r#"One session per app key with Korea Investment & Securities (KIS), for any number of clients.

**REST.** Every call of KIS that reads is at `/v1/` and its id in `/v1/catalogue`. Parameters have KIS' names, in any casing, and are checked before anything is sent. The account is the server's own. Identical calls that come at once, or within a moment, are one call to KIS; `Age` says how old an answer is. `pages` asks for several pages at once. Orders are not placed here but at `/v1/orders`.

**Errors** are problem documents (RFC 9457). Where KIS has said something, `rt_cd`, `msg_cd` and `msg1` are members.

| status | what happened |
|---|---|
| 400 | a parameter is missing, unknown or not allowed; nothing was sent; `expected` says what is |
| 401, 403 | the key, its scope, another account, or a call that is not made here |
| 404 | there is no such call, stream or record |
| 409 | not offered in paper trading, or not configured; nothing was sent |
| 422 | KIS refuses the question |
| 429 | the key has used up what it may |
| 502 | KIS cannot be reached, has a fault, or refuses the server's app key |
| 503 | KIS' rate limit, or there is no access token; `Retry-After` says when |
| 504 | KIS has not answered in time |

**Websocket.** `/ws` takes and sends JSON as text: `{"type":"subscribe","topics":["H0STCNT0:005930"],"id":1}` subscribes, records come as `{"key":"H0STCNT0:005930","data":{…},"seq":12}`. The README describes it on one page. Where a key is needed, it comes as a header, as `?key=`, or in the first message, `{"type":"auth","key":"…"}`.

**Server-sent events.** `/v1/stream` sends the same records to those who only listen.
"#;
