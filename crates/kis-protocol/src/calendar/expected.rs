//! Should a tick be flowing now?

use serde::Serialize;

use super::{
    Calendar, Country, Segment, Session, SessionKind,
    session::{date_at, known_since, midnight},
};
use crate::{
    FromField, Market, StreamKind, Topic, TrId, Venue,
    code::{Feed, OverseasExchange, OverseasKey},
    time::Timestamp,
};

/// How far ahead a change of the answer is looked for. Markets have never been closed for
/// longer by plan, so a stream that stays silent this long has no market any more.
const DAYS_AHEAD: i64 = 14;
/// How late KIS' free quotes of Asian exchanges are (KIS portal, HDFSCNT0).
const FREE_DELAY: i64 = 15 * 60;

/// Whether ticks should be flowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Silence is normal. A tick may come all the same, such as the closing auction's.
    No,
    /// Silence tells nothing, for the stream or for the day.
    Unknown,
    /// The market is open and the stream is one that its trading keeps busy: silence for
    /// longer than the instrument's trading explains means that something is wrong.
    Yes,
}

/// An answer, and how long it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Expectation {
    /// The answer.
    pub expected: Expected,
    /// The session that is on; of several (통합), the one that made the answer.
    pub session: Option<Session>,
    /// When the answer will be another one, unless the calendar learns something until then;
    /// none when it stays for two weeks.
    pub next_change: Option<Timestamp>,
}

/// What is on in a segment, and what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SegmentStatus {
    /// What trades.
    pub segment: Segment,
    /// The session that is on. It may be an uncertain one.
    pub open: Option<Session>,
    /// The session that begins next, within two weeks.
    pub next: Option<Session>,
}

impl Calendar {
    /// What is on, and what comes next, in every segment.
    pub fn status(&self, now: Timestamp) -> Vec<SegmentStatus> {
        let status = |segment| {
            let segments = [segment];
            let view = View::new(self, &segments, now);
            let open = view.sessions.iter().find(|it| it.contains(now)).copied();
            let later = |it: &&Session| it.opens.unix_seconds() > now.unix_seconds();
            let next = view.sessions.iter().find(later).copied();
            SegmentStatus { segment, open, next }
        };
        Segment::ALL.into_iter().map(status).collect()
    }

    /// Whether ticks of a topic should be flowing at `now`. The answer speaks of the market,
    /// not of the instrument, of which it knows nothing but the key.
    pub fn expected(&self, topic: &Topic, now: Timestamp) -> Expectation {
        let question = topic.tr_id().parse().ok().and_then(|it| Stream::new(it, topic.tr_key()));
        let Some(stream) = question else {
            let expected = Expected::Unknown;
            return Expectation { expected, session: None, next_change: None };
        };
        let view = View::new(self, stream.segments, now);
        let answer = |at| view.answer(&stream, at);
        let (expected, session) = answer(now);
        let mut changes = view.boundaries(&stream, now);
        changes.sort_unstable_by_key(|it| it.unix_seconds());
        let next_change = changes.into_iter().find(|it| answer(*it).0 != expected);
        Expectation { expected, session, next_change }
    }
}

/// What has to be known of a topic.
struct Stream {
    segments: &'static [Segment],
    market: Market,
    kind: StreamKind,
    /// How many seconds its ticks may be late.
    delay: i64,
}

