//! What is written down of an incident: entries, which are added and never altered.
//!
//! Two machines may write on the same incident while neither sees the other. Every entry has an id of its own, so that
//! both lists together are their union, whichever is merged into which, and how often.

use super::level::Level;
use super::notify::NotifyTarget;
use super::procedure::Procedure;
use super::silence::SilenceCall;
use crate::lines::whole_lines;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Something that was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// What it is known by, on every machine.
    pub id: String,
    /// One more than that of every entry that its writer saw: among entries of one moment it tells which came first.
    pub number: u64,
    /// When it was written; never before an entry that its writer saw.
    pub at: Timestamp,
    /// What the clock said, where it was behind what was written already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Timestamp>,
    /// The person and the machine.
    pub by: String,
    /// What it says.
    pub what: What,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum What {
    /// The incident began to be one.
    Declared(Declaration),
    /// It is worse than was thought, or less bad.
    Severity {
        /// How bad it is.
        severity: Level,
        /// Why.
        reason: String,
    },
    /// Somebody has a role from now on.
    Role {
        /// Which.
        role: Role,
        /// Who.
        person: String,
    },
    /// Something worth knowing.
    Note {
        /// What.
        text: String,
        /// Whether it stands out in the timeline.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pinned: bool,
        /// The part of the post-mortem that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        section: Option<Section>,
    },
    /// Something that the severity demands was done.
    Done {
        /// Its word.
        item: String,
        /// What is to be said of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// It was not, after all.
    NotDone {
        /// Its word.
        item: String,
        /// What is to be said of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Something is to be done, so that it does not happen again.
    Action {
        /// What it is known by.
        action: String,
        /// What is to be done.
        text: String,
        /// By whom.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The last day for it, in UTC.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
    },
    /// It was done.
    ActionDone {
        /// Which.
        action: String,
    },
    /// A message is on its way; it stands here before the first letter is sent.
    Sending {
        /// What it is known by, to one target.
        delivery: String,
        /// What it is known by, wherever it goes.
        message: String,
        /// The word of what it does.
        item: String,
        /// To whom.
        target: NotifyTarget,
        /// What it says.
        text: String,
        /// What is asked of an Alertmanager, where it goes to one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        silence: Option<SilenceCall>,
    },
    /// It was taken.
    Sent {
        /// Which.
        delivery: String,
    },
    /// It was not, as far as is known.
    NotSent {
        /// Which.
        delivery: String,
        /// Why not.
        why: String,
        /// Whether it may have arrived all the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unknown: bool,
    },
    /// It is not to be sent any more.
    GivenUp {
        /// Which.
        delivery: String,
    },
    /// What was seen of the cluster was kept.
    Evidence {
        /// The archive.
        file: String,
        /// Its SHA-256, in hexadecimal digits.
        sha256: String,
        /// The causes that were known then, each its class and a sentence.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        causes: Vec<String>,
        /// Whether something could not be looked at.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        has_gaps: bool,
    },
    /// The memory of a program was kept.
    Dump {
        /// The pod and the container.
        of: String,
        /// Where it was, in the container.
        path: String,
        /// Where it is, on the machine of whoever fetched it.
        file: String,
        /// Its SHA-256, in hexadecimal digits.
        sha256: String,
        /// Its size.
        bytes: u64,
        /// The change that made it; absent where it was there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<String>,
    },
    /// The incident is over.
    Resolved,
    /// It is not, after all.
    Reopened {
        /// Why.
        reason: String,
    },
}

/// How an incident began to be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Declaration {
    /// What it is called.
    pub title: String,
    /// How bad it is.
    pub severity: Level,
    /// Whether that was said with doubt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
    /// The context of the kubeconfig, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The address of its API server, where that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The namespace that it is about; absent when it is not about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What each severity demands.
    pub procedure: Procedure,
    /// Who is told, and how.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<NotifyTarget>,
}

/// What one person answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Decides.
    Commander,
    /// Acts on the system.
    Operations,
    /// Tells others.
    Comms,
    /// Writes down.
    Scribe,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Commander, Self::Operations, Self::Comms, Self::Scribe];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Operations => "operations",
            Self::Comms => "comms",
            Self::Scribe => "scribe",
        }
    }
}

