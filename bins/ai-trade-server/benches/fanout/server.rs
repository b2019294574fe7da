//! The real server in this process, with a publisher where the session would be.

use std::{sync::Arc, thread, time::Duration};

use ai_trade_server::{
    alerts::Alerts,
    config::Config,
    counters::Counters,
    guard::Guard,
    metrics::Sources,
    rest::Api,
    router::Router,
    server::{self, App},
    wire::Wire,
    ws::Writers,
};
use clap::Args;
use kis_broker::{ConnectionConfig, Pool, PoolConfig, Sink};
use kis_protocol::Topic;
use relay_core::{Hub, Limits, Options};
use tokio::{net::TcpListener, sync::Notify, task::yield_now, time::sleep};
use tokio_util::task::TaskTracker;

use crate::{
    message::{Format, kis_frame, now},
    pace::{AHEAD, Pace, TICK, obey},
};

#[derive(Debug, Args)]
pub(crate) struct Server {
    #[arg(long)]
    rate: u64,
    #[arg(long)]
    format: Format,
    #[arg(long)]
    topics: usize,
    #[arg(long)]
    coalesce: u64,
}

impl Server {
    pub(crate) fn run(&self) {
        let Self { rate, format, topics, coalesce } = *self;
        let pace = Pace::new(rate, format);
        thread::spawn(move || {
            // As in the program itself.
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(serve(pace, topics, coalesce));
        });
        obey();
    }
}

async fn serve(pace: Pace, topics: usize, coalesce: u64) {
    let hub = Hub::new(relay_core::Config::new(1), Wire { simulated: false });
    let mut config = Config::default();
    config.listen_on(([127, 0, 0, 1], 0).into());
    config.kis.env = "custom".to_owned();
    config.kis.app_key = "key".into();
    config.kis.app_secret = "secret".into();
    config.kis.rest_url = Some("http://127.0.0.1:9".to_owned());
    config.kis.ws_url = Some("ws://127.0.0.1:9".to_owned());
    config.relay.clients_max = 100_000;
    let guard = Arc::new(Guard::new(&config).unwrap());
    let api = Arc::new(Api::new(&config).unwrap());
    let connection = ConnectionConfig::new(config.endpoints().unwrap());
    let pool = Pool::new(PoolConfig::new(connection));
    let counters = Arc::new(Counters::default());
    let folder = tempfile::tempdir().unwrap();
    config.alerts.file = Some(folder.path().join("alerts.redb"));
    let (alerts, _keeper) = Alerts::open(&config, hub.clone()).unwrap();
    let writers = Arc::new(Writers::start(hub.clone(), Duration::from_millis(coalesce)));
    let router = Router::new(hub.clone(), Arc::clone(&counters))
        .writing(Arc::clone(&writers))
        .alerting(Arc::clone(&alerts));
    let others = hub.connect(Limits { messages: usize::MAX, bytes: usize::MAX });
    for number in 0..topics {
        let topic = Topic::new("H0STCNT0", &format!("T{number:06}"));
        hub.subscribe(others.client(), topic, Options::default()).unwrap();
    }
    let listener = TcpListener::bind(config.listen).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    tokio::spawn(publish(router, hub.clone(), pace));
    let app = App {
        alerts,
        config,
        simulated: false,
        hub,
        session: pool.handle(),
        api,
        market: Arc::default(),
        orders: None,
        webhook: None,
        counters,
        guard,
        sources: Sources::default(),
        tasks: TaskTracker::new(),
        writers,
    };
    server::serve(listener, Arc::new(app), std::future::pending()).await;
}

async fn publish(mut router: Router, hub: Hub<Wire>, mut pace: Pace) {
    let due = Arc::new(Notify::new());
    let bell = Arc::clone(&due);
    pace.on_due(move || bell.notify_one());
    loop {
        let mut idle = true;
        for number in pace.due() {
            idle = false;
            router.frame(&kis_frame(now(), number));
        }
        router.flush();
        if pace.is_unthrottled() && !idle {
            yield_now().await;
            // An upstream that overran everybody would measure nothing.
            while hub.clients().iter().any(|it| it.queued_bytes > AHEAD) {
                sleep(TICK).await;
            }
        } else if pace.is_unthrottled() {
            sleep(TICK).await;
        } else {
            due.notified().await;
        }
    }
}