impl Stream {
    /// None when nothing can be said of the stream.
    fn new(tr_id: TrId, tr_key: &str) -> Option<Self> {
        let (market, kind) = (tr_id.market(), tr_id.kind());
        if matches!(kind, StreamKind::Notice | StreamKind::MarketStatus) {
            return None;
        }
        let mut delay = 0;
        let segments: &[Segment] = match (market, tr_id.venue()) {
            (Market::Stock, Venue::Unified) => &[Segment::KrxStock, Segment::Nxt],
            (Market::Stock, Venue::Nxt) => &[Segment::Nxt],
            (Market::Stock | Market::Index, _) => &[Segment::KrxStock],
            (Market::Elw | Market::Etf, _) => &[Segment::KrxListedProduct],
            (_, Venue::Night) => &[Segment::KrxNight],
            (Market::IndexFuture | Market::IndexOption, _) => &[Segment::KrxIndexDerivative],
            (Market::StockFuture | Market::StockOption, _) => &[Segment::KrxStockDerivative],
            (Market::CommodityFuture, _) => &[Segment::KrxCommodityDerivative],
            (Market::Bond, _) => &[Segment::KrxBond],
            (Market::OverseasStock, _) => {
                let key = OverseasKey::from_field(tr_key)?;
                let segments = overseas(key)?;
                let american = segments.iter().any(|it| it.country() == Country::UnitedStates);
                if american && tr_id == TrId::HDFSASP1 {
                    return None;
                }
                // A free key becomes a real-time one when the owner has paid for it.
                delay = if american || key.feed == Feed::RealTime { 0 } else { FREE_DELAY };
                segments
            }
            // The products of one foreign exchange differ in their hours.
            (Market::OverseasFuture | Market::FutureOption, _) => return None,
        };
        Some(Self { segments, market, kind, delay })
    }

    /// Whether its ticks flow in a session that takes place.
    fn flows(&self, session: &Session) -> Expected {
        use Expected::{No, Unknown, Yes};
        use SessionKind::{
            AfterMarket, ClosingAuction, ClosingPrice, OpeningAuction, OrderCollection, PreMarket,
            Regular, SinglePrice,
        };
        let korean = session.segment.country() == Country::Korea;
        match (self.kind, session.kind) {
            (StreamKind::Trade, Regular) => Yes,
            // An index stands still while its shares are in an auction, and whether KIS
            // computes it in the after-market is not documented.
            (StreamKind::Trade, kind) if self.market == Market::Index => match kind {
                AfterMarket | ClosingAuction => Unknown,
                _ => No,
            },
            (StreamKind::Trade, PreMarket | AfterMarket) => Yes,
            (StreamKind::Trade, OrderCollection | ClosingPrice | SinglePrice) => Unknown,
            (StreamKind::Trade, OpeningAuction | ClosingAuction) => No,

            (StreamKind::OrderBook, Regular | PreMarket | AfterMarket) => Yes,
            (StreamKind::OrderBook, OpeningAuction | ClosingAuction) if korean => Yes,
            (StreamKind::OrderBook, _) => Unknown,

            (StreamKind::ExpectedTrade, OpeningAuction | ClosingAuction) => Yes,
            // There are some after a volatility interruption, which is rare.
            (StreamKind::ExpectedTrade, Regular | ClosingPrice | SinglePrice) => No,
            (StreamKind::ExpectedTrade, OrderCollection | PreMarket | AfterMarket) => Unknown,

            (StreamKind::OvertimeOrderBook | StreamKind::OvertimeExpectedTrade, SinglePrice) => Yes,
            (StreamKind::OvertimeTrade, SinglePrice) => Unknown,
            (StreamKind::OvertimeOrderBook, OrderCollection | ClosingPrice) => Unknown,
            (StreamKind::OvertimeTrade, OrderCollection | ClosingPrice) => Unknown,
            (
                StreamKind::OvertimeTrade
                | StreamKind::OvertimeOrderBook
                | StreamKind::OvertimeExpectedTrade,
                _,
            ) => No,

            (StreamKind::Members | StreamKind::ProgramTrade | StreamKind::Nav, Regular) => Yes,
            (StreamKind::IndexTrade, Regular) => Unknown,
            (StreamKind::Members | StreamKind::ProgramTrade, PreMarket | AfterMarket) => Unknown,
            (
                StreamKind::Members
                | StreamKind::ProgramTrade
                | StreamKind::Nav
                | StreamKind::IndexTrade,
                _,
            ) => No,
            (StreamKind::Notice | StreamKind::MarketStatus, _) => Unknown,
        }
    }
}

