//! `/v1/topics`: what is relayed at the moment.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use relay_core::UpstreamState;
use serde::Serialize;

use crate::{guard::Caller, router::is_notice, server::App};

/// A topic, as clients see it.
#[derive(Debug, Serialize)]
pub(super) struct TopicView {
    /// `tr_id:tr_key`. The key of a notice is the owner's HTS id, which only those
    /// see who may know.
    pub(super) key: String,
    tr_id: String,
    tr_key: String,
    /// `live` when KIS has confirmed it, else `pending`.
    state: &'static str,
    subscribers: usize,
    /// The number of its last record.
    seq: u64,
}

pub(super) async fn topics(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Json<Vec<TopicView>> {
    Json(view(&app, &caller).into_iter().map(|it| it.1).collect())
}

/// Every topic with how it is shown, in order.
pub(super) fn view(app: &App, caller: &Caller) -> Vec<(kis_protocol::Topic, TopicView)> {
    let mut topics = app.hub.topics();
    topics.sort_unstable_by(|a, b| a.topic.cmp(&b.topic));
    let hidden = !caller.may_know_the_account();
    let one = |it: relay_core::TopicInfo<kis_protocol::Topic>| {
        let (tr_id, tr_key) = (it.topic.tr_id(), it.topic.tr_key());
        let tr_key = if hidden && is_notice(tr_id) { "…" } else { tr_key };
        let view = TopicView {
            key: format!("{tr_id}:{tr_key}"),
            tr_id: tr_id.to_owned(),
            tr_key: tr_key.to_owned(),
            state: match it.state {
                UpstreamState::Live => "live",
                UpstreamState::Pending => "pending",
            },
            subscribers: it.subscribers,
            seq: it.seq,
        };
        (it.topic, view)
    };
    topics.into_iter().map(one).collect()
}
