//! Exact arithmetic on quantities of CPU, memory and whatever else is counted.
//!
//! Floating point is not used: 9007199254740993 bytes stay 9007199254740993 bytes.

mod parse;

pub use parse::AmountError;

use std::{fmt, iter::Sum, ops};

const NANOS: i128 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;

/// An exact amount in billionths of its unit (cores, bytes, pods); sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Makes an amount of whole units.
    pub fn whole(units: i64) -> Self {
        Self(i128::from(units) * NANOS)
    }

    /// Makes an amount of billionths.
    pub fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// The amount in billionths of its unit.
    pub fn nanos(self) -> i128 {
        self.0
    }

    /// The amount in whole units, rounded up as the scheduler counts; saturates.
    pub fn value(self) -> i64 {
        saturate(divide_up(self.0, NANOS))
    }

    /// The amount in thousandths, rounded up as the scheduler counts; saturates.
    pub fn milli_value(self) -> i64 {
        saturate(divide_up(self.0, NANOS_PER_MILLI))
    }

    /// Which part of `whole` this is, for display and thresholds; none when `whole` is zero.
    pub fn share_of(self, whole: Self) -> Option<f64> {
        (whole.0 != 0).then(|| self.0 as f64 / whole.0 as f64)
    }

    /// Writes the amount with `Ki`, `Mi` ... where one divides it, as memory is written.
    pub fn to_binary_string(self) -> String {
        let units = self.0 / NANOS;
        if self.0 % NANOS != 0 || units == 0 {
            return self.to_string();
        }
        let divides = |power: u32| units % (1_i128 << (10 * power)) == 0;
        match (1..=6).rev().find(|power| divides(*power)) {
            Some(power) => format!("{}{}i", units >> (10 * power), ["K", "M", "G", "T", "P", "E"][power as usize - 1]),
            None => self.to_string(),
        }
    }
}

/// Writes the canonical decimal form: the greatest suffix that leaves a whole number.
impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return out.write_str("0");
        }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
        let zeros = (0..10).rev().find(|step| self.0 % 1000_i128.pow(*step) == 0).unwrap_or(0);
        write!(out, "{}{}", self.0 / 1000_i128.pow(zeros), suffixes[zeros as usize])
    }
}

impl ops::Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl ops::Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, ops::Add::add)
    }
}

fn divide_up(nanos: i128, unit: i128) -> i128 {
    nanos.div_euclid(unit) + i128::from(nanos.rem_euclid(unit) != 0)
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests;
