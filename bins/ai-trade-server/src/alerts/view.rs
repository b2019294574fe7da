//! Rules as they are shown.

use alert_engine::{Rule, RuleState};
use serde_json::{Value, json};

use super::Alerts;
use crate::router::shown;

impl Alerts {
    /// Every rule with what it has done, by id.
    pub(crate) fn list(&self) -> Vec<(Rule, RuleState)> {
        let engine = self.engine();
        let mut rules: Vec<_> =
            engine.rules().map(|(rule, state)| (rule.clone(), state.clone())).collect();
        // a2 comes before a10.
        rules.sort_by(|(a, _), (b, _)| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        rules
    }

    /// One of them.
    pub(crate) fn get(&self, id: &str) -> Option<(Rule, RuleState)> {
        let engine = self.engine();
        engine.rule(id).map(|(rule, state)| (rule.clone(), state.clone()))
    }

    /// Whether a rule is the configuration's.
    pub(crate) fn is_configured(&self, id: &str) -> bool {
        self.configured.contains(id)
    }

    /// A rule as JSON.
    pub(super) fn view(&self, (rule, state): &(Rule, RuleState)) -> Value {
        let topic = |it: kis_protocol::Topic| {
            let state = if self.topics.is_refused(&it) { "refused" } else { "wanted" };
            json!({"key": shown(&it), "state": state})
        };
        let topics = rule.topics().into_iter().chain(self.topics.notices(rule));
        let topics: Vec<_> = topics.map(topic).collect();
        json!({
            "rule": rule,
            "origin": if self.is_configured(&rule.id) { "configuration" } else { "client" },
            "active": rule.enabled && state.ended().is_none(),
            "ended": state.ended(),
            "firings": state.firings(),
            "fired_at": state.fired_at().map(|it| it.to_string()),
            "topics": topics,
        })
    }
}
