//! The whole of it, from the sessions to the clients.

use std::{io, sync::Arc, time::Duration};

use kis_broker::{ConnectionConfig, HolidayStore, Pool, PoolConfig, PoolError};
use relay_core::Hub;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, warn};

use crate::{
    alerts::{self, Alerts, AlertsError},
    bot::{self, Bot},
    config::{Config, ConfigError},
    counters::Counters,
    guard::{Guard, GuardError},
    market::{self, Market},
    metrics::Sources,
    notify::{self, Chats},
    orders::{self, Orders, OrdersError},
    reload,
    rest::{self, Api, ApiError},
    router::{self, Router},
    server::{self, App},
    wire::Wire,
    ws::Writers,
};

/// How long the sessions may take to release their registrations at a shutdown.
const RELEASE_MAX: Duration = Duration::from_millis(1_500);

/// How long notifications that are under way may take at a shutdown.
const TELL_MAX: Duration = Duration::from_secs(3);

/// A server that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Something is missing or wrong in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server would not be safe.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The sessions with KIS cannot be set up.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// KIS' REST API cannot be used.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Alerts cannot be watched for, or nobody told.
    #[error(transparent)]
    Alerts(#[from] AlertsError),
    /// Orders would not be safe, or cannot be.
    #[error(transparent)]
    Orders(#[from] OrdersError),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {error}; is another server running? choose another with --listen"
    )]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The demo has nowhere to write.
    #[error("the demo needs a temporary folder: {0}; name one with TMPDIR")]
    Folder(#[source] io::Error),
    /// The simulator of the demo cannot be started.
    #[error("cannot start the simulated KIS: {0}")]
    Simulator(#[from] kis_sim::SimError),
}

/// Relays between KIS and the clients of `listener` until `shutdown`.
/// `simulated` marks every record as such.
///
/// # Errors
/// When credentials or addresses are missing or wrong, or anybody could connect.
pub async fn run(
    listener: TcpListener,
    config: Config,
    guard: Guard,
    simulated: bool,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), StartError> {
    let guard = Arc::new(guard);
    let mut connection_config = ConnectionConfig::new(config.endpoints()?);
    connection_config.session = config.kis.session();
    connection_config.budget_file.clone_from(&config.kis.budget_file);
    let pool = Pool::new(PoolConfig::new(connection_config));
    let session = pool.handle();
    session.set_keys(&config.keys()?)?;
    let api = Arc::new(Api::new(&config)?);

    let mut hub_config = relay_core::Config::new(rand::random());
    hub_config.linger = config.relay.linger();
    hub_config.ring = config.relay.ring;
    let hub = Hub::new(hub_config, Wire { simulated });

    for topic in config.pinned()? {
        session.pin(topic.clone());
        hub.keep(topic);
    }

    let (rest, environment) = (api.client().clone(), api.environment());
    let (alerts, mut keeper) = Alerts::open(&config, hub.clone())?;
    let orders = Orders::open(&config, rest.clone(), environment, hub.clone(), simulated)?;

    let counters = Arc::new(Counters::default());
    let stop = CancellationToken::new();
    let writers = Arc::new(Writers::start(hub.clone(), config.relay.coalesce()));
    let sink = Router::new(hub.clone(), Arc::clone(&counters))
        .writing(Arc::clone(&writers))
        .alerting(Arc::clone(&alerts));
    let upstream = tokio::spawn(pool.run(sink, stop.clone().cancelled_owned()));
    tokio::spawn(router::follow_demand(hub.clone(), session.clone(), stop.clone()));

    // Real keys must not get to a simulator.
    let keyed = (!simulated).then(|| session.clone());
    let (guarded, alerted) = (Arc::clone(&guard), Arc::clone(&alerts));
    tokio::spawn(reload::watch(guarded, keyed, alerted, config.clone(), stop.clone()));
    let market = Arc::new(Market::default());
    let store = config.kis.holiday_file.clone().map(HolidayStore::open).unwrap_or_default();
    let current = market::keep_current(Arc::clone(&market), rest, environment, store, stop.clone());
    tokio::spawn(current);
    let kept = CancellationToken::new();
    let telegram = Chats::of(&config, &alerts)?;
    let webhook = bot::webhook(&config.telegram).map_err(AlertsError::from)?;
    let (webhook, brought) = webhook.unzip();
    let (told, tallies) = notify::start(&alerts, telegram.clone(), &mut keeper, &kept);
    let (market_of_rules, api_of_rules) = (Arc::clone(&market), Arc::clone(&api));
    let watched =
        alerts::Upstream::new(session.clone(), market_of_rules, api_of_rules, stop.clone());
    let keeper = tokio::spawn(keeper.run(watched, kept.clone()));
    let tasks = TaskTracker::new();
    let sources = Sources::default();
    rest::show_figures(&api, &sources);
    alerts::show_figures(&alerts, tallies, &sources);
    if let Some(orders) = &orders {
        orders::show_figures(orders, &sources);
    }
    let app = Arc::new(App {
        alerts,
        config,
        simulated,
        hub,
        session,
        api,
        orders,
        market,
        counters,
        guard,
        sources,
        tasks,
        webhook,
        writers,
    });
    let talks = TaskTracker::new();
    if let Some(Chats { telegram, memory, .. }) = telegram {
        talks.spawn(Bot::new(Arc::clone(&app), telegram, memory).run(brought, stop.clone()));
    }
    talks.close();
    let release = async {
        stop.cancelled().await;
        if timeout(RELEASE_MAX, upstream).await.is_err() {
            warn!("sessions were cut before everything was released");
        }
    };
    let serve = server::serve(listener, app, async {
        shutdown.await;
        // Clients and KIS are let go at the same time.
        stop.cancel();
    });
    tokio::join!(serve, release);
    // Nothing comes any more that a rule could see.
    kept.cancel();
    if keeper.await.is_err() {
        error!("alerts of the last seconds may not be kept");
    }
    told.close();
    let said = async { tokio::join!(told.wait(), talks.wait()) };
    if timeout(TELL_MAX, said).await.is_err() {
        warn!("a notification or an answer under way at the shutdown may be sent again");
    }
    Ok(())
}
