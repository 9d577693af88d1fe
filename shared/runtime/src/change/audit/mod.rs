//! The record of all changes: lines of JSON, each of which holds the hash of the line before it.
//!
//! A file that is full is kept under a number (`log.1.jsonl`, the oldest), and the chain goes on in the next one. Beside the
//! log stands its head: how many lines it has, how many bytes, and the hash of the last line. A byte that is changed at or
//! before the head is found, in whichever file; bytes behind it were being written when a run was killed. Whoever can write
//! both files can write another history: the hash of the head, which is printed and put on Events, is what tells.

mod append;
mod verify;

pub use append::{AuditLog, Head};
pub use verify::{Fault, Verified, verify};

/// What stands in the first line in place of a hash.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The log, below the directory of what is kept.
const LOG: &str = "log.jsonl";
/// What is locked while it is written or read.
const LOCK: &str = "lock";
/// Its head.
const HEAD: &str = "head.json";
