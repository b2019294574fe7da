//! What the bot says, in both languages.

use alert_engine::{
    Number,
    render::{Language, grouped},
};
use kis_protocol::Decimal;

use super::{command::Misunderstood, html::Html};
use crate::alerts::AlertError;

/// The bot's language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words(pub(crate) Language);

/// How an alert is asked for.
const ALERT_EXAMPLES: [(&str, &str, &str); 9] = [
    ("/alert 005930 80000", "80,000을 위로든 아래로든 지나면", "when it crosses 80,000"),
    ("/alert 005930 > 80000", "80,000까지 오르면 (< 내리면)", "when it rises to 80,000 (<: falls)"),
    ("/alert 005930 +3%", "전일 대비 +3% (-3%, 3%)", "3% above the previous close (-3%, 3%)"),
    ("/alert 005930 2% 5m", "5분 안에 2% 움직이면", "when it moves by 2% within 5 minutes"),
    (
        "/alert 005930 volume 5",
        "1분 거래량이 평소의 5배면",
        "when a minute has 5 times the usual volume",
    ),
    (
        "/alert 005930 book 3",
        "호가 잔량이 한쪽으로 3배 쏠리면",
        "when one side of the book is 3 times the other",
    ),
    ("/alert 005930 vi", "VI·거래정지·서킷브레이커", "interruptions, halts, circuit breakers"),
    ("/alert orders", "내 주문의 접수·정정·취소·거부·체결", "what happens to my orders"),
    ("/alert server", "서버와 KIS 사이의 문제", "trouble between the server and KIS"),
];

impl Words {
    /// One of two texts.
    pub(crate) fn say<'a>(self, korean: &'a str, english: &'a str) -> &'a str {
        match self.0 {
            Language::Korean => korean,
            Language::English => english,
        }
    }

