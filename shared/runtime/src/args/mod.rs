//! The flags that commands share, beside those that choose the cluster.

mod change;
mod report;

pub use change::{ChangeFlags, DryRun};
pub use report::{FailOn, OutputFormat, ReportFlags};
