use kis_protocol::normalized::Event;
use serde::{Deserialize, Serialize};

use super::{Effect, not_negative, positive, value, within};
use crate::{
    edge::{Edge, Step},
    notification::Fact,
    number::{Number, Ratio, scaled},
    rule::RuleError,
};

/// More is traded than usual: the amount of the last seconds against the average
/// of a longer time before them.
///
/// The day's total tells what was traded while nothing was received. It is
/// spread over that time, so that a gap is no spike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// How many times as much as usual.
    pub times: Number,
    /// The last seconds: 1 to 3,600.
    pub seconds: u32,
    /// The time before them that is taken as usual: twice `seconds` or more, up
    /// to a day. Nothing fires before that much has been seen.
    pub baseline_seconds: u32,
    /// What is counted.
    #[serde(default)]
    pub measure: Measure,
    /// What must have been traded at least in the last seconds, in the unit of
    /// the measure.
    #[serde(default = "super::price::zero")]
    pub minimum: Number,
}

/// What a [`Volume`] rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Shares or contracts.
    #[default]
    Quantity,
    /// Price times quantity, without a contract's multiplier.
    Value,
}

/// How the seconds and the baseline are divided.
const SPANS: u32 = 12;

/// The scale of sums of values.
const SCALE: u8 = 4;

/// What was traded in each span, newest at `newest % len`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VolumeMemory {
    edge: Edge,
    spans: Vec<i128>,
    newest: i64,
    /// The span of the first record since the sums are whole.
    first: Option<i64>,
    recent: i128,
    baseline: i128,
    /// The day's total at the last record, and when that was.
    total: Option<i64>,
    at: i64,
    /// Found again after a restart.
    #[serde(skip)]
    calm: Calm,
}

/// When a record does nothing but add to the newest span.
#[derive(Debug, Clone, Copy)]
struct Calm {
    /// Before the next span begins.
    until: i64,
    /// While less than this was traded recently, there is no spike.
    below: i128,
    /// The newest span's place.
    newest: usize,
}

impl Default for Calm {
    fn default() -> Self {
        Self { until: i64::MIN, below: 0, newest: 0 }
    }
}

impl Volume {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        positive("when.volume.times", self.times)?;
        not_negative("when.volume.minimum", self.minimum)?;
        within("when.volume.seconds", self.seconds, 1..=3_600)?;
        within("when.volume.baseline_seconds", self.baseline_seconds, self.seconds * 2..=86_400)
    }

    #[inline]
    pub(super) fn observe(
        &self,
        memory: &mut VolumeMemory,
        event: &Event<'_>,
        now: i64,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let (quantity, total) = match event {
            Event::Trade(it) => (it.quantity.unwrap_or(0), it.volume),
            Event::IndexTick(it) => (0, it.volume),
            _ => return Effect::None,
        };
        let Some(price) = value(event) else { return Effect::None };
        let unit = match self.measure {
            Measure::Quantity => 1,
            Measure::Value if price.decimal().scale() <= SCALE => scaled(price.decimal(), SCALE),
            Measure::Value => {
                // Quotes of more digits are cut; no stream has them today.
                let digits = i128::from(price.decimal().mantissa());
                digits / 10_i128.pow(u32::from(price.decimal().scale() - SCALE))
            }
        };
        let now = now.max(memory.at);
        let missed = memory.missed(quantity, total);
        if missed == 0 && now < memory.calm.until {
            let amount = i128::from(quantity) * unit;
            let newest = memory.spans.get_mut(memory.calm.newest);
            if let Some(newest) = newest.filter(|_| memory.recent + amount < memory.calm.below) {
                *newest += amount;
                memory.recent += amount;
                memory.at = now;
                return Effect::Slight;
            }
        }
        let span = self.span();
        let (recent, whole) = (self.recent_spans(), self.recent_spans() + self.baseline_spans());
        memory.advance(now.div_euclid(span), recent, whole);
        memory.spread(i128::from(missed) * unit, now, span, recent);
        memory.add(0, i128::from(quantity) * unit, recent);
        memory.at = now;

        let beyond = self.is_spike(memory, whole);
        let step = memory.edge.step(beyond, || true);
        memory.calm = self.calm(memory, whole).unwrap_or_default();
        match step {
            Step::Nothing => return Effect::Slight,
            Step::Moved => {}
            Step::Fires => facts.push(Fact::Volume {
                measure: self.measure,
                amount: self.amount(memory.recent),
                times: self.ratio(memory).and_then(Ratio::times),
                seconds: self.seconds,
                price,
            }),
        }
        Effect::Lasting
    }

    fn span(&self) -> i64 {
        i64::from((self.seconds / SPANS).max(1))
    }

    fn recent_spans(&self) -> usize {
        (i64::from(self.seconds) / self.span()).max(1) as usize
    }

    fn baseline_spans(&self) -> usize {
        (i64::from(self.baseline_seconds) / self.span()).max(1) as usize
    }

    fn is_spike(&self, memory: &VolumeMemory, whole: usize) -> bool {
        if !memory.seen(whole) || memory.recent <= 0 || !self.enough(memory.recent) {
            return false;
        }
        match self.ratio(memory) {
            Some(ratio) => ratio.compare(self.times).is_some_and(|it| it.is_ge()),
            // Nothing is usual here; only a given minimum says what is much.
            None => self.minimum > Number::ZERO,
        }
    }

    /// As long as there is no spike; nothing where every record has to be looked at.
    fn calm(&self, memory: &VolumeMemory, whole: usize) -> Option<Calm> {
        if memory.edge != Edge::Armed {
            return None;
        }
        let newest = memory.newest.rem_euclid(memory.spans.len() as i64) as usize;
        let until = memory.newest.checked_add(1)?.checked_mul(self.span())?;
        if !memory.seen(whole) {
            return Some(Calm { until, below: i128::MAX, newest });
        }
        // The amount at which the ratio is reached, or a little less.
        let times = self.times.decimal();
        let usual = memory.baseline.checked_mul(self.recent_spans() as i128)?;
        let part = usual.checked_mul(i128::from(times.mantissa()))?;
        let whole = 10_i128.pow(u32::from(times.scale())) * self.baseline_spans() as i128;
        Some(Calm { until, below: part / whole, newest })
    }

    fn enough(&self, recent: i128) -> bool {
        let minimum = self.minimum.decimal();
        let scale = match self.measure {
            Measure::Quantity => 0,
            Measure::Value => SCALE,
        };
        let common = scale.max(minimum.scale());
        recent.saturating_mul(10_i128.pow(u32::from(common - scale))) >= scaled(minimum, common)
    }

    /// The recent amount against what the same time has usually seen.
    fn ratio(&self, memory: &VolumeMemory) -> Option<Ratio> {
        let part = memory.recent.checked_mul(self.baseline_spans() as i128)?;
        let whole = memory.baseline.checked_mul(self.recent_spans() as i128)?;
        Ratio::new(part, whole)
    }

    fn amount(&self, recent: i128) -> Number {
        let whole = match self.measure {
            Measure::Quantity => recent,
            Measure::Value => recent / 10_i128.pow(u32::from(SCALE)),
        };
        Number::from(i64::try_from(whole).unwrap_or(i64::MAX))
    }
}

