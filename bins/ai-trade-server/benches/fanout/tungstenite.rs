//! tokio-tungstenite as a careful program uses it: messages shared by all clients, fed to
//! each, and one flush for everything that is pending.

use std::{cell::RefCell, mem, rc::Rc, sync::Arc, thread};

use clap::Args;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{LocalSet, spawn_local, yield_now},
    time::sleep,
};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::{
    message::{Format, Template},
    pace::{AHEAD, Pace, TICK, obey},
};

#[derive(Debug, Args)]
pub(crate) struct Tungstenite {
    #[arg(long)]
    rate: u64,
    #[arg(long)]
    format: Format,
}

#[derive(Default)]
struct Client {
    /// Batches that are not in the socket's buffer yet, and their bytes.
    pending: RefCell<(Vec<Rc<[Utf8Bytes]>>, usize)>,
    woken: Notify,
}

type Clients = Rc<RefCell<Vec<Rc<Client>>>>;

impl Tungstenite {
    pub(crate) fn run(&self) {
        let (pace, format) = (Pace::new(self.rate, self.format), self.format);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            LocalSet::new().block_on(&runtime.unwrap(), serve(pace, format));
        });
        obey();
    }
}

async fn serve(pace: Pace, format: Format) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let clients = Clients::default();
    spawn_local(publish(pace, Template::new(format), Rc::clone(&clients)));
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        spawn_local(send(stream, format, Rc::clone(&clients)));
    }
}

async fn send(stream: TcpStream, format: Format, clients: Clients) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    // Its subscription, answered by one message, as a real server does.
    socket.next().await;
    socket.send(Message::Text(Template::new(format).text())).await.unwrap();
    let client = Rc::new(Client::default());
    clients.borrow_mut().push(Rc::clone(&client));
    loop {
        client.woken.notified().await;
        let (batches, _) = mem::take(&mut *client.pending.borrow_mut());
        for text in batches.iter().flat_map(|it| it.iter()) {
            if socket.feed(Message::Text(text.clone())).await.is_err() {
                return;
            }
        }
        if socket.flush().await.is_err() {
            return;
        }
    }
}

async fn publish(mut pace: Pace, mut template: Template, clients: Clients) {
    let due = Arc::new(Notify::new());
    let bell = Arc::clone(&due);
    pace.on_due(move || bell.notify_one());
    loop {
        let batch: Rc<[Utf8Bytes]> = pace.due().map(|_| template.text()).collect();
        let idle = batch.is_empty();
        for client in clients.borrow().iter().filter(|_| !idle) {
            let mut pending = client.pending.borrow_mut();
            pending.1 += batch.iter().map(|it| it.len()).sum::<usize>();
            pending.0.push(Rc::clone(&batch));
            client.woken.notify_one();
        }
        if pace.is_unthrottled() && !idle {
            yield_now().await;
            while clients.borrow().iter().any(|it| it.pending.borrow().1 > AHEAD) {
                sleep(TICK).await;
            }
        } else if pace.is_unthrottled() {
            sleep(TICK).await;
        } else {
            due.notified().await;
        }
    }
}
