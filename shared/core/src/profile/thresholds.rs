//! From where on something is worth a word: one table of limits, each with the checks that use it.

use crate::strict::Cursor;

/// A limit that a team may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says what they are")]
pub enum Limit {
    QuotaPercent,
    CertificateDays,
    NodeCpuPercent,
    NodeMemoryPercent,
    MemoryOfLimitPercent,
    VolumePercent,
    ThrottledPercent,
    HeapMegabytes,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitUnit {
    /// Percent, with a fraction if need be.
    Percent,
    /// Whole days.
    Days,
    /// Megabytes (10^6 bytes), with a fraction if need be.
    Megabytes,
}

/// What a limit is called in a profile, what it is when nobody says otherwise, and who asks.
pub struct LimitInfo {
    /// The limit.
    pub limit: Limit,
    /// Its name in a profile.
    pub name: &'static str,
    /// What it counts.
    pub unit: LimitUnit,
    /// What it is without a profile.
    pub default: f64,
    /// The smallest that makes sense, or that the check can tell from nothing.
    pub least: f64,
    /// The largest that makes sense.
    pub most: f64,
    /// The checks that use it.
    pub checks: &'static [&'static str],
}

/// Every limit.
pub const LIMITS: [LimitInfo; 8] = [
    LimitInfo {
        limit: Limit::QuotaPercent,
        name: "quotaPercent",
        unit: LimitUnit::Percent,
        default: 90.0,
        least: 1.0,
        most: 100.0,
        checks: &["CFG-14"],
    },
    LimitInfo {
        limit: Limit::CertificateDays,
        name: "certificateDays",
        unit: LimitUnit::Days,
        default: 14.0,
        least: 1.0,
        most: 365.0,
        checks: &["GAP-90"],
    },
    LimitInfo {
        limit: Limit::NodeCpuPercent,
        name: "nodeCpuPercent",
        unit: LimitUnit::Percent,
        default: 90.0,
        least: 1.0,
        most: 100.0,
        checks: &["NOD-09"],
    },
    LimitInfo {
        limit: Limit::NodeMemoryPercent,
        name: "nodeMemoryPercent",
        unit: LimitUnit::Percent,
        default: 90.0,
        least: 1.0,
        most: 100.0,
        checks: &["NOD-09"],
    },
    LimitInfo {
        limit: Limit::MemoryOfLimitPercent,
        name: "memoryOfLimitPercent",
        unit: LimitUnit::Percent,
        default: 90.0,
        least: 1.0,
        most: 100.0,
        checks: &["POD-44"],
    },
    LimitInfo {
        limit: Limit::VolumePercent,
        name: "volumePercent",
        unit: LimitUnit::Percent,
        default: 90.0,
        least: 1.0,
        most: 100.0,
        checks: &["STO-09"],
    },
    LimitInfo {
        limit: Limit::ThrottledPercent,
        name: "throttledPercent",
        unit: LimitUnit::Percent,
        default: 50.0,
        // Of who waits less often Prometheus is not asked.
        least: 10.0,
        most: 100.0,
        checks: &["POD-45"],
    },
    // What is much depends on the program: who says nothing gets the largest that can be said, which nobody reaches.
    LimitInfo {
        limit: Limit::HeapMegabytes,
        name: "heapMegabytes",
        unit: LimitUnit::Megabytes,
        default: 1_000_000.0,
        least: 1.0,
        most: 1_000_000.0,
        checks: &["GAP-57"],
    },
];

/// The limits of a run, in the order of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds([f64; LIMITS.len()]);

impl Default for Thresholds {
    fn default() -> Self {
        Self(std::array::from_fn(|at| LIMITS[at].default))
    }
}

impl Thresholds {
    /// The value of a limit.
    pub fn of(&self, limit: Limit) -> f64 {
        LIMITS.iter().position(|info| info.limit == limit).map_or(f64::INFINITY, |at| self.0[at])
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&LIMITS.map(|info| info.name))?;
        let mut thresholds = Self::default();
        let mut are_right = true;
        for (info, value) in LIMITS.iter().zip(&mut thresholds.0) {
            let Some(given) = fields.optional(info.name) else { continue };
            let bounds = info.least..=info.most;
            let read = match info.unit {
                LimitUnit::Percent | LimitUnit::Megabytes => given.number(bounds),
                LimitUnit::Days => given.whole(bounds),
            };
            are_right &= read.is_some();
            *value = read.unwrap_or(info.default);
        }
        are_right.then_some(thresholds)
    }
}
