//! `/v1/schema`: what every stream sends.

use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kis_protocol::{TrId, schema};

/// Every stream.
pub(crate) async fn all() -> Json<Vec<schema::Schema>> {
    Json(schema::all())
}

/// One stream.
pub(crate) async fn one(Path(tr_id): Path<String>) -> Response {
    match tr_id.parse::<TrId>() {
        Ok(tr_id) => Json(schema::of(tr_id)).into_response(),
        Err(error) => {
            let detail = format!("{error}; /v1/schema lists all of them");
            let problem =
                serde_json::json!({ "title": "Not Found", "status": 404, "detail": detail });
            let kind = [("content-type", "application/problem+json")];
            (StatusCode::NOT_FOUND, kind, problem.to_string()).into_response()
        }
    }
}
