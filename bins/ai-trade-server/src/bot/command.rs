//! What people write to the bot.

use alert_engine::render::Language;
use serde_json::{Value, json};

/// A command, understood as far as possible without looking anything up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    Price(Instrument),
    Book(Instrument),
    Chart(Instrument),
    /// A rule without id and recipient.
    Alert(Value),
    /// What rules there may be for it.
    Suggest(Instrument),
    /// A page of the list, from 1.
    Alerts(usize),
    /// A rule's id, and the page of the list that is shown in its place.
    Remove(String, Option<usize>),
    /// The same; the rule is put to work again, or rests.
    Enable(String, bool, Option<usize>),
    Balance,
    Orders,
    Status,
    /// For how many seconds; none to end it.
    Mute(Option<i64>),
    /// In which language; none to be asked.
    Speak(Option<Language>),
    Help,
}

/// What is traded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Instrument {
    /// A Korean stock, by its code.
    Stock(String),
    /// An overseas one: KIS' code of the exchange, and the symbol.
    Overseas(String, String),
    /// An index, by its code.
    Index(String),
}

/// What was written is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misunderstood {
    /// It is no command.
    Unknown,
    /// Something is missing or wrong behind this command.
    Usage(&'static str),
    /// It names no instrument.
    Instrument(String),
    /// It is a rule in JSON, and no JSON.
    Json(String),
}

/// The exchanges by which overseas stocks are named.
const EXCHANGES: [&str; 9] = ["NAS", "NYS", "AMS", "TSE", "HKS", "SHS", "SZS", "HSX", "HNX"];

/// For how long `/mute` mutes at most, in seconds.
const MUTE_MAX: i64 = 30 * 24 * 3_600;

impl Command {
    /// Reads a message; none when it is not for a bot at all.
    pub(super) fn read(text: &str) -> Option<Result<Self, Misunderstood>> {
        let text = text.trim();
        let Some(command) = text.strip_prefix('/') else {
            // A code alone asks for its price.
            return Instrument::read(text).ok().map(|it| Ok(Self::Price(it)));
        };
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        // In groups, commands are written with the bot's name behind them.
        let name = name.split('@').next().unwrap_or_default();
        Some(Self::of(&name.to_ascii_lowercase(), rest.trim()))
    }

    fn of(name: &str, rest: &str) -> Result<Self, Misunderstood> {
        let instrument = |usage| match rest {
            "" => Err(Misunderstood::Usage(usage)),
            rest => Instrument::read(rest),
        };
        Ok(match name {
            "price" | "p" | "현재가" | "시세" => Self::Price(instrument("price")?),
            "book" | "호가" => Self::Book(instrument("book")?),
            "chart" | "차트" => Self::Chart(instrument("chart")?),
            "alert" | "알림" => match Instrument::read(rest) {
                Ok(instrument) => Self::Suggest(instrument),
                Err(_) => Self::Alert(alert(rest)?),
            },
            "watch" | "감시" => Self::Alert(watch(rest)?),
            "alerts" | "목록" => Self::Alerts(rest.parse().unwrap_or(1)),
            "remove" | "삭제" => {
                let (id, page) = listed(rest, "remove")?;
                Self::Remove(id, page)
            }
            "pause" | "멈춤" => {
                let (id, page) = listed(rest, "pause")?;
                Self::Enable(id, false, page)
            }
            "resume" | "재개" => {
                let (id, page) = listed(rest, "resume")?;
                Self::Enable(id, true, page)
            }
            "balance" | "잔고" => Self::Balance,
            "orders" | "주문" => Self::Orders,
            "status" | "상태" => Self::Status,
            "mute" | "조용" => Self::Mute(mute(rest)?),
            "language" | "lang" | "언어" => Self::Speak(language(rest)?),
            "help" | "start" | "도움말" => Self::Help,
            _ => return Err(Misunderstood::Unknown),
        })
    }
}

