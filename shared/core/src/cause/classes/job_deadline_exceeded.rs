//! A Job ran longer than it may.

use super::failed_jobs;
use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class {
    id: "job-deadline-exceeded",
    page: PAGE,
    recognise: |view| failed_jobs::causes(view, true),
    ..Class::SILENT
};

const PAGE: &str = "\
A Job ran longer than activeDeadlineSeconds allows, and its pods were ended. Nothing tries again.

Looked at: the condition Failed of Jobs, with the reason DeadlineExceeded, for a day.

What to do: see what took so long, and give it more time if that is what it needs:
  kubectl describe job NAME -n NAMESPACE";
