//! Every REST call of KIS, as data: where it goes, which `tr_id` it needs, what it is
//! given and what it answers.
//!
//! ```
//! use kis_protocol::catalogue::{self, Environment};
//!
//! let price = catalogue::find("domestic-stock/inquire-price").ok_or("not in the catalogue")?;
//! let call = price.prepare(
//!     Environment::Real,
//!     [("fid_cond_mrkt_div_code", "J"), ("fid_input_iscd", "005930")],
//! )?;
//! assert_eq!(call.tr_id, Some("FHKST01010100"));
//! assert_eq!(call.parameters[1], ("FID_INPUT_ISCD", "005930".to_owned()));
//!
//! let wrong = price.prepare(Environment::Real, [("symbol", "005930")]);
//! assert!(wrong.is_err_and(|error| error.to_string().contains("FID_INPUT_ISCD")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The data is in `data/rest`, a JSON file a market, rather than in Rust: it costs nothing
//! to compile, other languages can read it too, and its one reading takes milliseconds.
//! Where sources contradict each other, a recorded answer wins over the KIS portal, and the
//! portal over KIS' samples; what was decided is in the entry's `note`. Of shapes (object
//! or array) the samples know more than the portal, which calls even recorded objects
//! arrays, so there they win.

mod call;
mod tr;

use std::sync::LazyLock;

pub use self::{
    call::{CallError, Prepared, has_more},
    tr::{
        Choice, Column, Condition, Environment, Format, Method, Next, Output, PageKey, Parameter,
        Personal, Rule, Shape, Tr,
    },
};

const FILES: [&str; 8] = [
    include_str!("../../data/rest/domestic-bond.json"),
    include_str!("../../data/rest/domestic-futureoption.json"),
    include_str!("../../data/rest/domestic-stock.json"),
    include_str!("../../data/rest/elw.json"),
    include_str!("../../data/rest/etfetn.json"),
    include_str!("../../data/rest/oauth2.json"),
    include_str!("../../data/rest/overseas-futureoption.json"),
    include_str!("../../data/rest/overseas-stock.json"),
];

static ALL: LazyLock<Vec<Tr>> = LazyLock::new(|| {
    // The files are part of the program and a test reads each of them, so a file that
    // cannot be read never gets as far as here.
    let read = |text| serde_json::from_str::<Vec<Tr>>(text).unwrap_or_default();
    let mut all: Vec<_> = FILES.into_iter().flat_map(read).collect();
    all.sort_unstable_by_key(|it| it.id);
    all
});

/// Every call, in order of id.
pub fn all() -> &'static [Tr] {
    &ALL
}

/// The call of an id, such as `domestic-stock/inquire-price`.
pub fn find(id: &str) -> Option<&'static Tr> {
    let index = ALL.binary_search_by(|it| it.id.cmp(id)).ok()?;
    ALL.get(index)
}

/// The call that is made at a path. Each path has one.
pub fn at(path: &str) -> Option<&'static Tr> {
    ALL.iter().find(|it| it.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_file() {
        for text in FILES {
            let read: Result<Vec<Tr>, _> = serde_json::from_str(text);
            assert!(!read.unwrap().is_empty());
        }
    }
}
