//! What a list has come to so far.

use super::item_name::item_name;
use super::{Encoding, ListOutcome};

/// How many undecodable items are named; the rest is counted.
const NAMED: usize = 20;

impl ListOutcome {
    /// Counts nothing yet.
    pub(super) fn empty(encoding: Encoding) -> Self {
        ListOutcome {
            items: 0,
            undecodable: Vec::new(),
            undecodable_count: 0,
            encoding,
            resource_version: String::new(),
            server_date: None,
        }
    }

    /// Counts one item by what the sink said to it.
    pub(super) fn count(&mut self, taken: Result<(), String>, bytes: &[u8]) {
        let Err(why) = taken else {
            self.items += 1;
            return;
        };
        self.undecodable_count += 1;
        if self.undecodable.len() < NAMED {
            let position = self.items + self.undecodable_count;
            let name = item_name(self.encoding, bytes).unwrap_or_else(|| format!("item {position}"));
            self.undecodable.push(format!("{name}: {why}"));
        }
    }

    /// Counts from nothing again.
    pub(super) fn restart(&mut self) {
        *self = ListOutcome::empty(self.encoding);
    }
}
