use alert_engine::{
    Batch, Severity,
    delivery::{Outcome, Pace},
    render::{Language, Markup, Renderer},
};
use tracing::{info, warn};

use super::{Sent, Sink};

/// The log as a sink. Own orders are not written there: they are nobody's
/// business but the owner's.
#[derive(Debug, Default)]
pub struct Journal;

impl Sink for Journal {
    fn pace(&self) -> Pace {
        Pace::UNLIMITED
    }

    async fn send(&self, batch: &Batch) -> Sent {
        let renderer = Renderer { language: Language::English, markup: Markup::Plain };
        if batch.dropped > 0 {
            warn!(dropped = batch.dropped, "notifications dropped");
        }
        for notification in &batch.notifications {
            let (id, rule) = (&notification.id, &notification.rule);
            if matches!(notification.fact, alert_engine::Fact::Order { .. }) {
                info!(%id, %rule, "alert: an own order");
                continue;
            }
            let text = renderer.notification(notification).replace('\n', " · ");
            match notification.severity {
                Severity::Info | Severity::Notice => info!(%id, %rule, "alert: {text}"),
                Severity::Warning | Severity::Urgent => warn!(%id, %rule, "alert: {text}"),
            }
        }
        Sent { outcome: Outcome::Delivered, count: batch.notifications.len() }
    }
}
