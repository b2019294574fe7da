use kis_protocol::{
    code::{Halt, MarketOperation, ViState},
    normalized::MarketStatus,
};
use serde::{Deserialize, Serialize};

use super::{Effect, some};
use crate::{notification::Fact, rule::RuleError};

/// A halt, an interruption, a circuit breaker or a market phase. An instrument
/// is taken to trade until KIS says otherwise: status frames come when something
/// happens, so the first of them is news already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// What counts.
    #[serde(default = "all")]
    pub events: Vec<StatusEvent>,
}

/// What a [`Status`] rule can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusEvent {
    /// VI: a volatility interruption begins or ends.
    Interruption,
    /// 거래정지: trading in the instrument is halted or goes on.
    Halt,
    /// 서킷브레이커, 시장임시정지: the market is stopped or goes on.
    CircuitBreaker,
    /// 사이드카: program trading is stopped or goes on.
    Sidecar,
    /// 장운영: the market opens, closes, or changes its way of trading.
    Phase,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StatusMemory {
    interrupted: bool,
    halted: bool,
    /// The last known operation and the Korean day it was of.
    operation: Option<(String, i64)>,
}

const ALL: &str = "interruption, halt, circuit_breaker, sidecar, phase";

fn all() -> Vec<StatusEvent> {
    use StatusEvent::{CircuitBreaker, Halt, Interruption, Phase, Sidecar};
    vec![Interruption, Halt, CircuitBreaker, Sidecar, Phase]
}

impl Status {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        some("when.status.events", &self.events, ALL)
    }

    pub(super) fn observe(
        &self,
        memory: &mut StatusMemory,
        status: &MarketStatus<'_>,
        now: i64,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let mut effect = Effect::None;
        if let Some(ViState::On | ViState::Off) = status.interruption {
            let on = status.interruption == Some(ViState::On);
            if std::mem::replace(&mut memory.interrupted, on) != on {
                effect = Effect::Lasting;
                self.tell(StatusEvent::Interruption, facts, || Fact::Interruption { on });
            }
        }
        if let Some(Halt::Halted | Halt::Trading) = status.halt {
            let on = status.halt == Some(Halt::Halted);
            if std::mem::replace(&mut memory.halted, on) != on {
                effect = Effect::Lasting;
                let reason = || status.halt_reason.map(str::to_owned);
                self.tell(StatusEvent::Halt, facts, || Fact::Halt { on, reason: reason() });
            }
        }
        // Frames of one instrument's interruption carry operations that are not
        // in the table; they say nothing of the market.
        if let Some(operation) = status.operation
            && let Some(event) = event_of(operation)
        {
            let day = (now + 9 * 3_600).div_euclid(86_400);
            let code = operation.as_str();
            let known = memory.operation.as_ref().map(|it| (it.0.as_str(), it.1));
            if known != Some((code, day)) {
                memory.operation = Some((code.to_owned(), day));
                effect = Effect::Lasting;
                self.tell(event, facts, || Fact::Market { event, code: code.to_owned() });
            }
        }
        effect
    }

    fn tell(&self, event: StatusEvent, facts: &mut Vec<Fact>, fact: impl FnOnce() -> Fact) {
        if self.events.contains(&event) {
            facts.push(fact());
        }
    }
}

fn event_of(operation: MarketOperation<'_>) -> Option<StatusEvent> {
    use MarketOperation as M;
    Some(match operation {
        M::MarketHalt
        | M::CircuitBreakerTriggered
        | M::CircuitBreakerReleased
        | M::CircuitBreakerAuctionEnd
        | M::CircuitBreakerStart
        | M::CircuitBreakerEnd => StatusEvent::CircuitBreaker,
        M::SidecarSell | M::SidecarSellReleased | M::SidecarBuy | M::SidecarBuyReleased => {
            StatusEvent::Sidecar
        }
        M::Other(_) => return None,
        _ => StatusEvent::Phase,
    })
}
