//! Durations as `@every` takes them: `1h30m`, `90s`, `1.5h`.

use super::ScheduleError;
use crate::units::seconds_of;
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
