//! Random prices against a model that remembers everything.

use alert_engine::Fact;

use crate::feed::{World, trade, trade_against};

/// SplitMix64: the same numbers for the same seed everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Whether the last of `prices` is a crossing, by going through all of them.
fn crosses(prices: &[i64], level: i64, hysteresis: i64, up: bool) -> bool {
    let signed = |it: i64| if up { it } else { -it };
    let level = signed(level);
    let prices: Vec<_> = prices.iter().map(|it| signed(*it)).collect();
    let Some((last, before)) = prices.split_last() else { return false };
    if *last < level || before.last().is_none_or(|it| *it >= level) {
        return false;
    }
    // Since it was last beyond, it must have been back far enough; if it never
    // was, anything counts.
    let Some(beyond) = before.iter().rposition(|it| *it >= level) else { return true };
    before[beyond..].iter().any(|it| *it <= level - hysteresis)
}

#[test]
fn crossings_are_those_of_the_model() {
    for seed in 0..100 {
        let mut random = Random(seed);
        let level = 43_300 + random.below(10) as i64;
        let hysteresis = random.below(8) as i64;
        let cooldown = [0, 0, 5, 20][random.below(4) as usize];
        let rule = format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":{cooldown},
                "when":{{"price":{{"level":"{}.{:02}","hysteresis":"0.0{hysteresis}"}}}}}}"#,
            level / 100,
            level % 100
        );
        let mut world = World::new(&[&rule]);
        let (mut prices, mut cold_until) = (Vec::new(), i64::MIN);
        let mut price = level - 3;
        for step in 0..150 {
            price += random.below(9) as i64 - 4;
            prices.push(price);
            world.now += random.below(4) as i64;
            let told = world.show(&trade(price));
            let crossed = [true, false].map(|up| crosses(&prices, level, hysteresis, up));
            let warm = world.now >= cold_until;
            let expected = usize::from(warm && crossed != [false; 2]);
            assert_eq!(
                told.len(),
                expected,
                "seed {seed}, step {step}: {prices:?} at {level}, {rule}"
            );
            if expected == 1 {
                cold_until = world.now + cooldown;
            }
            match random.below(10) {
                0 => world.restart(),
                1 => assert_eq!(world.repeat(&trade(price)), [], "seed {seed}"),
                2 => world.checkpoint(),
                _ => {}
            }
        }
    }
}

/// Moves within a time against going through all prices of that time. Windows
/// are kept in sixtieths, so the seconds of the test are multiples of one.
#[test]
fn moves_are_those_of_the_model() {
    let mut fired = 0;
    for seed in 0..100 {
        let mut random = Random(seed);
        let seconds = [600, 60, 30, 10][random.below(4) as usize];
        let (span, pace, reach) = ((seconds / 60).max(1), [2, 8][random.below(2) as usize], 15);
        let rule = format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,
                "when":{{"move":{{"percent":"0.05","seconds":{seconds}}}}}}}"#
        );
        let mut world = World::new(&[&rule]);
        let mut prices: Vec<(i64, i64)> = Vec::new();
        let (mut price, mut were_beyond) = (43_300, [true; 2]);
        for step in 0..150 {
            price += random.below(reach) as i64 - reach as i64 / 2;
            world.now += random.below(pace) as i64;
            prices.push((world.now, price));
            let told = world.show(&trade(price));
            let number = |time: i64| time.div_euclid(span);
            let oldest = number(world.now) - seconds / span;
            let window = || prices.iter().filter(|it| number(it.0) >= oldest).map(|it| it.1);
            let (low, high) = (window().min().unwrap(), window().max().unwrap());
            let are_beyond =
                [(price - low) * 10_000 >= low * 5, (high - price) * 10_000 >= high * 5];
            let fires = (0..2).filter(|it| are_beyond[*it] && !were_beyond[*it]).count();
            assert_eq!(told.len(), fires, "seed {seed}, step {step}, {rule}: {prices:?}");
            were_beyond = are_beyond;
            fired += told.len();
            if random.below(10) == 0 {
                world.checkpoint();
                world.restart();
            }
        }
    }
    assert!(fired > 200, "{fired} moves");
}

/// A distance from a close that is another one every now and then.
#[test]
fn distances_are_those_of_the_model() {
    let mut fired = 0;
    for seed in 0..100 {
        let mut random = Random(seed);
        let hysteresis = random.below(5) as i64;
        let rule = format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,
                "when":{{"change":{{"percent":"0.05","hysteresis":"0.0{hysteresis}","crosses":"up"}}}}}}"#
        );
        let mut world = World::new(&[&rule]);
        let (mut price, mut base, mut armed) = (43_300, 43_290, false);
        for step in 0..150 {
            price += random.below(13) as i64 - 6;
            if random.below(40) == 0 && step > 0 {
                base += random.below(15) as i64 + 1;
                armed = true;
            }
            let told = world.show(&trade_against(price, base));
            let beyond = (price - base) * 10_000 >= base * 5;
            let back = (price - base) * 10_000 <= base * (5 - hysteresis);
            assert_eq!(
                told.len(),
                usize::from(beyond && armed),
                "seed {seed}, step {step}: {price}"
            );
            armed = if beyond { false } else { armed || back || step == 0 };
            fired += told.len();
            if random.below(10) == 0 {
                world.restart();
            }
        }
    }
    assert!(fired > 150, "{fired} crossings");
}

#[test]
fn facts_say_what_was_seen() {
    let rule =
        r#"{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"when":{"price":{"level":"433"}}}"#;
    let mut world = World::new(&[rule]);
    world.show(&trade(43_295));
    let facts = world.show(&trade(43_305));
    let [Fact::Price { price, level, .. }] = &*facts else { panic!("{facts:?}") };
    assert_eq!((price.to_string(), level.to_string()), ("433.05".into(), "433".into()));
}
