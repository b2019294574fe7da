//! Prints what is open, and whether a topic should tick: `cargo run --example sessions`, or
//! with a topic and a Korean time, `-- H0STCNT0:005930 2026-11-19T09:30:00`.

use std::{
    env,
    error::Error,
    io::{self, Write},
    time::SystemTime,
};

use kis_protocol::{
    FromField, Topic,
    calendar::{Calendar, Session},
    time::{Time, Timestamp},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let topic: Option<Topic> = arguments.next().map(|it| it.parse()).transpose()?;
    let now = match arguments.next() {
        Some(text) => korean(&text)?,
        None => Timestamp::from(SystemTime::now()),
    };
    let calendar = Calendar::default();
    let mut out = io::stdout().lock();
    let shown = |session: Option<Session>| match session {
        Some(it) => {
            let doubt = if it.certain { "" } else { "?" };
            format!("{}{doubt} {} to {}", it.kind, it.opens, it.closes)
        }
        None => "-".to_owned(),
    };
    writeln!(out, "at {now}")?;
    for it in calendar.status(now) {
        writeln!(out, "{:<25} now  {}", it.segment.to_string(), shown(it.open))?;
        writeln!(out, "{:<25} next {}", "", shown(it.next))?;
    }
    if let Some(topic) = topic {
        let answer = calendar.expected(&topic, now);
        let until = answer.next_change.map_or_else(|| "further notice".into(), |it| it.to_string());
        writeln!(out, "{topic}: {:?} until {until}", answer.expected)?;
    }
    Ok(())
}

fn korean(text: &str) -> Result<Timestamp, Box<dyn Error>> {
    let wrong = || format!("not a time {text:?}: write it as in 2026-11-19T09:30:00");
    let (date, time) = text.split_once('T').ok_or_else(wrong)?;
    let time = Time::from_field(&time.replace(':', "")).ok_or_else(wrong)?;
    Ok(Timestamp::korean(date.parse()?, time))
}