impl Instrument {
    fn read(text: &str) -> Result<Self, Misunderstood> {
        let upper = text.to_ascii_uppercase();
        let code = upper.bytes().all(|it| it.is_ascii_alphanumeric());
        let digits = upper.bytes().filter(u8::is_ascii_digit).count();
        if code && upper.len() == 6 && digits >= 5 {
            return Ok(Self::Stock(upper));
        }
        if code && upper.len() == 4 && digits == 4 {
            return Ok(Self::Index(upper));
        }
        let named = upper.split_once(':').or_else(|| {
            let key = upper.strip_prefix('D')?;
            Some((key.get(..3)?, key.get(3..)?))
        });
        let is_symbol = |it: &str| {
            (1..=12).contains(&it.len())
                && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"./-".contains(&it))
        };
        match named {
            Some((exchange, symbol)) if EXCHANGES.contains(&exchange) && is_symbol(symbol) => {
                Ok(Self::Overseas(exchange.to_owned(), symbol.to_owned()))
            }
            _ => Err(Misunderstood::Instrument(text.chars().take(40).collect())),
        }
    }

    /// As KIS' `tr_key` of its streams.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Stock(code) | Self::Index(code) => code.clone(),
            Self::Overseas(exchange, symbol) => format!("D{exchange}{symbol}"),
        }
    }

    /// As it is shown, and read again.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Stock(code) | Self::Index(code) => code.clone(),
            Self::Overseas(exchange, symbol) => format!("{exchange}:{symbol}"),
        }
    }
}

/// `005930 80000`, `005930 > 80000`, `005930 +3%`, `005930 2% 5m`, `005930 volume 5`,
/// `005930 vi`, `orders`, `server`, or a rule in JSON.
fn alert(rest: &str) -> Result<Value, Misunderstood> {
    const USAGE: Misunderstood = Misunderstood::Usage("alert");
    if rest.starts_with('{') {
        return serde_json::from_str(rest).map_err(|it| Misunderstood::Json(it.to_string()));
    }
    let spaced = rest.replace('>', " > ").replace('<', " < ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    match words[..] {
        ["orders" | "주문"] => return Ok(json!({"when": {"order": {}}})),
        ["server" | "서버"] => return Ok(json!({"when": {"upstream": {}}})),
        _ => {}
    }
    let [instrument, what @ ..] = &words[..] else { return Err(USAGE) };
    if what.is_empty() {
        return Err(USAGE);
    }
    let instrument = Instrument::read(instrument)?;
    let when = match what {
        ["vi" | "VI" | "status" | "상태"] => json!({"status": {}}),
        ["volume" | "거래량", times] => {
            json!({"volume": {"times": times, "seconds": 60, "baseline_seconds": 1_200}})
        }
        ["book" | "호가", times] => json!({"imbalance": {"times": times}}),
        [percent, window] if percent.ends_with('%') => {
            let (percent, crosses) = signed(percent.trim_end_matches('%'));
            let seconds = seconds(window).ok_or(USAGE)?;
            json!({"move": {"percent": percent, "seconds": seconds, "crosses": crosses}})
        }
        [percent] if percent.ends_with('%') => {
            let (percent, crosses) = signed(percent.trim_end_matches('%'));
            json!({"change": {"percent": percent, "crosses": crosses}})
        }
        [">", level] => json!({"price": {"level": level, "crosses": "up"}}),
        ["<", level] => json!({"price": {"level": level, "crosses": "down"}}),
        [level] => json!({"price": {"level": level}}),
        _ => return Err(USAGE),
    };
    Ok(json!({"symbol": instrument.key(), "when": when}))
}

/// `005930`, `005930 2%`: tells again and again when it moves so much within five minutes.
fn watch(rest: &str) -> Result<Value, Misunderstood> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (instrument, percent) = match words[..] {
        [instrument] => (instrument, "1"),
        [instrument, percent] => (instrument, percent.trim_end_matches('%')),
        _ => return Err(Misunderstood::Usage("watch")),
    };
    let symbol = Instrument::read(instrument)?.key();
    let moves = json!({"percent": percent, "seconds": 300});
    Ok(json!({"symbol": symbol, "repeat": true, "when": {"move": moves}}))
}

fn signed(percent: &str) -> (&str, &'static str) {
    match percent.as_bytes() {
        [b'+', ..] => (&percent[1..], "up"),
        [b'-', ..] => (&percent[1..], "down"),
        _ => (percent, "either"),
    }
}

/// A rule's id, and the page of the list on which it was tapped.
fn listed(rest: &str, usage: &'static str) -> Result<(String, Option<usize>), Misunderstood> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (id, page) = match words[..] {
        [id] => (id, None),
        [id, page] => (id, Some(page.parse().map_err(|_| Misunderstood::Usage(usage))?)),
        _ => return Err(Misunderstood::Usage(usage)),
    };
    Ok((id.to_owned(), page))
}

fn language(rest: &str) -> Result<Option<Language>, Misunderstood> {
    match rest.to_lowercase().as_str() {
        "" => Ok(None),
        "ko" | "kr" | "korean" | "한국어" => Ok(Some(Language::Korean)),
        "en" | "english" | "영어" => Ok(Some(Language::English)),
        _ => Err(Misunderstood::Usage("language")),
    }
}

