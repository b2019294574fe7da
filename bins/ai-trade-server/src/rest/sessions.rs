//! `/v1/sessions`: which markets are open, and when the next session begins.

use std::{sync::Arc, time::SystemTime};

use axum::{Json, extract::State};
use kis_protocol::{
    calendar::SegmentStatus,
    time::{Date, Timestamp},
};
use serde::Serialize;

use crate::server::App;

#[derive(Debug, Serialize)]
pub(super) struct Sessions {
    now: Timestamp,
    /// The last day of which KIS has told whether KRX trades; none when it has not
    /// been asked. Then only what is known in advance counts.
    holidays_known_until: Option<Date>,
    segments: Vec<SegmentStatus>,
}

pub(super) async fn sessions(State(app): State<Arc<App>>) -> Json<Sessions> {
    let now = Timestamp::from(SystemTime::now());
    let segments = app.market.calendar().status(now);
    Json(Sessions { now, holidays_known_until: app.market.known_until(), segments })
}
