//! What can keep the simulator from starting.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// An address could not be listened on: in use, or not one of this machine.
    #[error("cannot listen on {addr}; choose a free address, or port 0 for any free port")]
    Listen {
        /// The address as configured.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A file of frames could not be read.
    #[error("cannot read the frames of {}; give a file of raw frames, one a line, or of JSON lines with a `raw` member", path.display())]
    Frames {
        /// The file as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A recorded REST response that came with the simulator is not what it should be.
    #[error("the recorded REST response {file} cannot be served")]
    Response {
        /// The fixture's file name.
        file: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}
