//! The HTTP connections to KIS, shared by everything that speaks REST.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, ClientBuilder, RequestBuilder, Url, redirect::Policy};

/// The REST address and the connections to it; clones share them.
#[derive(Debug, Clone)]
pub struct Http {
    pooled: Client,
    /// Opens a connection for every request.
    alone: Client,
    rest: Url,
}

/// No HTTP client can be made: the system offers no TLS roots to trust.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made")]
pub struct HttpError(#[source] reqwest::Error);

/// How long opening a connection may take. Less than a request may take, so that a request
/// that ran out of time while connecting is known never to have been sent.
const CONNECT_MAX: Duration = Duration::from_secs(4);

impl Http {
    /// Connections to the REST address `rest`, opened as they are needed.
    ///
    /// # Errors
    /// Returns an error when the system offers no TLS roots to trust.
    pub fn new(rest: &Url) -> Result<Self, HttpError> {
        let client = |builder: ClientBuilder| {
            builder.build().map_err(|source| HttpError(source.without_url()))
        };
        let alone = builder(rest).pool_max_idle_per_host(0);
        Ok(Self { pooled: client(builder(rest))?, alone: client(alone)?, rest: rest.clone() })
    }

    /// The REST address.
    #[must_use]
    pub fn rest(&self) -> &Url {
        &self.rest
    }

    /// A POST over any connection.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.pooled.post(self.url(path))
    }

    /// A POST over a connection of its own.
    pub(crate) fn post_alone(&self, path: &str) -> RequestBuilder {
        self.alone.post(self.url(path))
    }

    /// A GET over any connection.
    pub(crate) fn get(&self, path: &str, query: &[(&'static str, String)]) -> RequestBuilder {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        self.pooled.get(url)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.rest.clone();
        url.set_path(path);
        url
    }
}

fn builder(rest: &Url) -> ClientBuilder {
    // A redirect could carry the secrets elsewhere; KIS sends none. What is to be repeated is
    // decided by us alone.
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_MAX);
    if rest.scheme() == "http" {
        // Plain HTTP trusts no certificates, so a system without any will do.
        builder = builder.tls_certs_only([]);
    }
    if is_loopback(rest) {
        builder = builder.no_proxy();
    }
    builder
}

/// Whether the host is this machine, which no proxy could reach.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts() {
        let check = |url, expected| assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected);
        check("http://127.0.0.1:9", true);
        check("http://[::1]:9", true);
        check("http://localhost", true);
        check("https://openapi.koreainvestment.com:9443", false);
    }
}
