//! The flags that every command has.

mod report;

pub use report::{FailOn, OutputFormat, ReportFlags};
