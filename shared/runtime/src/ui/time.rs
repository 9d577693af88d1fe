//! Times for people: UTC, and the local time beside it when it differs.

use chrono::{DateTime, Local};

/// Writes an RFC 3339 time in UTC to the second, with the local time behind it: `2026-11-25 07:00:03 UTC (08:00:03 +01:00)`.
pub fn times(rfc3339: &str) -> String {
    let Ok(time) = DateTime::parse_from_rfc3339(rfc3339) else { return rfc3339.to_owned() };
    let universal = time.to_utc();
    let local = time.with_timezone(&Local);
    let shown = universal.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    if local.offset().local_minus_utc() == 0 {
        return shown;
    }
    let day = if local.date_naive() == universal.date_naive() { "%H:%M:%S %:z" } else { "%Y-%m-%d %H:%M:%S %:z" };
    format!("{shown} ({})", local.format(day))
}
