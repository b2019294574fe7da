//! What is answered to each command.

use alert_engine::{Condition, Number, Rule, RuleState, render::grouped};
use kis_protocol::Decimal;
use serde_json::{Value, json};

use super::{
    Bot, Place,
    command::{Command, Instrument},
    html::Html,
    market::{NoAnswer, Quote, day_of},
    telegram::Button,
};
use crate::alerts::{AlertError, Recipients};

/// How many rules have a button to be removed with.
const BUTTONS_MAX: usize = 20;

/// How many rules are listed.
const RULES_MAX: usize = 40;

/// What is said, and what comes with it.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The text; none when the tapped message only loses its buttons.
    pub(super) html: Option<Html>,
    pub(super) buttons: Vec<Vec<Button>>,
    pub(super) picture: Option<Vec<u8>>,
    /// What is shown for a moment to whoever tapped.
    pub(super) note: Option<&'static str>,
    /// Whether the tapped message is replaced.
    pub(super) in_place: bool,
}

impl From<Html> for Answer {
    fn from(html: Html) -> Self {
        Self { html: Some(html), ..Self::default() }
    }
}

impl Answer {
    fn refreshed_by(mut self, mut row: Vec<Button>, refresh: (&str, &str)) -> Self {
        row.insert(0, (refresh.0.to_owned(), refresh.1.to_owned()));
        self.buttons.push(row);
        self.in_place = true;
        self
    }
}

impl Bot {
    pub(super) async fn answer(&self, place: Place, command: Command, tapped: bool) -> Answer {
        let refresh = self.words.refresh();
        match command {
            Command::Price(instrument) => self.price(&instrument).await,
            Command::Book(instrument) => self.show_book(&instrument).await,
            Command::Chart(instrument) => self.show_chart(&instrument).await,
            Command::Alert(rule) => self.make_alert(place, rule).await,
            Command::Alerts => self.list_alerts(),
            Command::Remove(id, listed) => self.remove(&id, listed, tapped).await,
            Command::Balance => match self.balance().await {
                Ok(html) => Answer::from(html).refreshed_by(Vec::new(), (refresh, "/balance")),
                Err(error) => self.failed(&error),
            },
            Command::Orders => match self.orders().await {
                Ok(html) => Answer::from(html).refreshed_by(Vec::new(), (refresh, "/orders")),
                Err(error) => self.failed(&error),
            },
            Command::Status => {
                Answer::from(self.status(place)).refreshed_by(Vec::new(), (refresh, "/status"))
            }
            Command::Mute(seconds) => self.mute(place, seconds).await,
            Command::Help => self.words.help().into(),
        }
    }

    async fn price(&self, instrument: &Instrument) -> Answer {
        let quote = match self.quote(instrument).await {
            Ok(quote) => quote,
            Err(error) => return self.failed(&error),
        };
        let shown = instrument.shown();
        let Quote { price: Some(price), currency, .. } = quote else {
            return Html::new()
                .bold(&shown)
                .text(self.words.say(": 시세가 없습니다.", ": no price."))
                .into();
        };
        let amount = |it: Decimal| figure(it, currency);
        let mut head = format!("{shown} {}", amount(price));
        if let Some(change) = quote.change {
            let arrow = match change.mantissa() {
                0 => "―",
                1.. => "▲",
                _ => "▼",
            };
            head.push_str(&format!(" {arrow}{}", figure(change, None).trim_start_matches('-')));
        }
        if let Some(percent) = quote.percent {
            let sign = if percent.mantissa() > 0 { "+" } else { "" };
            head.push_str(&format!(" ({sign}{}%)", figure(percent, None)));
        }
        let parts = [
            (self.words.say("시가", "open"), quote.open),
            (self.words.say("고가", "high"), quote.high),
            (self.words.say("저가", "low"), quote.low),
            (self.words.say("거래량", "volume"), quote.volume),
        ];
        let parts = parts.iter().filter_map(|it| Some((it.0, it.1.filter(|it| !it.is_zero())?)));
        let parts: Vec<_> =
            parts.map(|(name, value)| format!("{name} {}", figure(value, None))).collect();
        let html = Html::new().bold(head).line().text(parts.join(" · "));
        let mut row = Vec::new();
        if !matches!(instrument, Instrument::Index(_)) {
            row.push((self.words.chart().to_owned(), format!("/chart {shown}")));
        }
        if matches!(instrument, Instrument::Stock(_)) {
            row.push((self.words.say("호가", "Book").to_owned(), format!("/book {shown}")));
        }
        let again = format!("/price {shown}");
        Answer::from(html).refreshed_by(row, (self.words.refresh(), &again))
    }

