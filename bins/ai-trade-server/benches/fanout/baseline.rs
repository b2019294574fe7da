//! Raw sockets: the least that any server would have to do.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    thread,
    time::Duration,
};

use clap::Args;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

use crate::{
    message::{Format, TIME_LENGTH, now},
    pace::{Pace, TICK, obey},
};

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[arg(long)]
    rate: u64,
    /// Bytes of a message, header included.
    #[arg(long)]
    size: usize,
    /// Whether everything pending goes out in one write.
    #[arg(long, action = clap::ArgAction::Set)]
    coalesced: bool,
}

/// The log holds no more than this for the slowest client.
const LOG: u64 = 4 * 1024 * 1024;

struct Client {
    stream: TcpStream,
    /// How far in the log it is; `None` until it has asked for data.
    cursor: Option<u64>,
    blocked: bool,
}

impl Baseline {
    pub(crate) fn run(&self) {
        let (rate, size, coalesced) = (self.rate, self.size, self.coalesced);
        thread::spawn(move || serve(Pace::new(rate), size, coalesced));
        obey();
    }
}

fn serve(mut pace: Pace, size: usize, coalesced: bool) {
    let mut poll = Poll::new().unwrap();
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    poll.registry().register(&mut listener, Token(usize::MAX), Interest::READABLE).unwrap();
    println!("{}", listener.local_addr().unwrap());
    let template = template(size);
    let mut events = Events::with_capacity(4096);
    let mut clients: Vec<Client> = Vec::new();
    // The bytes of the log from `base` on.
    let mut log: VecDeque<u8> = VecDeque::new();
    let mut base = 0_u64;
    let mut scratch = vec![0; 4096];
    loop {
        let slowest = clients.iter().filter_map(|it| it.cursor).min();
        let end = base + log.len() as u64;
        // Without a rate, the sender waits for the slowest.
        if !pace.is_unthrottled() || slowest.is_none_or(|it| end - it < LOG / 4) {
            let at = Format::Raw.time_at();
            for _ in pace.due() {
                let start = log.len();
                log.extend(&template);
                let time = now().to_string();
                for (byte, digit) in
                    log.range_mut(start + at..start + at + TIME_LENGTH).zip(time.bytes())
                {
                    *byte = digit;
                }
            }
        }
        let end = base + log.len() as u64;
        log.make_contiguous();
        let (bytes, _) = log.as_slices();
        let mut waiting = false;
        for client in &mut clients {
            while let Some(cursor) = client.cursor.filter(|&it| it < end && !client.blocked) {
                let from = (cursor - base) as usize;
                // The rest of a message that was begun, or one, or everything.
                let rest = size - (cursor % size as u64) as usize;
                let to = if coalesced { bytes.len() } else { from + rest };
                match client.stream.write(&bytes[from..to]) {
                    Ok(written) => client.cursor = Some(cursor + written as u64),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => client.blocked = true,
                    Err(_) => client.cursor = None,
                }
            }
            waiting |= client.cursor.is_some_and(|it| it < end);
        }
        let slowest = clients.iter().filter_map(|it| it.cursor).min().unwrap_or(end);
        if slowest - base > LOG {
            log.drain(..(slowest - base) as usize);
            base = slowest;
        }
        let busy = pace.is_unthrottled() && !waiting && !clients.is_empty();
        let timeout = if busy { Duration::ZERO } else { TICK };
        poll.poll(&mut events, Some(timeout)).unwrap();
        for event in &events {
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
                        let _ = client.stream.write(&template);
                        client.cursor = Some(end);
                    }
                }
            }
        }
    }
}

/// A message of `size` bytes with the time where raw ones have it.
fn template(size: usize) -> Vec<u8> {
    let mut frame = vec![b'x'; size];
    frame[..2].copy_from_slice(&[0x81, 126]);
    frame[2..4].copy_from_slice(&u16::try_from(size - 4).unwrap().to_be_bytes());
    frame
}
