//! `/v1/schema`: what every stream sends.

use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kis_protocol::{TrId, schema};

use crate::problem::Problem;

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
            Problem::new(StatusCode::NOT_FOUND, detail).code("unknown_tr_id").into_response()
        }
    }
}
