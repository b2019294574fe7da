//! How many connections there may be, in all and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// How many connections one address may have unless configured otherwise.
const PER_ADDRESS: usize = 256;

/// The places for connections.
#[derive(Debug, Default)]
pub(crate) struct Slots(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    count: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place; a websocket keeps it. Given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    address: IpAddr,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All are taken.
    Server,
    /// All that one address may have are.
    Address,
}

impl Slots {
    /// Takes a place. `per_address` limits every address; without it, loopback
    /// has no limit of its own.
    pub(crate) fn take(
        self: &Arc<Self>,
        peer: IpAddr,
        max: usize,
        per_address: Option<usize>,
    ) -> Result<Slot, Full> {
        let address = network(peer);
        let unlimited = per_address.is_none() && address.is_loopback();
        let per_address = per_address.unwrap_or(PER_ADDRESS);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.count >= max {
            return Err(Full::Server);
        }
        let here = taken.by_address.get(&address).copied().unwrap_or(0);
        if here >= per_address && !unlimited {
            return Err(Full::Address);
        }
        taken.count += 1;
        taken.by_address.insert(address, here + 1);
        Ok(Slot { slots: Arc::clone(self), address })
    }

    /// How many are taken.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.count -= 1;
        if let Some(here) = taken.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// What one party has: an IPv4 address, or the /64 that IPv6 gives to a home.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn limits_in_all_and_for_one_address() {
        let slots = Arc::new(Slots::default());
        let take = |peer: &str| slots.take(ip(peer), 4, Some(2));
        let first = take("192.0.2.1").unwrap();
        let _second = take("::ffff:192.0.2.1").unwrap();
        assert_eq!(take("192.0.2.1").unwrap_err(), Full::Address);
        let _third = take("2001:db8::1").unwrap();
        let _fourth = take("2001:db8::ffff").unwrap();
        assert_eq!(take("2001:db8:0:1::1").unwrap_err(), Full::Server);
        drop(first);
        assert_eq!(take("2001:db8::2").unwrap_err(), Full::Address);
        take("2001:db8:0:1::1").unwrap();
        assert_eq!(slots.count(), 3);
    }

    #[test]
    fn loopback_has_no_limit_of_its_own() {
        let slots = Arc::new(Slots::default());
        let take = |peer: &str| slots.take(ip(peer), 600, None);
        let _here: Vec<_> = (0..300).map(|_| take("127.0.0.1").unwrap()).collect();
        let _there: Vec<_> = (0..256).map(|_| take("192.0.2.1").unwrap()).collect();
        assert_eq!(take("192.0.2.1").unwrap_err(), Full::Address);
        drop((_here, _there));
        assert!(slots.0.lock().unwrap().by_address.is_empty(), "nothing is kept");
    }
}
