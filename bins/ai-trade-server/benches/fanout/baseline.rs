//! Raw sockets: the least that any server would have to do.
//!
//! One contiguous log for everybody, a cursor for each client, and writes as large as the
//! sockets take them; or, for comparison, one write a message.

use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    thread,
    time::Duration,
};

use clap::Args;
use mio::{
    Events, Interest, Poll, Token, Waker,
    net::{TcpListener, TcpStream},
};

use crate::{
    message::{Format, Template},
    pace::{AHEAD, Pace, obey},
};

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[arg(long)]
    rate: u64,
    #[arg(long)]
    format: Format,
    /// Whether everything pending goes out in one write.
    #[arg(long, action = clap::ArgAction::Set)]
    coalesced: bool,
}

/// Says that a message is due.
const DUE: Token = Token(usize::MAX - 1);

/// How long nothing may happen before the sender looks by itself.
const IDLE: Duration = Duration::from_millis(20);

/// So many bytes that everybody has got are kept before the log is moved up.
const LOG: u64 = 4 * 1024 * 1024;

struct Client {
    stream: TcpStream,
    /// How far in the log it is; `None` until it has asked for data.
    cursor: Option<u64>,
    blocked: bool,
}

impl Baseline {
    pub(crate) fn run(&self) {
        let (pace, template) = (Pace::new(self.rate, self.format), Template::new(self.format));
        let coalesced = self.coalesced;
        thread::spawn(move || serve(pace, template, coalesced));
        obey();
    }
}

fn serve(mut pace: Pace, mut template: Template, coalesced: bool) {
    let mut poll = Poll::new().unwrap();
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    poll.registry().register(&mut listener, Token(usize::MAX), Interest::READABLE).unwrap();
    println!("{}", listener.local_addr().unwrap());
    let waker = Waker::new(poll.registry(), DUE).unwrap();
    pace.on_due(move || waker.wake().unwrap());
    let size = template.frame().len();
    let mut events = Events::with_capacity(4096);
    let mut clients: Vec<Client> = Vec::new();
    // The bytes of the log from `base` on.
    let mut log: Vec<u8> = Vec::new();
    let mut base = 0_u64;
    let mut scratch = vec![0; 4096];
    loop {
        let end = base + log.len() as u64;
        let slowest = clients.iter().filter_map(|it| it.cursor).min().unwrap_or(end);
        if slowest - base > LOG {
            log.drain(..(slowest - base) as usize);
            base = slowest;
        }
        // Without a rate, the sender waits for the slowest.
        if !pace.is_unthrottled() || end - slowest < AHEAD as u64 {
            for _ in pace.due() {
                log.extend_from_slice(template.frame());
            }
        }
        let end = base + log.len() as u64;
        let mut waiting = false;
        for client in &mut clients {
            while let Some(cursor) = client.cursor.filter(|&it| it < end && !client.blocked) {
                let from = (cursor - base) as usize;
                // The rest of a message that was begun, or one, or everything.
                let rest = size - (cursor % size as u64) as usize;
                let to = if coalesced { log.len() } else { from + rest };
                match client.stream.write(&log[from..to]) {
                    Ok(written) => client.cursor = Some(cursor + written as u64),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => client.blocked = true,
                    Err(_) => client.cursor = None,
                }
            }
            waiting |= client.cursor.is_some_and(|it| it < end);
        }
        let busy = pace.is_unthrottled() && !waiting && !clients.is_empty();
        let timeout = if busy { Duration::ZERO } else { IDLE };
        poll.poll(&mut events, Some(timeout)).unwrap();
        for event in events.iter().filter(|it| it.token() != DUE) {
            let Some(client) = clients.get_mut(event.token().0) else {
                while let Ok((mut stream, _)) = listener.accept() {
                    let _ = stream.set_nodelay(true);
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut stream, Token(clients.len()), interest).unwrap();
                    clients.push(Client { stream, cursor: None, blocked: false });
                }
                continue;
            };
            client.blocked &= !event.is_writable();
            if event.is_readable() {
                while let Ok(read @ 1..) = client.stream.read(&mut scratch) {
                    if scratch[..read].starts_with(b"GET") {
                        let _ = client.stream.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n");
                    } else if client.cursor.is_none() {
                        // Its subscription, answered by one message, as a real server does.
                        let _ = client.stream.write(template.frame());
                        client.cursor = Some(end);
                    }
                }
            }
        }
    }
}
