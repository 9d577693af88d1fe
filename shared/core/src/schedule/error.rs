//! Why a schedule cannot be read.

/// Why a schedule cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The schedule names its time zone, which servers from 1.29 on refuse.
    #[error("the schedule holds TZ=; the time zone belongs into spec.timeZone")]
    ZoneInSchedule,
    /// The time zone database has no such name.
    #[error("there is no time zone {name:?}")]
    Zone {
        /// The name as it was written.
        name: String,
    },
    /// There are not five fields.
    #[error("a schedule has five fields (minute, hour, day, month, weekday), this one has {found}")]
    FieldCount {
        /// Fields that are there.
        found: usize,
    },
    /// It starts with `@` and is none of the known words.
    #[error("{word:?} is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @every DURATION")]
    Word {
        /// The word as it was written.
        word: String,
    },
    /// A field cannot be read.
    #[error("the {field} {text:?} {problem}")]
    Field {
        /// Which field.
        field: &'static str,
        /// The part that is wrong.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The duration after `@every` cannot be read.
    #[error("{text:?} is no duration such as 1h30m")]
    Interval {
        /// The duration as it was written.
        text: String,
    },
}