    async fn show_book(&self, instrument: &Instrument) -> Answer {
        let book = match self.book(instrument).await {
            Ok(book) => book,
            Err(error) => return self.failed(&error),
        };
        let shown = instrument.shown();
        let title = format!("{shown} {}", self.words.say("호가", "order book"));
        let size = |it: i64| grouped(Number::from(it));
        let asks = book.asks.iter().rev();
        let asks =
            asks.map(|(price, it)| format!("{:>11} {:>11}", size(*it), figure(*price, None)));
        let bids = book.bids.iter();
        let bids = bids
            .map(|(price, it)| format!("{:>11} {:>11} {}", "", figure(*price, None), size(*it)));
        let mut lines: Vec<String> = asks.collect();
        lines.push("─".repeat(23));
        lines.extend(bids);
        let html = Html::new().bold(title).line().pre(lines.join("\n"));
        let row = vec![(self.words.chart().to_owned(), format!("/chart {shown}"))];
        let again = format!("/book {shown}");
        Answer::from(html).refreshed_by(row, (self.words.refresh(), &again))
    }

    async fn show_chart(&self, instrument: &Instrument) -> Answer {
        let day = match self.day(instrument).await {
            Ok(Some(day)) => day,
            Ok(None) => {
                let text = self.words.say("체결이 없습니다.", "There were no trades.");
                return Html::new().bold(instrument.shown()).text(" ").text(text).into();
            }
            Err(error) => return self.failed(&error),
        };
        let (shown, words) = (instrument.shown(), self.words);
        let caption = Html::new().bold(&shown).text(format!(" {}", day_of(day.date)));
        let drawn = {
            let shown = shown.clone();
            tokio::task::spawn_blocking(move || day.draw(&shown, words)).await
        };
        match drawn {
            Ok(Ok(png)) => {
                let again = (words.refresh().to_owned(), format!("/chart {shown}"));
                let buttons = vec![vec![again]];
                Answer { html: Some(caption), buttons, picture: Some(png), ..Answer::default() }
            }
            failed => {
                tracing::error!(?failed, "a chart was not drawn");
                let text = "차트를 그리지 못했습니다.";
                Html::new().text(words.say(text, "The chart could not be drawn.")).into()
            }
        }
    }

    /// Makes a rule for the chat. A message that is heard twice makes one rule.
    async fn make_alert(&self, place: Place, mut rule: Value) -> Answer {
        let id = format!("t{}", place.message);
        let chat = Recipients::chat(place.chat);
        if let Some(members) = rule.as_object_mut() {
            members.entry("to").or_insert_with(|| json!([chat]));
        }
        match self.app.alerts.ensure(rule, &id).await {
            Ok(id) => match self.app.alerts.get(&id) {
                Some((rule, _)) => {
                    let title = self.words.say("알림을 만들었습니다", "The alert is set");
                    let html = Html::new().bold(title).line().text(self.rule(&rule)).text(" · ");
                    let remove = (self.words.remove().to_owned(), format!("/remove {id}"));
                    let buttons = vec![vec![remove]];
                    Answer { buttons, ..Answer::from(html.code(id)) }
                }
                None => Answer::from(self.words.help()),
            },
            Err(AlertError::Rule(error)) => self.words.wrong_rule(&error.to_string()).into(),
            Err(error) => Html::new().text(error).into(),
        }
    }

