//! How to find out what became of an order whose answer is in doubt.

use std::time::{Duration, SystemTime};

use kis_protocol::{
    catalogue::{self, Environment, Prepared},
    time::Timestamp,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A call that shows orders, and what it is to be given beside the account.
struct Lookup {
    call: &'static str,
    given: &'static [(&'static str, Given)],
}

/// What a parameter is given.
#[derive(Clone, Copy)]
enum Given {
    /// This text.
    Text(&'static str),
    /// What the order has in a parameter.
    Of(&'static str),
    /// The order's exchange; without one it is on a reservation in the US.
    Exchange,
    /// All exchanges for stocks; on paper there is KRX only, and without this it is KRX's.
    Exchanges,
    /// The day before, as markets abroad and at night begin on it.
    Yesterday,
    /// Today in Korea.
    Today,
    /// The day after, where an end is not counted.
    Tomorrow,
}
use Given::{Exchange, Exchanges, Of, Text, Today, Tomorrow, Yesterday};

const STOCK: &[Lookup] = &[
    Lookup {
        call: "domestic-stock/inquire-daily-ccld",
        given: &[
            ("period", Text("recent")),
            ("INQR_STRT_DT", Today),
            ("INQR_END_DT", Today),
            ("SLL_BUY_DVSN_CD", Text("00")),
            ("PDNO", Of("PDNO")),
            ("CCLD_DVSN", Text("00")),
            ("EXCG_ID_DVSN_CD", Exchanges),
            ("INQR_DVSN", Text("00")),
            ("INQR_DVSN_3", Text("00")),
        ],
    },
    Lookup {
        call: "domestic-stock/inquire-psbl-rvsecncl",
        given: &[("INQR_DVSN_1", Text("0")), ("INQR_DVSN_2", Text("0"))],
    },
];
const STOCK_RESERVED: &[Lookup] = &[Lookup {
    call: "domestic-stock/order-resv-ccnl",
    given: &[
        ("RSVN_ORD_ORD_DT", Today),
        ("RSVN_ORD_END_DT", Today),
        ("TMNL_MDIA_KIND_CD", Text("00")),
        ("PRCS_DVSN_CD", Text("0")),
        ("CNCL_YN", Text("Y")),
        ("PDNO", Of("PDNO")),
    ],
}];
const DERIVATIVES: &[Lookup] = &[Lookup {
    call: "domestic-futureoption/inquire-ccnl",
    given: &[
        ("STRT_ORD_DT", Today),
        ("END_ORD_DT", Today),
        ("SLL_BUY_DVSN_CD", Text("00")),
        ("CCLD_NCCS_DVSN", Text("00")),
        ("SORT_SQN", Text("DS")),
        ("PDNO", Of("SHTN_PDNO")),
    ],
}];
const DERIVATIVES_NIGHT: &[Lookup] = &[Lookup {
    call: "domestic-futureoption/inquire-ngt-ccnl",
    given: &[
        ("STRT_ORD_DT", Yesterday),
        ("END_ORD_DT", Tomorrow),
        ("SLL_BUY_DVSN_CD", Text("00")),
        ("CCLD_NCCS_DVSN", Text("00")),
        ("PDNO", Of("SHTN_PDNO")),
    ],
}];
const OVERSEAS: &[Lookup] = &[
    Lookup {
        call: "overseas-stock/inquire-ccnl",
        given: &[
            // Paper trading shows all or nothing, so all it is.
            ("PDNO", Text("")),
            ("ORD_STRT_DT", Yesterday),
            ("ORD_END_DT", Today),
            ("SLL_BUY_DVSN", Text("00")),
            ("CCLD_NCCS_DVSN", Text("00")),
            ("SORT_SQN", Text("DS")),
        ],
    },
    Lookup {
        call: "overseas-stock/inquire-nccs",
        given: &[("OVRS_EXCG_CD", Of("OVRS_EXCG_CD")), ("SORT_SQN", Text("DS"))],
    },
];
const OVERSEAS_RESERVED: &[Lookup] = &[
    Lookup {
        call: "overseas-stock/order-resv-list",
        given: &[
            ("country", Text("us")),
            ("INQR_STRT_DT", Today),
            ("INQR_END_DT", Today),
            ("INQR_DVSN_CD", Text("00")),
            ("OVRS_EXCG_CD", Exchange),
        ],
    },
    Lookup {
        call: "overseas-stock/order-resv-list",
        given: &[
            ("country", Text("asia")),
            ("INQR_STRT_DT", Today),
            ("INQR_END_DT", Today),
            ("INQR_DVSN_CD", Text("00")),
            ("OVRS_EXCG_CD", Exchange),
        ],
    },
];
const OVERSEAS_DERIVATIVES: &[Lookup] = &[Lookup {
    call: "overseas-futureoption/inquire-daily-order",
    given: &[
        ("STRT_DT", Yesterday),
        ("END_DT", Today),
        ("CCLD_NCCS_DVSN", Text("01")),
        ("SLL_BUY_DVSN_CD", Text("%%")),
        ("FUOP_DVSN", Text("00")),
    ],
}];
const BOND: &[Lookup] = &[
    Lookup {
        call: "domestic-bond/inquire-daily-ccld",
        given: &[
            ("INQR_STRT_DT", Today),
            ("INQR_END_DT", Today),
            ("SLL_BUY_DVSN_CD", Text("%")),
            ("SORT_SQN_DVSN", Text("02")),
            ("PDNO", Of("PDNO")),
            ("NCCS_YN", Text("N")),
        ],
    },
    Lookup { call: "domestic-bond/inquire-psbl-rvsecncl", given: &[] },
];

/// The calls that show what became of an order sent at `sent`, ready to be made.
pub(super) fn lookups(
    order: &Prepared,
    environment: Environment,
    sent: SystemTime,
) -> Vec<Prepared> {
    let date = |at: Option<SystemTime>| {
        let date = Timestamp::from(at.unwrap_or(sent)).date();
        format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
    };
    let of = |name: &str| order.parameters.iter().find(|(it, _)| *it == name).map(|(_, it)| &**it);
    let calls = match order.tr.id {
        "domestic-stock/order-resv" | "domestic-stock/order-resv-rvsecncl" => STOCK_RESERVED,
        "overseas-stock/order-resv" | "overseas-stock/order-resv-ccnl" => OVERSEAS_RESERVED,
        id => match id.split('/').next().unwrap_or_default() {
            "domestic-stock" => STOCK,
            "domestic-futureoption" if order.tr_id.is_some_and(|it| it.starts_with("STTN")) => {
                DERIVATIVES_NIGHT
            }
            "domestic-futureoption" => DERIVATIVES,
            "overseas-stock" => OVERSEAS,
            "overseas-futureoption" => OVERSEAS_DERIVATIVES,
            "domestic-bond" => BOND,
            _ => &[],
        },
    };
    let account =
        ["CANO", "ACNT_PRDT_CD"].map(|name| (name, of(name).unwrap_or_default().to_owned()));
    let prepare = |lookup: &Lookup| {
        let given = lookup.given.iter().map(|(name, given)| {
            let value = match given {
                Text(text) => (*text).to_owned(),
                Of(name) => of(name).unwrap_or_default().to_owned(),
                Exchange => of("OVRS_EXCG_CD").unwrap_or("NASD").to_owned(),
                Exchanges if environment == Environment::Real => "ALL".to_owned(),
                Exchanges => "KRX".to_owned(),
                Yesterday => date(sent.checked_sub(DAY)),
                Today => date(Some(sent)),
                Tomorrow => date(sent.checked_add(DAY)),
            };
            (*name, value)
        });
        let given: Vec<_> = account.iter().cloned().chain(given).collect();
        // A call that this environment does not have leads nowhere.
        catalogue::find(lookup.call)?.prepare(environment, given).ok()
    };
    calls.iter().filter_map(prepare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order leads somewhere in real trading, and where paper trading has both, there, too.
    #[test]
    fn every_order_has_its_lookup() {
        // 2026-09-30 00:30 in Korea, when it is still the day before in the world.
        let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_695_800);
        for order in catalogue::all().iter().filter(|it| it.order) {
            for environment in [Environment::Real, Environment::Paper] {
                let Ok(order) = order.prepare(environment, order.example()) else { continue };
                let found = lookups(&order, environment, sent);
                let nowhere = environment == Environment::Paper && order.tr.id.contains("resv");
                assert!(!found.is_empty() || nowhere, "{} {environment:?}", order.tr.id);
                for call in found {
                    assert!(!call.tr.order && call.tr.uses_account());
                    let account = call.parameters.iter().find(|(name, _)| *name == "CANO");
                    assert_eq!(account.unwrap().1, "12345678");
                    let dates = call.parameters.iter().filter(|(_, it)| it.starts_with("2026"));
                    let expected = ["20260929", "20260930", "20261001"];
                    assert!(
                        dates.clone().all(|(_, it)| expected.contains(&it.as_str())),
                        "{call:?}"
                    );
                }
            }
        }
    }
}