impl VolumeMemory {
    /// Whether the whole time has been seen.
    fn seen(&self, whole: usize) -> bool {
        self.first.is_some_and(|it| self.newest - it >= whole as i64 - 1)
    }

    /// What the day's total says beyond the record's own quantity. A total that
    /// has not grown is of a record sent twice, or of a new day.
    #[inline]
    fn missed(&mut self, quantity: i64, total: Option<i64>) -> i64 {
        let Some(total) = total else { return 0 };
        let known = self.total.replace(total);
        known.map_or(0, |known| (total - known - quantity).max(0))
    }

    /// Makes `span` the newest.
    #[inline]
    fn advance(&mut self, span: i64, recent: usize, whole: usize) {
        if self.spans.len() != whole || self.first.is_none() {
            self.spans = vec![0; whole];
            (self.recent, self.baseline) = (0, 0);
            (self.first, self.newest) = (Some(span), span);
        }
        let steps = span - self.newest;
        if steps >= whole as i64 {
            self.spans.fill(0);
            (self.recent, self.baseline) = (0, 0);
            (self.first, self.newest) = (Some(span), span);
            return;
        }
        for _ in 0..steps {
            self.newest += 1;
            let left_recent = *self.back(recent);
            self.recent -= left_recent;
            self.baseline += left_recent;
            let oldest = self.back(0);
            let left = std::mem::take(oldest);
            self.baseline -= left;
        }
    }

    /// Adds `amount` evenly to the spans since the last record.
    #[inline]
    fn spread(&mut self, amount: i128, now: i64, span: i64, recent: usize) {
        if amount == 0 {
            return;
        }
        let since = (now.div_euclid(span) - self.at.div_euclid(span)).max(1) as i128;
        let spans = usize::try_from(since).unwrap_or(usize::MAX).min(self.spans.len());
        for back in 0..spans {
            self.add(back, amount / since, recent);
        }
        self.add(0, amount % since, recent);
    }

    #[inline]
    fn add(&mut self, back: usize, amount: i128, recent: usize) {
        *self.back(back) += amount;
        match back < recent {
            true => self.recent += amount,
            false => self.baseline += amount,
        }
    }

    /// The span that is `back` spans before the newest.
    #[inline]
    fn back(&mut self, back: usize) -> &mut i128 {
        let len = self.spans.len() as i64;
        let at = (self.newest - back as i64).rem_euclid(len) as usize;
        &mut self.spans[at]
    }
}