/// A part of the post-mortem that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Section {
    /// Two sentences.
    Overview,
    /// Who could not do what, for how long.
    Impact,
    /// What contributed to it.
    Causes,
    /// What ended it.
    Resolution,
    /// What shows it: links to dashboards, logs, archives.
    Evidence,
    /// What went well.
    Well,
    /// What went badly.
    Badly,
}

impl Section {
    /// Every part, in the order of the page.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Impact, Self::Causes, Self::Resolution, Self::Evidence, Self::Well, Self::Badly];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Impact => "impact",
            Self::Causes => "causes",
            Self::Resolution => "resolution",
            Self::Evidence => "evidence",
            Self::Well => "well",
            Self::Badly => "badly",
        }
    }
}

impl What {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Declared(_) => "declared",
            Self::Severity { .. } => "severity",
            Self::Role { .. } => "role",
            Self::Note { .. } => "note",
            Self::Done { .. } => "done",
            Self::NotDone { .. } => "notDone",
            Self::Action { .. } => "action",
            Self::ActionDone { .. } => "actionDone",
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::NotSent { .. } => "notSent",
            Self::GivenUp { .. } => "givenUp",
            Self::Evidence { .. } => "evidence",
            Self::Dump { .. } => "dump",
            Self::Resolved => "resolved",
            Self::Reopened { .. } => "reopened",
        }
    }

    /// What it says, in words.
    pub fn text(&self) -> String {
        match self {
            Self::Declared(it) => {
                let unsure = if it.unsure { ", the worse one of a doubt" } else { "" };
                format!("declared as {}{unsure}: {}", it.severity, it.title)
            }
            Self::Severity { severity, reason } => format!("{severity} from now on: {reason}"),
            Self::Role { role, person } => format!("{person} is {} from now on", role.word()),
            Self::Note { text, section: None, .. } => text.clone(),
            Self::Note { text, section: Some(section), .. } => format!("{}: {text}", section.word()),
            Self::Done { item, text: None } => format!("{item} is done"),
            Self::Done { item, text: Some(text) } => format!("{item} is done: {text}"),
            Self::NotDone { item, text: None } => format!("{item} is not done, after all"),
            Self::NotDone { item, text: Some(text) } => format!("{item} is not done, after all: {text}"),
            Self::Action { action, text, owner, due } => {
                let owner = owner.as_ref().map_or(String::new(), |owner| format!(", {owner}"));
                let due = due.map_or(String::new(), |due| format!(", until {due}"));
                format!("to be done ({action}{owner}{due}): {text}")
            }
            Self::ActionDone { action } => format!("{action} is done"),
            Self::Sending { delivery, item, target, text, silence, .. } => {
                let silence = silence.as_ref().map_or(String::new(), |it| format!("{it}: "));
                format!("sending {item} to {} by {} ({delivery}): {silence}{text}", target.name, target.channel.word())
            }
            Self::Sent { delivery } => format!("{delivery} was taken"),
            Self::NotSent { delivery, why, unknown: false } => format!("{delivery} was not sent: {why}"),
            Self::NotSent { delivery, why, unknown: true } => format!("{delivery} may have arrived or not: {why}"),
            Self::GivenUp { delivery } => format!("{delivery} is not sent any more"),
            Self::Evidence { file, sha256, causes, has_gaps } => {
                let gaps = if *has_gaps { ", not all could be looked at" } else { "" };
                let causes = match causes.len() {
                    0 => "; no cause was seen".to_owned(),
                    _ => format!("; {}", causes.join("; ")),
                };
                format!("evidence: {file} (SHA-256 {sha256}{gaps}){causes}")
            }
            Self::Dump { of, path, file, sha256, bytes, change } => {
                let change =
                    change.as_ref().map_or_else(|| "which was there".to_owned(), |it| format!("by change {it}"));
                format!("memory of {of}: {file} (SHA-256 {sha256}, {bytes} bytes, from {path}, {change})")
            }
            Self::Resolved => "resolved".to_owned(),
            Self::Reopened { reason } => format!("open again: {reason}"),
        }
    }

    /// Whether it stands out.
    pub fn is_pinned(&self) -> bool {
        match self {
            Self::Note { pinned, .. } => *pinned,
            Self::Declared(_) | Self::Severity { .. } | Self::Resolved | Self::Reopened { .. } => true,
            _ => false,
        }
    }
}

