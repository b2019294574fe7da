//! Which market is open: the calendar, kept up to date by what KIS tells.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use kis_broker::{CallOptions, HolidayStore, Rest};
use kis_protocol::{
    calendar::{Calendar, Country, Holidays},
    catalogue::{self, Environment},
    time::{Date, Timestamp},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// How often is looked whether KIS should be asked; it is at most once a day.
const INTERVAL: Duration = Duration::from_secs(600);

/// The calendar at the moment.
#[derive(Debug, Default)]
pub struct Market(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    calendar: Arc<Calendar>,
    until: Option<Date>,
}

impl Market {
    /// The calendar as of now.
    pub fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).calendar)
    }

    /// The last day of which KIS has told whether KRX trades.
    pub fn known_until(&self) -> Option<Date> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).until
    }

    fn learn(&self, holidays: &Holidays) {
        let mut calendar = Calendar::default();
        calendar.learn(holidays.clone());
        let until = holidays.last(Country::Korea);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Known { calendar: Arc::new(calendar), until };
    }
}

/// Asks KIS for trading days when it is time to, until `stop`.
pub(crate) async fn keep_current(
    market: Arc<Market>,
    rest: Rest,
    environment: Environment,
    mut store: HolidayStore,
    stop: CancellationToken,
) {
    market.learn(store.holidays());
    let offered = |id| catalogue::find(id).is_some_and(|it| it.is_offered(environment));
    if ![Holidays::DOMESTIC_CALL, Holidays::OVERSEAS_CALL].into_iter().all(offered) {
        info!("paper trading does not tell of trading days: only what is known in advance counts");
        return;
    }
    loop {
        let refreshed = store.refresh(environment, Timestamp::from(SystemTime::now()), |call| {
            let rest = rest.clone();
            async move { rest.call(&call, CallOptions::default()).await?.value() }
        });
        let refreshed = stop.run_until_cancelled(refreshed).await;
        match refreshed {
            None => return,
            Some(Ok(false)) => {}
            Some(Ok(true)) => debug!("trading days learned"),
            Some(Err(error)) => warn!(%error, "trading days not learned"),
        }
        market.learn(store.holidays());
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}
