//! Reads quantities: `250m`, `1.5Gi`, `1e3`, `1E` (exa) and `1E3` (one thousand).

use super::Amount;
use std::str::FromStr;
use thiserror::Error;

/// Why a text is no quantity; never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// No digits, two signs or two points.
    #[error("a quantity starts with a number")]
    Number,
    /// Something else than a known suffix or an exponent after the number.
    #[error("a quantity ends with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent")]
    Suffix,
}

/// A decimal number and what its suffix multiplies it by.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    scale: Scale,
}

/// Ten to the power of `tens`, times two to the power of `twos`.
struct Scale {
    tens: i32,
    twos: u32,
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let parts = split(text)?;
        let magnitude = parts.nanos();
        Ok(Self::from_nanos(if parts.negative { -magnitude } else { magnitude }))
    }
}

fn split(text: &str) -> Result<Parts<'_>, AmountError> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|one: char| !one.is_ascii_digit() && one != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return Err(AmountError::Number);
    }
    Ok(Parts { negative: text.starts_with('-'), whole, fraction, scale: scale(suffix)? })
}

fn scale(suffix: &str) -> Result<Scale, AmountError> {
    let decimal = |tens| Scale { tens, twos: 0 };
    let binary = |twos| Scale { tens: 0, twos };
    Ok(match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        exponent => decimal(ten_to_the(exponent)?),
    })
}

fn ten_to_the(exponent: &str) -> Result<i32, AmountError> {
    let digits = exponent.strip_prefix(['e', 'E']).ok_or(AmountError::Suffix)?;
    digits.parse().map_err(|_| AmountError::Suffix)
}

/// Beyond this many digits on either side of the point, a number is "too great" or "next to nothing".
const FAR: i32 = 60;

impl Parts<'_> {
    /// The amount without its sign; what is finer than a billionth is rounded up, what is too great saturates.
    fn nanos(&self) -> i128 {
        let unit = 1_000_000_000_i128 << self.scale.twos;
        let whole_digits = i32::try_from(self.whole.len()).unwrap_or(i32::MAX);
        let point = whole_digits.saturating_add(self.scale.tens);
        let digits = || self.whole.bytes().chain(self.fraction.bytes()).map(|digit| i128::from(digit - b'0'));
        let leading = digits().take_while(|digit| *digit == 0).count();
        if digits().count() == leading {
            return 0;
        }
        let first = point.saturating_sub(i32::try_from(leading).unwrap_or(i32::MAX));
        if first > FAR {
            return i128::MAX;
        }
        if first < -FAR {
            return 1;
        }
        let significant: Vec<i128> = digits().skip(leading).collect();
        whole_part(&significant, first, unit).saturating_add(fraction_part(&significant, first, unit))
    }
}

/// What the digits before the point come to; `point` is how many there are.
fn whole_part(digits: &[i128], point: i32, unit: i128) -> i128 {
    let count = usize::try_from(point).unwrap_or(0);
    let padded = digits.iter().copied().chain(std::iter::repeat(0)).take(count);
    padded.fold(0_i128, |sum, digit| sum.saturating_mul(10).saturating_add(digit)).saturating_mul(unit)
}

/// What the digits after the point come to, from the last one on, so that nothing overflows; rounded up.
fn fraction_part(digits: &[i128], point: i32, unit: i128) -> i128 {
    let after = digits.get(usize::try_from(point).unwrap_or(0)..).unwrap_or(&[]);
    let zeros = usize::try_from(-point).unwrap_or(0);
    let mut sum = 0_i128;
    let mut exact = true;
    for digit in after.iter().rev().copied().chain(std::iter::repeat_n(0, zeros)) {
        let shifted = sum + digit * unit;
        exact &= shifted % 10 == 0;
        sum = shifted / 10;
    }
    sum + i128::from(!exact)
}