    fn list_alerts(&self) -> Answer {
        let all = self.app.alerts.list();
        let mut html = Html::new().bold(self.words.say("알림", "Alerts"));
        if all.is_empty() {
            let text = self.words.say("없음. /alert 로 만드세요.", "None; make one with /alert.");
            html = html.line().text(text);
        }
        for (rule, state) in all.iter().take(RULES_MAX) {
            html = html.line().code(&rule.id).text(format!(" {}", self.listed(rule, state)));
        }
        if let Some(more) = all.len().checked_sub(RULES_MAX).filter(|it| *it > 0) {
            html = html.line().text(format!("… +{more}"));
        }
        let removable = all.iter().filter(|it| !self.app.alerts.is_configured(&it.0.id));
        let fits = |it: &Button| it.1.len() <= 64;
        let buttons: Vec<Button> = removable
            .map(|(rule, _)| (format!("🗑 {}", rule.id), format!("/remove {} list", rule.id)))
            .filter(fits)
            .take(BUTTONS_MAX)
            .collect();
        let buttons = buttons.chunks(4).map(<[_]>::to_vec).collect();
        Answer { buttons, in_place: true, ..Answer::from(html) }
    }

    async fn remove(&self, id: &str, listed: bool, tapped: bool) -> Answer {
        let note = match self.app.alerts.delete(id).await {
            Ok(rule) if !tapped => {
                let title = self.words.say("알림을 삭제했습니다", "The alert is removed");
                return Html::new().bold(title).line().text(self.rule(&rule)).into();
            }
            Ok(_) => self.words.say("삭제했습니다", "Removed"),
            Err(error) if !tapped => {
                return match error {
                    AlertError::Unknown(_) => {
                        let text = self.words.say(
                            " 알림은 없습니다. /alerts 에 목록이 있습니다.",
                            " is no alert; /alerts lists them.",
                        );
                        Html::new().code(id).text(text).into()
                    }
                    error => Html::new().text(error).into(),
                };
            }
            Err(AlertError::Unknown(_)) => self.words.say("이미 없습니다", "It is gone already"),
            Err(_) => self.words.say("삭제하지 못했습니다", "It could not be removed"),
        };
        match listed {
            true => Answer { note: Some(note), ..self.list_alerts() },
            false => Answer { note: Some(note), ..Answer::default() },
        }
    }

    fn status(&self, place: Place) -> Html {
        let pool = self.app.session.status();
        let (used, most) = pool.slots();
        let elsewhere = pool.keys.iter().any(|it| it.connection.session.in_use_elsewhere);
        let stats = self.app.hub.stats();
        let (store, chat) = (self.app.alerts.store(), Recipients::chat(place.chat));
        let waiting = store.waiting(&chat).0;
        let at_work = self.app.alerts.list().iter().filter(|it| is_at_work(&it.0, &it.1)).count();
        let say = |korean, english| self.words.say(korean, english);
        let mut html = Html::new()
            .bold(format!("ai-trade-server {}", env!("CARGO_PKG_VERSION")))
            .text(if self.app.simulated {
                say(" · 모의 데이터", " · simulated data")
            } else {
                ""
            })
            .line()
            .text(format!("KIS {}: {}", self.app.config.kis.env, pool.session()))
            .text(if elsewhere {
                say(" · 앱키가 다른 곳에서 사용 중", " · app key in use elsewhere")
            } else {
                ""
            })
            .line()
            .text(format!(
                "{} {}/{} · {} {}",
                say("등록", "registrations"),
                used,
                most,
                say("끊김", "losses"),
                pool.counters().losses
            ))
            .line()
            .text(format!(
                "{} {} · {} {}",
                say("구독자", "subscribers"),
                stats.clients,
                say("레코드", "records"),
                stats.published
            ))
            .line()
            .text(format!(
                "{} {at_work} · {} {waiting}",
                say("알림", "alerts"),
                say("보낼 것", "waiting")
            ));
        if let Some(left) = self.mutes.left(place.chat) {
            let left = self.words.duration(left);
            html = html.line().text(format!("🔕 {} {left}", say("소리 없음", "muted for")));
        }
        html
    }