fn mute(rest: &str) -> Result<Option<i64>, Misunderstood> {
    match rest {
        "off" | "0" | "끄기" | "해제" => Ok(None),
        rest => match seconds(rest) {
            Some(seconds) if (1..=MUTE_MAX).contains(&seconds) => Ok(Some(seconds)),
            _ => Err(Misunderstood::Usage("mute")),
        },
    }
}

/// `30s`, `5m`, `1h`, `2d`, or with 초, 분, 시간, 일.
fn seconds(text: &str) -> Option<i64> {
    let end = text.find(|it: char| !it.is_ascii_digit())?;
    let unit = match &text[end..] {
        "s" | "초" => 1,
        "m" | "분" => 60,
        "h" | "시간" => 3_600,
        "d" | "일" => 86_400,
        _ => return None,
    };
    text[..end].parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Command) {
        assert_eq!(Command::read(text), Some(Ok(expected)), "{text}");
    }

    #[track_caller]
    fn rule(text: &str, symbol: &str, when: Value) {
        let mut rule = json!({"symbol": symbol});
        rule["when"] = when;
        check(text, Command::Alert(rule));
    }

    #[track_caller]
    fn wrong(text: &str, expected: Misunderstood) {
        assert_eq!(Command::read(text), Some(Err(expected)), "{text}");
    }

    #[test]
    fn commands() {
        let samsung = || Instrument::Stock("005930".to_owned());
        check("/price 005930", Command::Price(samsung()));
        check(" /PRICE@some_bot  005930 ", Command::Price(samsung()));
        check("005930", Command::Price(samsung()));
        check("0001a0", Command::Price(Instrument::Stock("0001A0".to_owned())));
        check("/book 005930", Command::Book(samsung()));
        let apple = Instrument::Overseas("NAS".to_owned(), "AAPL".to_owned());
        check("/chart nas:aapl", Command::Chart(apple.clone()));
        check("/price DNASAAPL", Command::Price(apple));
        check("/remove a1", Command::Remove("a1".to_owned(), None));
        check("/remove a1 2", Command::Remove("a1".to_owned(), Some(2)));
        check("/pause a1 2", Command::Enable("a1".to_owned(), false, Some(2)));
        check("/resume a1", Command::Enable("a1".to_owned(), true, None));
        check("/alerts", Command::Alerts(1));
        check("/alerts 3", Command::Alerts(3));
        check("/alert 005930", Command::Suggest(samsung()));
        check("/language", Command::Speak(None));
        check("/언어 영어", Command::Speak(Some(Language::English)));
        check("/mute 30분", Command::Mute(Some(1_800)));
        check("/mute off", Command::Mute(None));
        check("/start", Command::Help);
        assert_eq!(Command::read("hello there"), None);
        wrong("/nothing", Misunderstood::Unknown);
        wrong("/price", Misunderstood::Usage("price"));
        wrong("/price 삼성전자", Misunderstood::Instrument("삼성전자".to_owned()));
        wrong("/mute", Misunderstood::Usage("mute"));
        wrong("/remove a1 a2", Misunderstood::Usage("remove"));
        wrong("/language français", Misunderstood::Usage("language"));
        wrong("/mute 99999999999999999d", Misunderstood::Usage("mute"));
        wrong("/price é", Misunderstood::Instrument("é".to_owned()));
        wrong("/price DNAé", Misunderstood::Instrument("DNAé".to_owned()));
    }

    #[test]
    fn rules() {
        rule("/alert 005930 80,000", "005930", json!({"price": {"level": "80,000"}}));
        rule(
            "/alert 005930>80000",
            "005930",
            json!({"price": {"level": "80000", "crosses": "up"}}),
        );
        rule("/alert 005930 < 7", "005930", json!({"price": {"level": "7", "crosses": "down"}}));
        rule("/alert 005930 -3%", "005930", json!({"change": {"percent": "3", "crosses": "down"}}));
        let moves = json!({"move": {"percent": "2", "seconds": 300, "crosses": "either"}});
        rule("/alert NAS:AAPL 2% 5m", "DNASAAPL", moves);
        rule("/alert 005930 VI", "005930", json!({"status": {}}));
        check("/alert 주문", Command::Alert(json!({"when": {"order": {}}})));
        check(r#"/alert {"when":1}"#, Command::Alert(json!({"when": 1})));
        wrong("/alert", Misunderstood::Usage("alert"));
        wrong("/alert 005930 2% soon", Misunderstood::Usage("alert"));
        assert!(matches!(Command::read("/alert {"), Some(Err(Misunderstood::Json(_)))));
    }
}
