//! The clients: connect, ask, and read with as little effort as possible.

use std::{
    fs,
    io::{BufRead, Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use clap::Args;
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use serde::{Deserialize, Serialize};

use crate::message::{Format, TIME_LENGTH, TR_ID, TR_KEY, now};

#[derive(Debug, Args)]
pub(crate) struct Load {
    #[arg(long)]
    address: SocketAddr,
    /// The server's process, whose time and memory are read.
    #[arg(long)]
    server: u32,
    #[arg(long)]
    clients: usize,
    #[arg(long)]
    idle: usize,
    #[arg(long)]
    slow: usize,
    #[arg(long)]
    seconds: u64,
    #[arg(long)]
    format: Format,
    #[arg(long)]
    rate: u64,
}

/// How long what is under way at the end may take.
const DRAIN_MAX: Duration = Duration::from_secs(3);

/// What was measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Messages that clients got while it was measured.
    pub(crate) deliveries: u64,
    /// For how long, in seconds.
    pub(crate) seconds: f64,
    /// The server's processor time meanwhile, in seconds.
    pub(crate) cpu: f64,
    /// From publishing to reading, in microseconds: p50, p99, p99.9.
    pub(crate) latency: [f64; 3],
    /// The server's memory for each client, in bytes, all being idle.
    pub(crate) per_client: f64,
    /// Messages published that clients did not get, of all that were to come.
    pub(crate) lost: u64,
    /// The server's memory at the end, in bytes.
    pub(crate) resident: u64,
}

/// One connection, and where in the stream of frames it is.
struct Client {
    stream: TcpStream,
    /// How much of the present frame is still to come.
    rest: usize,
    /// The beginning of a frame whose header has not come whole.
    head: [u8; HEADER - 1],
    head_len: usize,
    messages: u64,
}

/// The longest header there is, of frames of less than 64 KiB.
const HEADER: usize = 4;

/// So many times a second are looked at, more or less: all would slow the reader down.
const SAMPLES: u64 = 100_000;

/// Reads everything of everybody.
struct Reader {
    clients: Vec<Client>,
    poll: Poll,
    buffer: Vec<u8>,
    time_at: usize,
    /// Every how many messages the time is looked at, and after how many it is next.
    sample: u64,
    until_sample: u64,
    deliveries: u64,
    latencies: Vec<u32>,
}

impl Load {
    pub(crate) fn run(&self) {
        let before = resident(self.server);
        // No multiple of the clients, so that everybody has turns.
        let sample = match self.rate {
            0 => 997,
            rate => (rate * self.clients as u64 / SAMPLES).max(1) | 1,
        };
        let mut reader = Reader {
            clients: Vec::new(),
            poll: Poll::new().unwrap(),
            buffer: vec![0; 128 * 1024],
            time_at: self.format.time_at(),
            sample,
            until_sample: sample,
            deliveries: 0,
            latencies: Vec::with_capacity(1 << 20),
        };
        let _idle: Vec<_> = (0..self.idle).map(|_| self.connect("999999")).collect();
        for _ in 0..self.clients {
            let stream = self.connect(TR_KEY);
            reader.add(stream);
        }
        let slow: Vec<_> = (0..self.slow).map(|_| self.connect(TR_KEY)).collect();
        let connected = self.clients + self.idle + self.slow;
        let per_client = resident(self.server).saturating_sub(before) as f64 / connected as f64;
        println!("ready");

        reader.read_for(Duration::from_millis(700), &slow);
        reader.deliveries = 0;
        reader.latencies.clear();
        let (start, cpu) = (Instant::now(), cpu(self.server));
        reader.read_for(Duration::from_secs(self.seconds), &slow);
        let seconds = start.elapsed().as_secs_f64();
        let mut figures = Figures {
            deliveries: reader.deliveries,
            seconds,
            cpu: self::cpu(self.server) - cpu,
            latency: quantiles(&mut reader.latencies),
            per_client,
            lost: 0,
            resident: resident(self.server),
        };
        println!("measured");

        let mut line = String::new();
        std::thread::scope(|scope| {
            let told = scope.spawn(|| std::io::stdin().lock().read_line(&mut line).unwrap());
            while !told.is_finished() {
                reader.read_for(Duration::from_millis(20), &slow);
            }
        });
        let published: u64 = line.trim().parse().unwrap();
        let all = published * self.clients as u64;
        let quiet = Duration::from_millis(500);
        let mut last = (Instant::now(), reader.messages());
        let end = Instant::now() + DRAIN_MAX;
        while reader.messages() < all && last.0.elapsed() < quiet && Instant::now() < end {
            reader.read_for(Duration::from_millis(20), &slow);
            if reader.messages() > last.1 {
                last = (Instant::now(), reader.messages());
            }
        }
        figures.lost = all.saturating_sub(reader.messages());
        println!("{}", serde_json::to_string(&figures).unwrap());
    }

    /// Connects, subscribes, and takes the acknowledgement.
    fn connect(&self, tr_key: &str) -> std::net::TcpStream {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        let text = format!(
            r#"{{"type":"subscribe","id":1,"tr_id":"{TR_ID}","tr_key":"{tr_key}","format":"{}"}}"#,
            self.format
        );
        // A mask of zeros leaves the text as it is.
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        stream.write_all(&frame).unwrap();
        let mut head = [0; 4];
        stream.read_exact(&mut head[..2]).unwrap();
        let mut length = usize::from(head[1]);
        if length == 126 {
            stream.read_exact(&mut head[2..]).unwrap();
            length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        }
        stream.read_exact(&mut vec![0; length]).unwrap();
        stream
    }
}

impl Reader {
    fn add(&mut self, stream: std::net::TcpStream) {
        stream.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(stream);
        let token = Token(self.clients.len());
        self.poll.registry().register(&mut stream, token, Interest::READABLE).unwrap();
        self.clients.push(Client {
            stream,
            rest: 0,
            head: [0; HEADER - 1],
            head_len: 0,
            messages: 0,
        });
    }

    fn messages(&self) -> u64 {
        self.clients.iter().map(|it| it.messages).sum()
    }

    fn read_for(&mut self, time: Duration, slow: &[std::net::TcpStream]) {
        let end = Instant::now() + time;
        let mut events = Events::with_capacity(4096);
        let mut sips = Instant::now();
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.poll.poll(&mut events, Some(left.min(Duration::from_millis(20)))).unwrap();
            for event in &events {
                self.read(event.token().0);
            }
            // A slow client takes a few kilobytes now and then.
            if sips.elapsed() > Duration::from_millis(100) {
                sips = Instant::now();
                for mut stream in slow {
                    stream.set_nonblocking(true).unwrap();
                    let _ = stream.read(&mut self.buffer[..4096]);
                }
            }
        }
    }

    fn read(&mut self, index: usize) {
        let client = &mut self.clients[index];
        loop {
            // Room for the beginning of a header before what is read.
            let Ok(read @ 1..) = client.stream.read(&mut self.buffer[HEADER..]) else { return };
            let arrived = now();
            let start = HEADER - client.head_len;
            self.buffer[start..HEADER].copy_from_slice(&client.head[..client.head_len]);
            client.head_len = 0;
            let mut bytes = &self.buffer[start..HEADER + read];
            let mut whole = 0;
            if client.rest > 0 {
                let step = client.rest.min(bytes.len());
                client.rest -= step;
                bytes = &bytes[step..];
                whole += u64::from(client.rest == 0);
            }
            while let Some(length) = frame_length(bytes) {
                self.until_sample -= 1;
                if self.until_sample == 0 {
                    self.until_sample = self.sample;
                    if let Some(digits) = bytes.get(self.time_at..self.time_at + TIME_LENGTH) {
                        self.latencies.push(latency(digits, arrived));
                    }
                }
                if length > bytes.len() {
                    client.rest = length - bytes.len();
                    bytes = &[];
                    break;
                }
                whole += 1;
                bytes = &bytes[length..];
            }
            client.head[..bytes.len()].copy_from_slice(bytes);
            client.head_len = bytes.len();
            client.messages += whole;
            self.deliveries += whole;
            // A short read has emptied the socket.
            if read < self.buffer.len() - HEADER {
                return;
            }
        }
    }
}

