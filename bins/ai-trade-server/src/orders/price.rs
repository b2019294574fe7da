//! The last prices that the relay happens to know.

use kis_protocol::Decimal;
use kis_protocol::{
    Topic,
    normalized::{Event, Normalized},
};
use relay_core::Hub;

use super::{
    clock,
    request::{Market, Order, Session},
};
use crate::wire::{RecordMessage, Wire};

/// How old a trade may be whose price is taken for the last one, in seconds.
const AGE_MAX: u64 = 600;

/// The price of the last trade in what is ordered, if somebody is subscribed to it.
pub(super) fn last(hub: &Hub<Wire>, order: &Order) -> Option<Decimal> {
    let symbol = &order.symbol;
    let topics = match (order.market, order.exchange.as_deref()) {
        (Market::Stock, Some("NXT")) => topics(&["H0NXCNT0", "H0UNCNT0"], symbol),
        (Market::Stock, Some("SOR")) => topics(&["H0UNCNT0", "H0STCNT0", "H0NXCNT0"], symbol),
        (Market::Stock, _) => topics(&["H0STCNT0", "H0UNCNT0"], symbol),
        (Market::Derivatives, _) if order.session == Some(Session::Night) => {
            topics(&["H0MFCNT0", "H0EUCNT0"], symbol)
        }
        (Market::Derivatives, _) => {
            topics(&["H0IFCNT0", "H0IOCNT0", "H0ZFCNT0", "H0ZOCNT0", "H0CFCNT0"], symbol)
        }
        (Market::Overseas, exchange) => {
            let (night, day) = exchange.and_then(quoted)?;
            let key = |it: &str| Topic::new("HDFSCNT0", &format!("{it}{symbol}"));
            let day = day.filter(|_| order.session == Some(Session::Daytime));
            let day = day.map(|it| format!("R{it}"));
            day.into_iter().chain([format!("D{night}")]).map(|it| key(&it)).collect()
        }
    };
    topics.iter().find_map(|it| hub.with_last(it.as_str(), |_, it| price(it)).flatten())
}

fn topics(tr_ids: &[&str], symbol: &str) -> Vec<Topic> {
    tr_ids.iter().map(|it| Topic::new(it, symbol)).collect()
}

/// How quotes name an exchange of orders, and its daytime session where it has one.
fn quoted(exchange: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match exchange {
        "NASD" => ("NAS", Some("BAQ")),
        "NYSE" => ("NYS", Some("BAY")),
        "AMEX" => ("AMS", Some("BAA")),
        "SEHK" => ("HKS", None),
        "SHAA" => ("SHS", None),
        "SZAA" => ("SZS", None),
        "TKSE" => ("TSE", None),
        "HASE" => ("HNX", None),
        "VNSE" => ("HSX", None),
        _ => return None,
    })
}

fn price(message: &RecordMessage) -> Option<Decimal> {
    let received = u64::try_from(message.received.unix_seconds()).ok()?;
    if clock::now().saturating_sub(received) > AGE_MAX {
        return None;
    }
    let tr_id = message.tr_id?;
    match Normalized::read(message.record.record(), tr_id, message.received) {
        Ok(Normalized { event: Event::Trade(trade), .. }) if trade.price.mantissa() > 0 => {
            Some(trade.price)
        }
        _ => None,
    }
}
