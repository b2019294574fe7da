use kis_protocol::{
    Market, TrId,
    code::OrderSide,
    notice::{NoticeEvent, OrderNotice},
};
use serde::{Deserialize, Serialize};

use super::{Effect, some};
use crate::{
    notification::{Fact, Side},
    rule::RuleError,
};

/// Something happens to an own order. Every notice is told: what KIS sends once
/// has happened once, also when two fills look alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What counts.
    #[serde(default = "all")]
    pub events: Vec<OrderEvent>,
    /// Where the orders are. Nothing named means wherever notices come from,
    /// and has those of stocks registered, Korean and overseas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub markets: Vec<OrderMarket>,
}

/// Where an own order is: each has streams of notices of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderMarket {
    /// Korean stocks.
    Stock,
    /// Korean futures and options, by day and by night: three streams in real
    /// trading.
    Derivatives,
    /// Stocks overseas.
    Overseas,
    /// Futures and options overseas: two streams.
    OverseasDerivatives,
}

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvent {
    /// A new order was taken.
    Accepted,
    /// An amendment was taken.
    Amended,
    /// A cancellation was taken, or the rest of an IOC or FOK order is gone.
    Cancelled,
    /// The order, amendment or cancellation was refused.
    Rejected,
    /// Some or all of it was filled.
    Filled,
}

const ALL: &str = "accepted, amended, cancelled, rejected, filled";

fn all() -> Vec<OrderEvent> {
    use OrderEvent::{Accepted, Amended, Cancelled, Filled, Rejected};
    vec![Accepted, Amended, Cancelled, Rejected, Filled]
}

impl Order {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        some("when.order.events", &self.events, ALL)
    }

    /// Whether the condition is about orders whose notices come on the stream.
    pub(crate) fn is_about(&self, tr_id: TrId) -> bool {
        self.markets.is_empty() || market(tr_id).is_some_and(|it| self.markets.contains(&it))
    }

    /// Whether the stream has to be registered for the condition.
    pub(crate) fn needs(&self, tr_id: TrId) -> bool {
        use OrderMarket::{Overseas, Stock};
        let of_stocks = || matches!(market(tr_id), Some(Stock | Overseas));
        self.is_about(tr_id) && (!self.markets.is_empty() || of_stocks())
    }

    pub(super) fn observe(&self, notice: &OrderNotice<'_>, facts: &mut Vec<Fact>) -> Effect {
        let event = notice.event.into();
        if !self.events.contains(&event) {
            return Effect::None;
        }
        facts.push(Fact::Order {
            event,
            side: side(notice.side),
            quantity: notice.quantity,
            price: notice.price.map(Into::into),
            order_quantity: notice.order_quantity,
            order_price: notice.order_price.map(Into::into),
            order_number: notice.order_number.to_owned(),
        });
        Effect::Lasting
    }
}

impl From<NoticeEvent> for OrderEvent {
    fn from(event: NoticeEvent) -> Self {
        match event {
            NoticeEvent::Accepted => Self::Accepted,
            NoticeEvent::Amended => Self::Amended,
            NoticeEvent::Cancelled => Self::Cancelled,
            NoticeEvent::Rejected => Self::Rejected,
            NoticeEvent::Filled => Self::Filled,
        }
    }
}

/// Whose notices come on the stream.
fn market(tr_id: TrId) -> Option<OrderMarket> {
    match tr_id.market() {
        _ if !tr_id.encrypted() => None,
        Market::Stock => Some(OrderMarket::Stock),
        Market::FutureOption => Some(OrderMarket::Derivatives),
        Market::OverseasStock => Some(OrderMarket::Overseas),
        Market::OverseasFuture => Some(OrderMarket::OverseasDerivatives),
        _ => None,
    }
}

fn side(side: OrderSide<'_>) -> Option<Side> {
    match side {
        OrderSide::Buy | OrderSide::ClosingBuy => Some(Side::Buy),
        OrderSide::Sell | OrderSide::ClosingSell => Some(Side::Sell),
        _ => None,
    }
}
