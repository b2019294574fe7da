//! What protects the owners of browsers: pages of others must not use the
//! server through them.
//!
//! A page may open a websocket anywhere, and send simple requests; its browser
//! says where it comes from (`Origin`). By DNS rebinding, a page can also make
//! its own name mean 127.0.0.1 and so be of the same origin; then the name in
//! `Host` is a foreign one.

use axum::http::{HeaderMap, StatusCode, Uri, Version, header, uri::Authority};

use crate::problem::Problem;

/// Headers that reverse proxies add.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Checks under which name the server is spoken to; that is returned. Addresses
/// cannot be rebound, so they always pass.
pub(super) fn check_host<'a>(
    uri: &Uri,
    version: Version,
    headers: &'a HeaderMap,
    hosts: &[String],
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(header::HOST).iter();
    let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, detail);
    let host = match (values.next(), values.next()) {
        (Some(host), None) => {
            Some(host.to_str().map_err(|_| bad("the Host header is not readable"))?)
        }
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => return Err(bad("the Host header is missing")),
        (Some(_), Some(_)) => return Err(bad("there is more than one Host header")),
    };
    // A request for a whole URL names the host there (RFC 9112, section 3.2.2);
    // we go by neither alone.
    for named in host.into_iter().chain(uri.authority().map(Authority::as_str)) {
        let authority: Authority = named.parse().map_err(|_| bad("the host is not readable"))?;
        let name = authority.host();
        if !is_ours(name, hosts) {
            let detail = format!(
                "this server does not go by the name {name:?}; add it to SERVER__HOSTS if it should"
            );
            return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).code("unknown_host"));
        }
    }
    Ok(host)
}

fn is_ours(name: &str, hosts: &[String]) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    address.parse::<std::net::IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || hosts.iter().any(|it| it == "*" || it.eq_ignore_ascii_case(&name))
}

/// Checks which page asks, if one does: one of ours (`host` is how the request
/// names us) or a configured one.
pub(super) fn check_origin(
    headers: &HeaderMap,
    host: Option<&str>,
    origins: &[String],
) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("");
    let configured = origins.iter().any(|it| it == "*" || it.eq_ignore_ascii_case(origin));
    if configured || host.is_some_and(|it| same_origin(origin, it)) {
        return Ok(());
    }
    let shown: String = origin.chars().take(128).collect();
    let detail = format!(
        "pages of {shown:?} may not use this server; add that origin to SERVER__ORIGINS if they should"
    );
    Err(Problem::new(StatusCode::FORBIDDEN, detail).code("unknown_origin"))
}

/// The scheme is left out: behind a proxy, ours is not the one that the browser
/// sees.
fn same_origin(origin: &str, host: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let default = match uri.scheme_str() {
        Some("https") => 443,
        Some("http") => 80,
        _ => return false,
    };
    let (Some(theirs), Ok(ours)) = (uri.authority(), host.parse::<Authority>()) else {
        return false;
    };
    theirs.host().eq_ignore_ascii_case(ours.host())
        && theirs.port_u16().unwrap_or(default) == ours.port_u16().unwrap_or(default)
}

/// Refuses what comes through a reverse proxy to a server that asks nobody for a
/// key, since to it the whole world is loopback.
pub(super) fn check_proxy(headers: &HeaderMap) -> Result<(), Problem> {
    match FORWARDED.iter().find(|it| headers.contains_key(**it)) {
        None => Ok(()),
        Some(name) => {
            let detail = format!(
                "this came through a proxy ({name}) to a server that asks nobody for a key; \
                 make keys and set SERVER__KEYS_ON_LOOPBACK=true"
            );
            Err(Problem::new(StatusCode::FORBIDDEN, detail).code("proxy_without_keys"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[track_caller]
    fn check(uri: &str, hosts: &[&'static str], expected: Option<u16>) {
        let list: Vec<_> = hosts.iter().map(|it| ("host", *it)).collect();
        let headers = headers(&list);
        let ours = ["trade.example.com".to_owned()];
        let checked = check_host(&uri.parse().unwrap(), Version::HTTP_11, &headers, &ours);
        assert_eq!(checked.err().map(|it| it.status().as_u16()), expected, "{uri} {hosts:?}");
    }

    #[test]
    fn hosts() {
        for ours in [
            "localhost",
            "LOCALHOST:8000",
            "app.localhost:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
            "192.0.2.7",
            "Trade.Example.com",
            "trade.example.com.:443",
        ] {
            check("/", &[ours], None);
        }
        for foreign in ["evil.example", "localhost.evil.example", "trade.example.com.evil", "x"] {
            check("/", &[foreign], Some(421));
        }
        check("/", &[], Some(400));
        check("/", &["localhost", "localhost"], Some(400));
        check("/", &["local host"], Some(400));
        check("/", &[""], Some(400));
        check("http://evil.example/", &["localhost"], Some(421));
        check("http://localhost/", &["evil.example"], Some(421));
        check("http://localhost/", &["localhost"], None);
        let none = HeaderMap::new();
        let old = check_host(&Uri::from_static("/"), Version::HTTP_10, &none, &[]);
        assert_eq!(old.unwrap(), None);
    }

    #[track_caller]
    fn check_page(origin: &str, host: &str, passes: bool) {
        let configured = ["https://app.example.com".to_owned()];
        let checked = check_origin(&headers(&[("origin", origin)]), Some(host), &configured);
        assert_eq!(checked.is_ok(), passes, "{origin} at {host}");
    }

    #[test]
    fn origins() {
        check_page("http://localhost:8000", "localhost:8000", true);
        check_page("https://trade.example.com", "trade.example.com", true);
        check_page("https://trade.example.com", "trade.example.com:443", true);
        check_page("http://[::1]:8000", "[::1]:8000", true);
        check_page("https://app.example.com", "localhost:8000", true);
        check_page("http://localhost:3000", "localhost:8000", false);
        check_page("http://127.0.0.1:8000", "localhost:8000", false);
        check_page("http://app.example.com", "localhost:8000", false);
        check_page("http://evil.example", "localhost:8000", false);
        check_page("null", "localhost:8000", false);
        check_page("", "localhost:8000", false);
        assert!(check_origin(&HeaderMap::new(), None, &[]).is_ok(), "not a browser");
        assert!(check_origin(&headers(&[("origin", "null")]), None, &["*".to_owned()]).is_ok());
    }

    #[test]
    fn proxies() {
        assert!(check_proxy(&headers(&[("host", "localhost")])).is_ok());
        assert!(check_proxy(&headers(&[("x-forwarded-for", "192.0.2.1")])).is_err());
    }
}