/// The segment of an overseas key; none where feed and exchange do not go together.
fn overseas(key: OverseasKey<'_>) -> Option<&'static [Segment]> {
    let known = matches!(key.feed, Feed::Free | Feed::RealTime);
    Some(match (key.exchange, key.feed) {
        _ if !known => return None,
        (
            OverseasExchange::NewYork | OverseasExchange::Nasdaq | OverseasExchange::Amex,
            Feed::Free,
        ) => &[Segment::UnitedStates],
        (
            OverseasExchange::NewYorkDay | OverseasExchange::NasdaqDay | OverseasExchange::AmexDay,
            Feed::RealTime,
        ) => &[Segment::UnitedStatesDay],
        (OverseasExchange::Tokyo, _) => &[Segment::Tokyo],
        (OverseasExchange::HongKong, _) => &[Segment::HongKong],
        (OverseasExchange::Shanghai, _) => &[Segment::Shanghai],
        (OverseasExchange::Shenzhen, _) => &[Segment::Shenzhen],
        (OverseasExchange::HoChiMinh, _) => &[Segment::HoChiMinh],
        (OverseasExchange::Hanoi, _) => &[Segment::Hanoi],
        _ => return None,
    })
}

/// The sessions around a moment.
struct View<'a> {
    segments: &'a [Segment],
    sessions: Vec<Session>,
}

impl<'a> View<'a> {
    fn new(calendar: &Calendar, segments: &'a [Segment], now: Timestamp) -> Self {
        let mut sessions = Vec::new();
        for segment in segments {
            let today = date_at(*segment, now);
            // Yesterday's night may still be on.
            for days in -2..=DAYS_AHEAD {
                calendar.push_sessions(*segment, today.plus_days(days), &mut sessions);
            }
        }
        sessions.sort_by_key(|it| it.opens.unix_seconds());
        Self { segments, sessions }
    }

    /// The answer at a moment: what may be late flows only if it would flow both with and
    /// without the delay.
    fn answer(&self, stream: &Stream, at: Timestamp) -> (Expected, Option<Session>) {
        let (in_time, session) = self.undelayed(stream, at);
        let (late, _) = match stream.delay {
            0 => (in_time, session),
            delay => self.undelayed(stream, shifted(at, -delay)),
        };
        (if in_time == late { in_time } else { Expected::Unknown }, session)
    }

    fn undelayed(&self, stream: &Stream, at: Timestamp) -> (Expected, Option<Session>) {
        let too_old = self
            .segments
            .iter()
            .any(|segment| known_since(*segment).is_none_or(|since| date_at(*segment, at) < since));
        if too_old {
            return (Expected::Unknown, None);
        }
        let answer = |session: &Session| match stream.flows(session) {
            Expected::Yes if !session.certain => Expected::Unknown,
            flows => flows,
        };
        let open = self.sessions.iter().filter(|it| it.contains(at));
        let best = open.map(|it| (answer(it), Some(*it))).max_by_key(|it| it.0);
        best.unwrap_or((Expected::No, None))
    }

    /// The moments after `now` at which the answer may change.
    fn boundaries(&self, stream: &Stream, now: Timestamp) -> Vec<Timestamp> {
        let sessions = self.sessions.iter().flat_map(|it| [it.opens, it.closes]);
        let starts = self.segments.iter().filter_map(|it| Some(midnight(*it, known_since(*it)?)));
        let mut all: Vec<_> = sessions.chain(starts).collect();
        if stream.delay > 0 {
            all.extend(all.clone().into_iter().map(|it| shifted(it, stream.delay)));
        }
        all.retain(|it| it.unix_seconds() > now.unix_seconds());
        all
    }
}

/// The moment so many seconds later.
fn shifted(at: Timestamp, seconds: i64) -> Timestamp {
    let moved = Timestamp::from_unix(at.unix_seconds().saturating_add(seconds), 0);
    moved.with_offset(at.offset_minutes())
}
