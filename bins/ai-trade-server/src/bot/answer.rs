//! What is answered to each command.

use alert_engine::{
    Number, StoreError,
    render::{Language, grouped},
};
use kis_protocol::Decimal;

use super::{
    Conversation, Words,
    alerts::is_at_work,
    command::{Command, Instrument},
    html::Html,
    market::{NoAnswer, Quote, day_of},
    telegram::Button,
};
use crate::alerts::Recipients;

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

impl Conversation<'_> {
    pub(super) async fn answer(&self, command: Command, tapped: bool) -> Answer {
        let refresh = self.words.refresh();
        match command {
            Command::Price(instrument) => self.price(&instrument).await,
            Command::Book(instrument) => self.show_book(&instrument).await,
            Command::Chart(instrument) => self.show_chart(&instrument).await,
            Command::Alert(rule) => self.make_alert(rule, tapped).await,
            Command::Suggest(instrument) => self.suggest_alerts(&instrument),
            Command::Alerts(page) => self.list_alerts(page),
            Command::Remove(id, page) => self.remove(&id, page, tapped).await,
            Command::Enable(id, on, page) => self.enable(&id, on, page, tapped).await,
            Command::Balance => match self.balance().await {
                Ok(html) => Answer::from(html).refreshed_by(Vec::new(), (refresh, "/balance")),
                Err(error) => self.failed(&error),
            },
            Command::Orders => match self.orders().await {
                Ok(html) => Answer::from(html).refreshed_by(Vec::new(), (refresh, "/orders")),
                Err(error) => self.failed(&error),
            },
            Command::Status => {
                Answer::from(self.status()).refreshed_by(Vec::new(), (refresh, "/status"))
            }
            Command::Mute(seconds) => self.mute(seconds).await,
            Command::Speak(language) => self.speak(language).await,
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
        let amount = |it: Decimal| self.words.money(it, currency);
        let mut head = format!("{shown} {}", amount(price));
        if let Some(change) = quote.change {
            let arrow = match change.mantissa() {
                0 => "―",
                1.. => "▲",
                _ => "▼",
            };
            head.push_str(&format!(" {arrow}{}", figure(change).trim_start_matches('-')));
        }
        if let Some(percent) = quote.percent {
            let sign = if percent.mantissa() > 0 { "+" } else { "" };
            head.push_str(&format!(" ({sign}{}%)", figure(percent)));
        }
        let parts = [
            (self.words.say("시가", "open"), quote.open),
            (self.words.say("고가", "high"), quote.high),
            (self.words.say("저가", "low"), quote.low),
            (self.words.say("거래량", "volume"), quote.volume),
        ];
        let parts = parts.iter().filter_map(|it| Some((it.0, it.1.filter(|it| !it.is_zero())?)));
        let parts: Vec<_> =
            parts.map(|(name, value)| format!("{name} {}", figure(value))).collect();
        let html = Html::new().bold(head).line().text(parts.join(" · "));
        let mut row = Vec::new();
        if !matches!(instrument, Instrument::Index(_)) {
            row.push((self.words.chart().to_owned(), format!("/chart {shown}")));
        }
        if matches!(instrument, Instrument::Stock(_)) {
            row.push((self.words.book().to_owned(), format!("/book {shown}")));
        }
        row.push((self.words.alert().to_owned(), format!("/alert {shown}")));
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
        let asks = asks.map(|(price, it)| format!("{:>11} {:>11}", size(*it), figure(*price)));
        let bids = book.bids.iter();
        let bids =
            bids.map(|(price, it)| format!("{:>11} {:>11} {}", "", figure(*price), size(*it)));
        let mut lines: Vec<String> = asks.collect();
        lines.push("─".repeat(23));
        lines.extend(bids);
        let html = Html::new().bold(title).line().pre(lines.join("\n"));
        let row = vec![
            (self.words.price().to_owned(), format!("/price {shown}")),
            (self.words.chart().to_owned(), format!("/chart {shown}")),
        ];
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
                let buttons = vec![vec![
                    (words.refresh().to_owned(), format!("/chart {shown}")),
                    (words.price().to_owned(), format!("/price {shown}")),
                    (words.alert().to_owned(), format!("/alert {shown}")),
                ]];
                Answer { html: Some(caption), buttons, picture: Some(png), ..Answer::default() }
            }
            failed => {
                tracing::error!(?failed, "a chart was not drawn");
                let text = "차트를 그리지 못했습니다.";
                Html::new().text(words.say(text, "The chart could not be drawn.")).into()
            }
        }
    }

    fn status(&self) -> Html {
        let pool = self.app.session.status();
        let (used, most) = pool.slots();
        let elsewhere = pool.keys.iter().any(|it| it.connection.session.in_use_elsewhere);
        let stats = self.app.hub.stats();
        let (store, chat) = (self.app.alerts.store(), Recipients::chat(self.place.chat));
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
        if let Some(left) = self.memory.muted_for(self.place.chat) {
            let left = self.words.duration(left);
            html = html.line().text(format!("🔕 {} {left}", say("소리 없음", "muted for")));
        }
        html
    }

    async fn mute(&self, seconds: Option<i64>) -> Answer {
        if let Err(error) = self.memory.mute(self.place.chat, seconds).await {
            return self.not_kept(&error);
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

    /// Speaks another language in this chat, or asks which.
    async fn speak(&self, language: Option<Language>) -> Answer {
        let button = |name: &str, code: &str| (name.to_owned(), format!("/language {code}"));
        let buttons = vec![vec![button("한국어", "ko"), button("English", "en")]];
        let Some(language) = language else {
            let html = Html::new().text("어느 언어로 할까요? · Which language?");
            return Answer { buttons, ..Answer::from(html) };
        };
        let chat = self.place.chat;
        if let Err(error) = self.memory.speak(chat, language).await {
            return self.not_kept(&error);
        }
        let words = Words(language);
        if let Err(error) = self.telegram.offer(&words.commands(), None, Some(chat)).await {
            tracing::warn!(%error, "the commands of a chat are offered in another language");
        }
        let text = words.say("이제 한국어로 말합니다. /help", "English from now on. /help");
        Answer { in_place: true, ..Answer::from(Html::new().text(text)) }
    }

    /// What somebody wished for is not on the disk.
    fn not_kept(&self, error: &StoreError) -> Answer {
        let text = self.words.say("저장하지 못했습니다", "It could not be kept");
        Html::new().bold(text).line().text(error).into()
    }

    fn failed(&self, error: &NoAnswer) -> Answer {
        match error {
            NoAnswer::Unsupported => Html::new()
                .text(self.words.say(
                    "이 종목에는 지원하지 않습니다.",
                    "That is not there for this kind of instrument.",
                ))
                .into(),
            NoAnswer::Problem(problem) => Html::new()
                .bold(self.words.say("KIS가 답하지 않았습니다", "No answer from KIS"))
                .line()
                .text(problem.detail())
                .into(),
        }
    }
}

/// A number for people.
pub(super) fn figure(value: Decimal) -> String {
    grouped(Number::from(value))
}