    async fn mute(&self, place: Place, seconds: Option<i64>) -> Answer {
        if let Err(error) = self.mutes.set(place.chat, seconds).await {
            return Html::new().text(error).into();
        }
        match seconds {
            Some(seconds) => {
                let time = self.words.duration(seconds);
                let off = self.words.say("🔔 소리 켜기", "🔔 Unmute");
                let html = Html::new().text(format!("🔕 {time}")).text(
                    self.words
                        .say(" 동안 알림이 소리 없이 옵니다.", ": alerts come without a sound."),
                );
                let buttons = vec![vec![(off.to_owned(), "/mute off".to_owned())]];
                Answer { buttons, ..Answer::from(html) }
            }
            None => {
                let text =
                    self.words.say("🔔 알림 소리를 켰습니다.", "🔔 Alerts have a sound again.");
                Answer { in_place: true, ..Answer::from(Html::new().text(text)) }
            }
        }
    }

    fn failed(&self, error: &NoAnswer) -> Answer {
        match error {
            NoAnswer::Unsupported => Html::new()
                .text(self.words.say(
                    "이 종목에는 지원하지 않습니다.",
                    "There is none for this kind of instrument.",
                ))
                .into(),
            NoAnswer::Problem(problem) => Html::new()
                .bold(self.words.say("KIS가 답하지 않았습니다", "No answer from KIS"))
                .line()
                .text(problem.detail())
                .into(),
        }
    }

    fn listed(&self, rule: &Rule, state: &RuleState) -> String {
        let mut text = self.rule(rule);
        if !is_at_work(rule, state) {
            text.push_str(self.words.say(" · 끝남", " · over"));
        }
        if state.firings() > 0 {
            text.push_str(&format!(" · {}{}", state.firings(), self.words.say("회", "×")));
        }
        text
    }

    /// A rule in a few words.
    fn rule(&self, rule: &Rule) -> String {
        let say = |korean: &str, english: &str| self.words.say(korean, english).to_owned();
        let way = |it: alert_engine::Crossing| match it {
            alert_engine::Crossing::Up => "▲",
            alert_engine::Crossing::Down => "▼",
            alert_engine::Crossing::Either => "▲▼",
        };
        let what = match &rule.when {
            Condition::Price(it) => format!("{} {}", way(it.crosses), grouped(it.level)),
            Condition::Change(it) => {
                let from = say("전일 대비", "from the close");
                format!("{} {}% {from}", way(it.crosses), grouped(it.percent))
            }
            Condition::Move(it) => {
                let time = self.words.duration(it.seconds.into());
                format!("{} {}% / {time}", way(it.crosses), grouped(it.percent))
            }
            Condition::Volume(it) => format!("{} ×{}", say("거래량", "volume"), grouped(it.times)),
            Condition::Imbalance(it) => {
                format!("{} ×{}", say("호가 쏠림", "book imbalance"), grouped(it.times))
            }
            Condition::Status(_) => say("VI·거래정지·장 상태", "interruptions, halts, phases"),
            Condition::Order(_) => say("내 주문", "my orders"),
            Condition::Upstream(_) => say("서버와 KIS", "the server and KIS"),
            _ => String::new(),
        };
        let subject = rule.label.as_ref().or(rule.symbol.as_ref());
        subject.map_or_else(|| what.clone(), |it| format!("{it} {what}"))
    }
}

fn is_at_work(rule: &Rule, state: &RuleState) -> bool {
    rule.enabled && state.ended().is_none()
}

/// A number for people, in its currency where there is one.
pub(super) fn figure(value: Decimal, currency: Option<&str>) -> String {
    let digits = grouped(Number::from(value));
    match currency {
        Some("KRW") => format!("{digits}원"),
        Some("USD") => format!("${digits}"),
        Some(other) => format!("{digits} {other}"),
        None => digits,
    }
}
