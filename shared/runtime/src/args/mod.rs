//! The flags that commands share, beside those that choose the cluster.

mod change;
mod named;
mod report;

pub use change::{ChangeFlags, DryRun};
pub use named::type_and_name;
pub use report::{FailOn, OutputFormat, ReportFlags};
