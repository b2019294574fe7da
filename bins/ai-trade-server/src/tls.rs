//! TLS towards clients.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tracing::{info, warn};

use crate::config;

/// TLS with a certificate that is replaced when its files are; connections that
/// are open keep theirs.
#[derive(Debug)]
pub struct Tls {
    acceptor: Acceptor,
    certificate: Arc<Certificate>,
}

struct Acceptor(TlsAcceptor);

#[derive(Debug)]
struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<(Arc<CertifiedKey>, Stamps)>,
}

type Stamps = [Option<SystemTime>; 2];

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// One of two is missing.
    #[error("SERVER__TLS_CERT and SERVER__TLS_KEY go together; set both or neither")]
    Half,
    /// A file cannot be read, or holds something else.
    #[error("{path} cannot be used: {error}; it must be PEM")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: rustls::pki_types::pem::Error,
    },
    /// There is nothing in the file.
    #[error("{0} holds no certificate; it must be PEM, the server's own certificate first")]
    Empty(PathBuf),
    /// The two do not fit together, or are of an unknown kind.
    #[error("certificate and key cannot be used together: {0}")]
    Mismatch(#[from] rustls::Error),
}

impl Tls {
    /// As configured, if it is.
    ///
    /// # Errors
    /// When the certificate or the key cannot be used.
    pub fn of(server: &config::Server) -> Result<Option<Self>, TlsError> {
        let (chain, key) = match (&server.tls_cert, &server.tls_key) {
            (Some(chain), Some(key)) => (chain.clone(), key.clone()),
            (None, None) => return Ok(None),
            _ => return Err(TlsError::Half),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let stamps = stamps(&chain, &key);
        let current = RwLock::new((load(&chain, &key, &provider)?, stamps));
        let certificate =
            Arc::new(Certificate { chain, key, provider: Arc::clone(&provider), current });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificate) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(Self { acceptor: Acceptor(Arc::new(config).into()), certificate }))
    }

    /// For new connections.
    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor.0
    }

    /// Reads the files again if they have changed. What cannot be used changes
    /// nothing.
    pub fn refresh(&self) {
        let Certificate { chain, key, provider, current } = &*self.certificate;
        let new = stamps(chain, key);
        if current.read().unwrap_or_else(PoisonError::into_inner).1 == new {
            return;
        }
        let loaded = load(chain, key, provider);
        let mut current = current.write().unwrap_or_else(PoisonError::into_inner);
        // The files are replaced one after the other: after the first, they may
        // not fit together, which is said once.
        current.1 = new;
        match loaded {
            Ok(certificate) => {
                current.0 = certificate;
                info!("certificate read");
            }
            Err(error) => warn!(%error, "the certificate stays as it was"),
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

fn load(
    chain_path: &Path,
    key_path: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let unusable = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::Pem { path, error }
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(chain_path)
        .and_then(Iterator::collect)
        .map_err(unusable(chain_path))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(chain_path.to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key_path).map_err(unusable(key_path))?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, provider)?))
}

fn stamps(chain: &Path, key: &Path) -> Stamps {
    let modified = |it: &Path| -> io::Result<SystemTime> { fs::metadata(it)?.modified() };
    [modified(chain).ok(), modified(key).ok()]
}
