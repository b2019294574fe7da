//! Alerts in chat: they are made, listed, paused and removed.

use alert_engine::{Condition, Crossing, Rule, RuleState, render::grouped};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Conversation,
    answer::Answer,
    command::Instrument,
    html::Html,
    telegram::{Button, DATA_BYTES_MAX},
};
use crate::alerts::{AlertError, Recipients};

/// How many rules there are on a page of the list.
const PAGE: usize = 10;

impl Conversation<'_> {
    /// Makes a rule for the chat. What is heard twice makes one rule.
    pub(super) async fn make_alert(&self, mut rule: Value, tapped: bool) -> Answer {
        let chat = Recipients::chat(self.place.chat);
        if let Some(members) = rule.as_object_mut() {
            members.entry("to").or_insert_with(|| json!([chat]));
        }
        let id = id_of(self.place.chat, self.place.message, &rule);
        // Who taps a button again when its rule is over, or rests, wants it anew.
        let idle = self.app.alerts.get(&id).is_some_and(|it| !is_at_work(&it.0, &it.1));
        if tapped
            && idle
            && let Err(error) = self.app.alerts.delete(&id).await
        {
            return self.words.alert_error(&error).into();
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
            Err(error) => self.words.alert_error(&error).into(),
        }
    }

    /// What there may be for an instrument, to be tapped.
    pub(super) fn suggest_alerts(&self, instrument: &Instrument) -> Answer {
        let shown = instrument.shown();
        let say = |korean, english| self.words.say(korean, english);
        let button = |text: &str, what: &str| (text.to_owned(), format!("/alert {shown} {what}"));
        let mut buttons = vec![
            vec![button("▲ +3%", "+3%"), button("▼ -3%", "-3%"), button("▲▼ 5%", "5%")],
            vec![
                button(say("5분에 1%", "1% in 5 min"), "1% 5m"),
                button(say("5분에 2%", "2% in 5 min"), "2% 5m"),
            ],
        ];
        if matches!(instrument, Instrument::Stock(_)) {
            buttons.push(vec![
                button(say("거래량 ×5", "Volume ×5"), "volume 5"),
                button(say("호가 쏠림 ×3", "Book ×3"), "book 3"),
                button(say("VI·정지", "VI, halts"), "vi"),
            ]);
        }
        let level = match instrument {
            Instrument::Stock(_) => "80000",
            Instrument::Overseas(..) => "187.50",
            Instrument::Index(_) => "2500",
        };
        let html = Html::new()
            .bold(format!("{shown} {}", say("알림", "alerts")))
            .line()
            .text(say("누르거나, 값을 쓰세요: ", "Tap one, or write a level: "))
            .code(format!("/alert {shown} {level}"));
        Answer { buttons, ..Answer::from(html) }
    }

    pub(super) fn list_alerts(&self, page: usize) -> Answer {
        let all = self.app.alerts.list();
        let pages = all.len().div_ceil(PAGE).max(1);
        let page = page.clamp(1, pages);
        let mut html = Html::new().bold(self.words.say("알림", "Alerts"));
        if pages > 1 {
            html = html.text(format!(" {page}/{pages}"));
        }
        if all.is_empty() {
            let text = self.words.say("없음. /alert 로 만드세요.", "None; make one with /alert.");
            html = html.line().text(text);
        }
        let mut buttons = Vec::new();
        for (rule, state) in all.iter().skip((page - 1) * PAGE).take(PAGE) {
            let id = &rule.id;
            html = html.line().code(id).text(format!(" {}", self.listed(rule, state)));
            if self.app.alerts.is_configured(id) {
                continue;
            }
            let mut row: Vec<Button> = Vec::new();
            if !rule.enabled {
                row.push((format!("▶️ {id}"), format!("/resume {id} {page}")));
            } else if state.ended().is_none() {
                row.push((format!("⏸ {id}"), format!("/pause {id} {page}")));
            }
            row.push((format!("🗑 {id}"), format!("/remove {id} {page}")));
            row.retain(|it| it.1.len() <= DATA_BYTES_MAX);
            buttons.push(row);
        }
        buttons.retain(|it| !it.is_empty());
        let other = |sign: &str, page: usize| (sign.to_owned(), format!("/alerts {page}"));
        let before = (page > 1).then(|| other("◀️", page - 1));
        let after = (page < pages).then(|| other("▶", page + 1));
        let turn: Vec<Button> = before.into_iter().chain(after).collect();
        if !turn.is_empty() {
            buttons.push(turn);
        }
        Answer { buttons, in_place: true, ..Answer::from(html) }
    }

    pub(super) async fn remove(&self, id: &str, page: Option<usize>, tapped: bool) -> Answer {
        let done = self.app.alerts.delete(id).await;
        let say = |korean, english| self.words.say(korean, english);
        let said =
            (say("알림을 삭제했습니다", "The alert is removed"), say("삭제했습니다", "Removed"));
        self.changed(id, done, said, page, tapped)
    }

    /// Lets a rule rest, or puts it to work again.
    pub(super) async fn enable(
        &self,
        id: &str,
        on: bool,
        page: Option<usize>,
        tapped: bool,
    ) -> Answer {
        let done = self.app.alerts.amend(id, &json!({ "enabled": on })).await;
        let say = |korean, english| self.words.say(korean, english);
        let said = match on {
            true => (
                say("알림을 다시 켰습니다", "The alert is at work again"),
                say("다시 켰습니다", "At work again"),
            ),
            false => (say("알림을 멈췄습니다", "The alert is paused"), say("멈췄습니다", "Paused")),
        };
        self.changed(id, done, said, page, tapped)
    }

    /// What has come of changing a rule: said at length to whoever has written, and in a word,
    /// with the list as it is now where there was one, to whoever has tapped.
    fn changed(
        &self,
        id: &str,
        done: Result<Rule, AlertError>,
        (title, word): (&'static str, &'static str),
        page: Option<usize>,
        tapped: bool,
    ) -> Answer {
        if !tapped {
            return match done {
                Ok(rule) => Html::new().bold(title).line().text(self.rule(&rule)).into(),
                Err(AlertError::Unknown(_)) => {
                    let text = self.words.say(
                        " 알림은 없습니다. /alerts 에 목록이 있습니다.",
                        " is no alert; /alerts lists them.",
                    );
                    Html::new().code(id).text(text).into()
                }
                Err(error) => self.words.alert_error(&error).into(),
            };
        }
        let note = match done {
            Ok(_) => word,
            Err(AlertError::Unknown(_)) => self.words.say("이미 없습니다", "It is gone already"),
            Err(_) => self.words.say("바꾸지 못했습니다", "It could not be changed"),
        };
        match page {
            Some(page) => Answer { note: Some(note), ..self.list_alerts(page) },
            None => Answer { note: Some(note), ..Answer::default() },
        }
    }

    fn listed(&self, rule: &Rule, state: &RuleState) -> String {
        let mut text = self.rule(rule);
        if !rule.enabled {
            text.push_str(self.words.say(" · ⏸ 멈춤", " · ⏸ paused"));
        } else if state.ended().is_some() {
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
        let way = |it: Crossing| match it {
            Crossing::Up => "▲",
            Crossing::Down => "▼",
            Crossing::Either => "▲▼",
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

/// The id of a rule that was asked for in this message: the same when it is heard again, and
/// another one for another chat, message or rule.
fn id_of(chat: i64, message: i32, rule: &Value) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let digest = Sha256::digest(format!("{chat} {message} {rule}"));
    let letters = digest.iter().take(6).map(|it| char::from(LETTERS[usize::from(it % 32)]));
    std::iter::once('t').chain(letters).collect()
}

pub(super) fn is_at_work(rule: &Rule, state: &RuleState) -> bool {
    rule.enabled && state.ended().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let rule = |level: u32| json!({"symbol": "005930", "when": {"price": {"level": level}}});
        let id = id_of(42, 7, &rule(80_000));
        assert_eq!(id, id_of(42, 7, &rule(80_000)));
        assert!(id.len() == 7 && id.bytes().all(|it| it.is_ascii_alphanumeric()), "{id}");
        let others =
            [id_of(-7, 7, &rule(80_000)), id_of(42, 8, &rule(80_000)), id_of(42, 7, &rule(90_000))];
        assert!(!others.contains(&id), "{others:?}");
    }
}
