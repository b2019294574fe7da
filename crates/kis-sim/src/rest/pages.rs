//! Which page a call asks for.

use std::collections::HashMap;

use kis_protocol::catalogue::{Next, Tr};

use super::params::Params;

/// How far each app key has come in what it reads page by page without a key of its own.
#[derive(Debug, Default)]
pub(crate) struct Pages(HashMap<String, usize>);

impl Pages {
    /// The page, from 1, that a call asks for. `following` says whether it came with the header
    /// `tr_cont: N`, without which every call begins anew.
    pub(crate) fn page(
        &mut self,
        app_key: &str,
        tr: &Tr,
        params: &Params,
        following: bool,
    ) -> usize {
        let Some(keys) = &tr.paging else { return 1 };
        if keys.is_empty() {
            let reader = format!("{app_key} {} {}", tr.id, params.fingerprint(&[]));
            let page = self.0.entry(reader).or_default();
            *page = if following { *page + 1 } else { 1 };
            return *page;
        }
        let mut page = 1;
        for key in keys.iter().filter(|_| following) {
            let value = params.get(key.parameter).unwrap_or_default();
            match key.next {
                Next::Value(expected) if value != expected => return 1,
                Next::Value(_) => {}
                Next::Pointer(_) => page = value.parse().unwrap_or(1).max(1),
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue;

    use super::*;

    #[test]
    fn follows_keys_or_counts() {
        let mut pages = Pages::default();
        let mut page = |id: &str, query: &str, following| {
            let tr = catalogue::find(id).unwrap();
            pages.page("key", tr, &Params::from_query(query), following)
        };
        let balance = "domestic-stock/inquire-balance";
        assert_eq!(page(balance, "CTX_AREA_FK100=&CTX_AREA_NK100=", false), 1);
        assert_eq!(page(balance, "CTX_AREA_FK100=2&CTX_AREA_NK100=2", true), 2);
        assert_eq!(page(balance, "CTX_AREA_FK100=2&CTX_AREA_NK100=2", false), 1, "no tr_cont");
        let ticks = "overseas-futureoption/tick-ccnl";
        assert_eq!(page(ticks, "INDEX_KEY=3&QRY_TP=P", true), 3);
        assert_eq!(page(ticks, "INDEX_KEY=3&QRY_TP=Q", true), 1, "the first is asked for");
        let rank = "domestic-stock/volume-rank";
        assert_eq!([false, true, true].map(|following| page(rank, "A=1", following)), [1, 2, 3]);
        assert_eq!(page(rank, "A=2", true), 1, "another question");
        assert_eq!(page(rank, "A=1", false), 1);
        assert_eq!(page("domestic-stock/inquire-price", "", true), 1);
    }
}
