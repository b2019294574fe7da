//! `/docs`: the API's description to read and to try out. Everything that the page needs
//! is part of the program.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use swagger_ui_dist::{ApiDefinition, OpenApiSource};

use crate::server::App;

const PAGE: &str = include_str!("docs.html");

/// What the page may do: run its own script and ours, and talk to this server. Swagger UI has
/// some of its icons as `data:` and sets styles on elements.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let script = PAGE.split_once("<script>").and_then(|it| it.1.split_once("</script>"));
    let hash = Sha256::digest(script.map_or("", |it| it.0));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'sha256-{}'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        BASE64_STANDARD.encode(hash)
    );
    // Without a policy that can be sent, nothing is allowed.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The page and its parts.
pub(crate) fn routes() -> Router<Arc<App>> {
    let assets = swagger_ui_dist::generate_routes(ApiDefinition {
        uri_prefix: "/docs",
        api_definition: OpenApiSource::Uri("/openapi.json"),
        title: None,
    });
    // Its own page has a script that no policy allows, and nobody needs its source maps.
    Router::new()
        .route("/docs", get(page))
        .route_service("/docs/swagger-ui.css", assets.clone())
        .route_service("/docs/swagger-ui-bundle.js", assets)
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, Html(PAGE)).into_response()
}
