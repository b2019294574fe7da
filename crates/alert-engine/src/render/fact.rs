//! The words for each fact.

use kis_protocol::{Market, TrId};

use super::{
    Lines, Renderer,
    amount::{grouped, quantity},
    clock, signed_percent,
};
use crate::{
    condition::{BookSide, Measure, OrderEvent, StatusEvent, UpstreamEvent},
    edge::Direction,
    notification::{Fact, Notification, Side, Since},
    number::Number,
};

impl Renderer {
    pub(super) fn lines(self, of: &Notification, fact: &Fact) -> Lines {
        let subject = self.subject(of);
        match fact {
            Fact::Price { direction, price, level, change_percent, expected } => {
                let change = change_percent.map(|it| format!(" ({})", signed_percent(it)));
                let expected =
                    if *expected { self.say("예상 ", "expected ") } else { String::new() };
                let (price, level) = (self.money(*price, of), self.money(*level, of));
                let crossed = match direction {
                    Direction::Up => {
                        self.say(format!("{level} 상향 돌파"), format!("rose to {level}"))
                    }
                    Direction::Down => {
                        self.say(format!("{level} 하향 돌파"), format!("fell to {level}"))
                    }
                };
                let change = change.unwrap_or_default();
                let head = format!("{} {subject} {expected}{price}{change}", arrow(*direction));
                Lines { head, parts: vec![crossed] }
            }
            Fact::Move { direction, price, percent, from, since } => {
                let (price, from) = (self.money(*price, of), self.money(*from, of));
                let percent = signed_percent(*percent);
                let since = match since {
                    Since::PreviousClose => {
                        self.say(format!("전일 종가 {from}"), format!("previous close {from}"))
                    }
                    Since::Seconds(seconds) => {
                        let time = self.duration(i64::from(*seconds));
                        self.say(
                            format!("{time} 안에 {from}에서"),
                            format!("from {from} within {time}"),
                        )
                    }
                };
                let head = format!("{} {subject} {percent} {price}", arrow(*direction));
                Lines { head, parts: vec![since] }
            }
            Fact::Volume { measure, amount, times, seconds, price } => {
                let what = match measure {
                    Measure::Quantity => self.say("거래량", "volume"),
                    Measure::Value => self.say("거래대금", "value traded"),
                };
                let times = times.map(|it| {
                    self.say(
                        format!(" 평소의 {}배", grouped(it)),
                        format!(" {}× the usual", grouped(it)),
                    )
                });
                let times = times.unwrap_or_default();
                let amount = match measure {
                    Measure::Quantity => grouped(*amount),
                    Measure::Value => self.money(*amount, of),
                };
                let time = self.duration(i64::from(*seconds));
                let traded = self.say(format!("{time}간 {amount}"), format!("{amount} in {time}"));
                let head = format!("📊 {subject} {what}{times}");
                Lines { head, parts: vec![traded, self.money(*price, of)] }
            }
            Fact::Imbalance { side, bid, ask, times } => {
                let who = match side {
                    BookSide::Ask => self.say("매도 잔량", "asks"),
                    BookSide::Bid | BookSide::Either => self.say("매수 잔량", "bids"),
                };
                let times = times.map_or_else(
                    || self.say("만 있음", " only"),
                    |it| self.say(format!(" {}배", grouped(it)), format!(" {}×", grouped(it))),
                );
                let (bid, ask) = (quantity(*bid), quantity(*ask));
                let totals = self
                    .say(format!("매수 {bid} · 매도 {ask}"), format!("bids {bid} · asks {ask}"));
                Lines { head: format!("⚖️ {subject} {who}{times}"), parts: vec![totals] }
            }
            Fact::Interruption { on } => {
                let what = match on {
                    true => self.say("VI 발동", "volatility interruption on"),
                    false => self.say("VI 해제", "volatility interruption off"),
                };
                Lines { head: format!("{} {subject} {what}", light(*on)), parts: Vec::new() }
            }
            Fact::Halt { on, reason } => {
                let what = match on {
                    true => self.say("거래정지", "trading halted"),
                    false => self.say("거래재개", "trading resumed"),
                };
                let parts = reason.iter().cloned().collect();
                Lines { head: format!("{} {subject} {what}", light(*on)), parts }
            }
            Fact::Market { event, code } => {
                let sign = match event {
                    StatusEvent::CircuitBreaker | StatusEvent::Sidecar => "🚨",
                    _ => "🔔",
                };
                Lines { head: format!("{sign} {}", self.operation(code)), parts: Vec::new() }
            }
            Fact::Order {
                event,
                side,
                quantity: about,
                price,
                order_quantity,
                order_price,
                order_number,
            } => {
                let mut head =
                    format!("{} {} {subject}", order_sign(*event), self.order(*event, *side));
                if let Some(about) = about {
                    let about = quantity(*about);
                    let unit = if is_stock(of) { "주" } else { "계약" };
                    head.push_str(&self.say(format!(" {about}{unit}"), format!(" {about}")));
                }
                if let Some(price) = price {
                    let price = self.money(*price, of);
                    head.push_str(&format!(" @ {price}"));
                }
                let mut parts = Vec::new();
                if *event == OrderEvent::Filled {
                    parts.extend(self.ordered(*order_quantity, *order_price, of));
                }
                let number = order_number.trim_start_matches('0');
                parts.push(self.say(format!("주문 {number}"), format!("order {number}")));
                Lines { head, parts }
            }
            Fact::Upstream { event, source, seconds, detail } => {
                let time = seconds.map(|it| self.duration(it)).unwrap_or_default();
                let what = match event {
                    UpstreamEvent::Down => self.say(
                        format!("KIS 연결 끊김 {time}"),
                        format!("KIS connection down for {time}"),
                    ),
                    UpstreamEvent::InUseElsewhere => {
                        self.say("앱키를 다른 프로그램이 사용 중", "app key in use elsewhere")
                    }
                    UpstreamEvent::SlotsFull => {
                        self.say("실시간 등록 한도 초과", "no real-time registration left")
                    }
                    UpstreamEvent::TokenRefused => {
                        self.say("KIS가 토큰을 거부함", "KIS refused a token")
                    }
                    UpstreamEvent::UnknownWidth => self.say(
                        "알 수 없는 컬럼 수의 데이터",
                        "data with an unknown number of columns",
                    ),
                };
                let parts = std::iter::once(source.clone()).chain(detail.clone()).collect();
                Lines { head: format!("⚠️ {what}"), parts }
            }
            Fact::Recovered { source, seconds } => {
                let time = self.duration(*seconds);
                let head = self.say(
                    format!("✅ KIS 연결 복구 ({time})"),
                    format!("✅ KIS connection back after {time}"),
                );
                Lines { head, parts: vec![source.clone()] }
            }
            Fact::Held { count, first, last } => {
                let mut lines = self.lines(of, last);
                let (count, first) = (count.to_string(), clock(*first));
                lines.parts.insert(
                    0,
                    self.say(
                        format!("조용한 시간 동안 {first}부터 {count}회, 이것이 마지막"),
                        format!("last of {count} since {first}, in quiet hours"),
                    ),
                );
                lines
            }
        }
    }