    pub(crate) fn chart(self) -> &'static str {
        self.say("📈 차트", "📈 Chart")
    }

    pub(crate) fn remove(self) -> &'static str {
        self.say("🗑 알림 삭제", "🗑 Remove alert")
    }

    pub(super) fn price(self) -> &'static str {
        self.say("💰 현재가", "💰 Price")
    }

    pub(super) fn book(self) -> &'static str {
        self.say("📊 호가", "📊 Book")
    }

    pub(super) fn alert(self) -> &'static str {
        self.say("🔔 알림", "🔔 Alert")
    }

    pub(crate) fn pause(self) -> &'static str {
        self.say("⏸ 멈춤", "⏸ Pause")
    }

    pub(super) fn refresh(self) -> &'static str {
        self.say("🔄 새로고침", "🔄 Refresh")
    }

    /// The commands and what they are for, as Telegram offers them.
    pub(super) fn commands(self) -> [(&'static str, &'static str); 15] {
        [
            ("price", self.say("현재가: /price 005930", "Price: /price 005930")),
            ("book", self.say("호가: /book 005930", "Order book: /book 005930")),
            ("chart", self.say("당일 차트: /chart 005930", "Today's chart: /chart 005930")),
            (
                "alert",
                self.say("알림 만들기: /alert 005930 80000", "New alert: /alert 005930 80000"),
            ),
            ("alerts", self.say("알림 목록", "My alerts")),
            ("remove", self.say("알림 삭제: /remove a1", "Remove an alert: /remove a1")),
            ("pause", self.say("알림 멈춤: /pause a1", "Let an alert rest: /pause a1")),
            ("resume", self.say("멈춘 알림 다시: /resume a1", "Put it to work again: /resume a1")),
            ("watch", self.say("움직일 때마다: /watch 005930 1%", "Every move: /watch 005930 1%")),
            ("balance", self.say("주식 잔고", "What the account holds")),
            ("orders", self.say("오늘의 주문·체결", "Today's orders")),
            ("status", self.say("서버 상태", "How the server is doing")),
            ("mute", self.say("소리 없이: /mute 1h", "Without a sound: /mute 1h")),
            ("language", self.say("언어 · Language", "Language · 언어")),
            ("help", self.say("도움말", "Help")),
        ]
    }

    pub(super) fn help(self) -> Html {
        let title = self.say("명령어", "Commands");
        let mut html = Html::new().bold(title);
        for (name, text) in self.commands() {
            html = html.line();
            // Most show by themselves how they are written.
            html = match text.contains('/') {
                true => html.text(text),
                false => html.text(format!("{text}: /{name}")),
            };
        }
        let symbols = self.say(
            "종목은 코드로: 005930, 지수 0001, 해외 NAS:AAPL. 코드만 보내도 현재가를 답합니다.",
            "Instruments by code: 005930, index 0001, overseas NAS:AAPL. A code alone asks for its price.",
        );
        self.examples(html.line().line().text(symbols).line().line())
    }

    fn examples(self, html: Html) -> Html {
        let mut html = html.bold(self.say("알림 예", "Examples of alerts"));
        for (example, korean, english) in ALERT_EXAMPLES {
            html = html.line().code(example).text(" ").text(self.say(korean, english));
        }
        html
    }

    pub(super) fn misunderstood(self, wrong: &Misunderstood) -> Html {
        match wrong {
            Misunderstood::Unknown => Html::new().text(self.say(
                "모르는 명령입니다. /help 를 보세요.",
                "There is no such command; see /help.",
            )),
            Misunderstood::Usage("alert") => self.examples(Html::new()),
            Misunderstood::Usage(name) => {
                let example = match *name {
                    "remove" => "/remove a1".to_owned(),
                    "pause" | "resume" => format!("/{name} a1"),
                    "mute" => "/mute 1h, /mute 30m, /mute off".to_owned(),
                    "language" => "/language ko, /language en".to_owned(),
                    "watch" => "/watch 005930 1%".to_owned(),
                    name => format!("/{name} 005930"),
                };
                Html::new().text(self.say("이렇게 쓰세요: ", "Write it like this: ")).code(example)
            }
            Misunderstood::Instrument(text) => Html::new().bold(text).text(self.say(
                ": 종목 코드가 아닙니다. 005930, 지수 0001, 해외 NAS:AAPL 처럼 쓰세요.",
                " is no instrument; write 005930, an index as 0001, overseas as NAS:AAPL.",
            )),
            Misunderstood::Json(error) => self.wrong_rule(error),
        }
    }

    /// What cannot be done with a rule.
    pub(super) fn alert_error(self, error: &AlertError) -> Html {
        let korean = match error {
            AlertError::Taken(id) => format!("{id} 알림이 이미 있습니다. 먼저 그것을 삭제하세요."),
            AlertError::Unknown(id) => format!("{id} 알림은 없습니다."),
            AlertError::Configured(id) => {
                format!("{id} 알림은 설정 파일에 있어서 거기서만 바꿀 수 있습니다.")
            }
            AlertError::Full(most) => {
                format!("알림이 최대 {most}개입니다. 먼저 하나를 삭제하세요.")
            }
            AlertError::NoOwner => {
                "주문 알림에는 HTS ID가 필요합니다: 서버의 .env에 HTS_ID를 넣으세요.".to_owned()
            }
            AlertError::Rule(error) => error.to_string(),
            AlertError::NotKept(error) => {
                format!("저장하지 못해 아무것도 바뀌지 않았습니다: {error}. 나중에 다시 하세요.")
            }
        };
        Html::new().text(self.say(&korean, &error.to_string()))
    }

    /// What a group is told that has become the supergroup `new`.
    pub(super) fn moved(self, new: i64) -> String {
        match self.0 {
            Language::Korean => format!(
                "이 그룹은 슈퍼그룹이 되어 번호가 {new} 로 바뀌었습니다. 알림은 계속 오지만, 서버의 TELEGRAM_CHAT_ID에 새 번호를 넣으세요."
            ),
            Language::English => format!(
                "This group has become a supergroup, and its number is {new} now. Alerts go on, but put the new number into the server's TELEGRAM_CHAT_ID."
            ),
        }
    }

    /// An amount in its currency, where there is one.
    pub(super) fn money(self, amount: Decimal, currency: Option<&str>) -> String {
        let digits = grouped(Number::from(amount));
        match (currency, self.0) {
            (Some("KRW"), Language::Korean) => format!("{digits}원"),
            (Some("KRW"), Language::English) => format!("₩{digits}"),
            (Some("USD"), _) => format!("${digits}"),
            (Some(other), _) => format!("{digits} {other}"),
            (None, _) => digits,
        }
    }

    /// A rule that is none: the text is the same as over REST.
    pub(super) fn wrong_rule(self, error: &str) -> Html {
        let title = self.say("알림을 만들지 못했습니다", "The alert was not made");
        self.examples(Html::new().bold(title).line().text(error).line().line())
    }

    /// A number of seconds.
    pub(super) fn duration(self, seconds: i64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        let units = [(days, "일", "d"), (hours, "시간", "h"), (minutes, "분", "m")];
        let mut written = units.iter().filter(|it| it.0 > 0);
        let parts: Vec<String> = written
            .by_ref()
            .take(2)
            .map(|(count, korean, english)| format!("{count}{}", self.say(korean, english)))
            .collect();
        match parts.is_empty() {
            true => format!("{seconds}{}", self.say("초", "s")),
            false => parts.join(" "),
        }
    }
}
