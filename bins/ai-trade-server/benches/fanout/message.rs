//! The messages sent: a recorded trade that carries the time it was published at.

use std::{
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use ai_trade_server::wire::{RecordMessage, Wire, WireFormat};
use bytes::Bytes;
use kis_protocol::{OwnedRecord, Topic, TrId, time::Timestamp};
use relay_core::Encode;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// Recorded 2026-09-22; the accumulated volume and the one beside it are given
/// the time and the number of the message.
const HEAD: &str =
    "005930^140610^277750^2^3750^1.37^280395.69^283000^283500^276500^278000^277500^5^";
const TAIL: &str = "^83251^86830^3579^120.39^5217059^6280658^5^0.53^53.70^090023^5^-5250^090048^5^-5750^135824^2^1250^20260922^20^N^47588^70626^794823^496479^0.20^17123443^69.82^0^^283000^2";

/// The topic that everybody wants.
pub(crate) const TR_ID: &str = "H0STCNT0";
/// Its key.
pub(crate) const TR_KEY: &str = "005930";

/// A format on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Raw,
    Fields,
    Normalized,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Raw => "raw",
            Self::Fields => "fields",
            Self::Normalized => "normalized",
        })
    }
}

impl Format {
    /// The message as the server would send it, websocket header included.
    pub(crate) fn frame(self, published: u64, number: u64) -> Vec<u8> {
        let format = match self {
            Self::Raw => WireFormat::Raw,
            Self::Fields => WireFormat::Fields,
            Self::Normalized => WireFormat::Normalized,
        };
        let message = RecordMessage {
            record: OwnedRecord::new(record(published, number)),
            tr_id: Some(TrId::H0STCNT0),
            received: Timestamp::from_unix(1_789_344_000, 0),
        };
        let mut out = Vec::new();
        let topic = Topic::new(TR_ID, TR_KEY);
        Wire { simulated: false }.encode(&topic, &message, format.into(), number, &mut out);
        out
    }

    /// Where in a frame the time stands.
    pub(crate) fn time_at(self) -> usize {
        let mark = 1_234_567_890_123_456_789_u64;
        let (frame, mark) = (self.frame(mark, 0), mark.to_string());
        frame.windows(TIME_LENGTH).position(|it| it == mark.as_bytes()).unwrap()
    }
}

/// One message again and again, with the time it is made.
#[derive(Debug)]
pub(crate) struct Template {
    frame: Vec<u8>,
    time_at: usize,
}

impl Template {
    pub(crate) fn new(format: Format) -> Self {
        Self { frame: format.frame(0, 100_000), time_at: format.time_at() }
    }

    /// The message with its websocket header.
    pub(crate) fn frame(&mut self) -> &[u8] {
        write!(&mut self.frame[self.time_at..], "{:019}", now()).unwrap();
        &self.frame
    }

    /// The message without.
    pub(crate) fn text(&mut self) -> Utf8Bytes {
        Bytes::copy_from_slice(&self.frame()[4..]).try_into().unwrap()
    }
}

/// How many digits a time has.
pub(crate) const TIME_LENGTH: usize = 19;

/// KIS' frame of one record.
pub(crate) fn kis_frame(published: u64, number: u64) -> String {
    format!("0|{TR_ID}|001|{}", record(published, number))
}

fn record(published: u64, number: u64) -> String {
    format!("{HEAD}{published:019}^{number:012}{TAIL}")
}

/// Nanoseconds since 1970, the same clock in every process.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}