    fn order(self, event: OrderEvent, side: Option<Side>) -> String {
        let side = match side {
            Some(Side::Buy) => self.say("매수 ", "buy "),
            Some(Side::Sell) => self.say("매도 ", "sell "),
            None => String::new(),
        };
        let event = match event {
            OrderEvent::Accepted => self.say("접수", "accepted:"),
            OrderEvent::Amended => self.say("정정", "amended:"),
            OrderEvent::Cancelled => self.say("취소", "cancelled:"),
            OrderEvent::Rejected => self.say("거부", "rejected:"),
            OrderEvent::Filled => self.say("체결", "filled:"),
        };
        format!("{side}{event}")
    }

    fn ordered(
        self,
        amount: Option<i64>,
        price: Option<Number>,
        of: &Notification,
    ) -> Option<String> {
        let mut text = quantity(amount?);
        if let Some(price) = price {
            let price = self.money(price, of);
            text = format!("{text} @ {price}");
        }
        Some(self.say(format!("주문 수량 {text}"), format!("of {text}")))
    }
}

fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "▲",
        Direction::Down => "▼",
    }
}

fn light(on: bool) -> &'static str {
    if on { "🚨" } else { "🟢" }
}

fn order_sign(event: OrderEvent) -> &'static str {
    match event {
        OrderEvent::Filled => "✅",
        OrderEvent::Rejected => "❌",
        OrderEvent::Accepted | OrderEvent::Amended | OrderEvent::Cancelled => "📝",
    }
}

/// Whether shares are counted, not contracts.
fn is_stock(of: &Notification) -> bool {
    let tr_id = of.stream.as_deref().and_then(|it| it.parse::<TrId>().ok());
    tr_id.is_none_or(|it| matches!(it.market(), Market::Stock | Market::OverseasStock))
}
