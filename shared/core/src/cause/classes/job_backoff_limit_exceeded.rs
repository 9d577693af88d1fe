//! A Job has failed: too many of its pods or indexes did.

use super::failed_jobs;
use crate::cause::{Class, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "job-backoff-limit-exceeded",
    page: PAGE,
    recognise: |view| failed_jobs::causes(view, false),
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
A Job has given up: its pods failed more often than backoffLimit allows, or too many of its indexes
failed. Nothing tries again.

It is a symptom: where its pods are still there, what is wrong with them comes first and explains it.

Looked at: the condition Failed of Jobs, for a day.

What to do: read what the pods wrote, then delete the Job and start it again:
  kubectl describe job NAME -n NAMESPACE
  kubectl logs job/NAME -n NAMESPACE --all-containers --tail=50";