/// Entries of two lists, each once, in the order of time.
pub fn merged(one: &[Entry], other: &[Entry]) -> Vec<Entry> {
    let mut all: Vec<Entry> = one.iter().chain(other).cloned().collect();
    all.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| written(a).cmp(&written(b))));
    all.dedup();
    all
}

/// What an entry is sorted by: never after one whose writer had seen it.
fn order(entry: &Entry) -> (Timestamp, u64, &str) {
    (entry.at, entry.number, &entry.id)
}

fn written(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_default()
}

/// Why entries cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no entry of an incident: {why}")]
pub struct Unreadable {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a file of entries. What stands behind the last line's end was being written when a run was killed.
///
/// # Errors
/// Says which line is damaged, or was written by a later version.
pub fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let read = |(index, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| Unreadable { line: index + 1, why: error.to_string() })
    };
    let all: Result<Vec<Entry>, Unreadable> = whole_lines(bytes).enumerate().map(read).collect();
    all.map(|all| merged(&all, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, number: u64, second: i64, text: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            number,
            at: Timestamp::from_second(second).expect("a time"),
            clock: None,
            by: "jane@host".to_owned(),
            what: What::Note { text: text.to_owned(), pinned: false, section: None },
        }
    }

    #[test]
    fn two_lists_together_are_their_union_in_the_order_of_time() {
        let shared = entry("a", 1, 10, "shared");
        let mine = vec![shared.clone(), entry("b", 2, 20, "mine"), entry("d", 3, 20, "mine too")];
        let other = vec![shared, entry("c", 2, 15, "other"), entry("e", 3, 20, "other too")];
        let all = merged(&mine, &other);
        let ids: Vec<&str> = all.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["a", "c", "b", "d", "e"]);
        assert_eq!(merged(&other, &mine), all, "whichever is merged into which");
        assert_eq!(merged(&all, &mine), all, "and how often");
    }

    #[test]
    fn two_entries_that_claim_one_id_are_both_kept() {
        let all = merged(&[entry("a", 1, 10, "one")], &[entry("a", 1, 10, "other")]);
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn every_cut_of_a_file_reads_as_the_lines_before_it() {
        let all = [entry("a", 1, 10, "ä\n\"quoted\""), entry("b", 2, 20, "two")];
        let bytes =
            all.iter().map(|it| serde_json::to_string(it).expect("JSON") + "\n").collect::<String>().into_bytes();
        for length in 0..=bytes.len() {
            let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(entries(&bytes[..length]), Ok(all[..whole].to_vec()), "cut at {length}");
        }
    }

    #[test]
    fn a_damaged_line_is_named() {
        let good = serde_json::to_string(&entry("a", 1, 10, "one")).expect("JSON");
        let damaged = entries(format!("{good}\n{{\"id\":1}}\n{good}\n").as_bytes()).expect_err("damaged");
        assert_eq!(damaged.line, 2);
        let later = good.replace("\"note\"", "\"hologram\"");
        assert!(entries(format!("{later}\n").as_bytes()).expect_err("unknown").why.contains("hologram"));
    }
}