/// How long a frame is with its header, if that is whole.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [_, 126, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([*high, *low]))),
        [_, 126, ..] | [_] | [] => None,
        [_, length, ..] => Some(2 + usize::from(length & 0x7f)),
    }
}

/// Tenths of microseconds since the time these digits tell; 0 if they are none.
fn latency(digits: &[u8], arrived: u64) -> u32 {
    let published = digits
        .iter()
        .fold(0_u64, |sum, it| sum.wrapping_mul(10).wrapping_add(u64::from(it.wrapping_sub(b'0'))));
    u32::try_from(arrived.saturating_sub(published) / 100).unwrap_or(u32::MAX)
}

/// Tenths of microseconds to microseconds at p50, p99, p99.9.
fn quantiles(latencies: &mut [u32]) -> [f64; 3] {
    latencies.sort_unstable();
    [0.5, 0.99, 0.999].map(|quantile| {
        let at = (latencies.len() as f64 * quantile) as usize;
        latencies
            .get(at.min(latencies.len().saturating_sub(1)))
            .map_or(0.0, |it| f64::from(*it) / 10.0)
    })
}

/// Seconds of processor time that a process has used.
fn cpu(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // Linux reports in hundredths of a second.
    ticks as f64 / 100.0
}

/// Bytes of memory that a process has resident.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}
