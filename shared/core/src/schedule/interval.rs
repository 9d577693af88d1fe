//! Durations as `@every` takes them: `1h30m`, `90s`, `1.5h`.

use super::ScheduleError;
use jiff::SignedDuration;

/// Reads a duration; less than a second becomes a second, and fractions of seconds go.
pub(super) fn parse(text: &str) -> Result<SignedDuration, ScheduleError> {
    let wrong = || ScheduleError::Interval { text: text.to_owned() };
    let (sign, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let seconds = if unsigned == "0" { 0.0 } else { seconds_of(unsigned).ok_or_else(wrong)? };
    let whole = SignedDuration::try_from_secs_f64(sign * seconds).map_err(|_| wrong())?.as_secs();
    Ok(SignedDuration::from_secs(whole.max(1)))
}

fn seconds_of(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit_length = after.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        total += number.parse::<f64>().ok()? * seconds_in(unit)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

fn seconds_in(unit: &str) -> Option<f64> {
    match unit {
        "ns" => Some(1e-9),
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(1e-6),
        "ms" => Some(1e-3),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    }
}
