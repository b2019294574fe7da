//! Firing on the crossing, not while beyond it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It rises.
    Up,
    /// It falls.
    Down,
}

/// Which crossings count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// Rising to the threshold or beyond.
    Up,
    /// Falling to the threshold or beyond.
    Down,
    /// Both.
    #[default]
    Either,
}

impl Crossing {
    #[inline]
    pub(crate) fn includes(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Either, _) | (Self::Up, Direction::Up) | (Self::Down, Direction::Down)
        )
    }
}

impl fmt::Display for Crossing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Either => "either",
        })
    }
}

/// Where a value stands against one threshold.
///
/// The first value only takes a side. So a rule made beyond its level does not
/// fire at once: it fires when the value has been back and crosses again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// No value yet.
    #[default]
    Unseen,
    /// On this side: the next value beyond the threshold fires.
    Armed,
    /// Beyond, or not far enough back.
    Beyond,
}

/// What a value did to an [`Edge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    Moved,
    Fires,
}

impl Edge {
    /// Takes the next value: whether it is `beyond` the threshold, and whether
    /// it is far enough `back` to arm again, which is only asked when it
    /// matters.
    #[inline]
    pub(crate) fn step(&mut self, beyond: bool, back: impl FnOnce() -> bool) -> Step {
        let (next, step) = match (*self, beyond) {
            (Self::Armed, false) | (Self::Beyond, true) => return Step::Nothing,
            (Self::Armed, true) => (Self::Beyond, Step::Fires),
            (Self::Beyond, false) if back() => (Self::Armed, Step::Moved),
            (Self::Beyond, false) => return Step::Nothing,
            (Self::Unseen, true) => (Self::Beyond, Step::Moved),
            (Self::Unseen, false) => (Self::Armed, Step::Moved),
        };
        *self = next;
        step
    }
}

/// Both ways across one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Edges {
    pub(crate) up: Edge,
    pub(crate) down: Edge,
}

impl Edges {
    pub(crate) fn of(&mut self, direction: Direction) -> &mut Edge {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value against a level of 100 from below, `hysteresis` 5.
    #[track_caller]
    fn check(values: &[i32], fired_at: &[usize]) {
        let mut edge = Edge::default();
        let fires = values
            .iter()
            .enumerate()
            .filter(|(_, value)| edge.step(**value >= 100, || **value <= 95) == Step::Fires);
        assert_eq!(fires.map(|it| it.0).collect::<Vec<_>>(), fired_at, "{values:?}");
    }

    #[test]
    fn fires_on_the_crossing_alone() {
        check(&[90, 100, 110, 120], &[1]);
        check(&[99, 100], &[1]);
        check(&[90, 100, 99, 100, 96, 101], &[1]);
        check(&[90, 100, 95, 100], &[1, 3]);
    }

    #[test]
    fn the_first_value_only_takes_a_side() {
        check(&[100], &[]);
        check(&[120, 99, 120], &[]);
        check(&[120, 95, 120], &[2]);
    }
}
