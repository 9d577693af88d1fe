//! What was changed before a cause showed: suspects, for machines and for people.

use super::document::CauseView;
use serde::Serialize;
use sre_core::changes::{FieldChange, tells_of_edits};
use sre_core::object::ObjectRef;
use sre_core::report::{Block, Span};
use sre_core::slim::Kind;
use sre_core::snapshot::Gap;
use sre_core::triage::{Reach, Suspect};
use sre_core::view::View;
use sre_runtime::ui::{age, counted, times};

/// Changes of a cause, and fields of a change, that are shown unless all are asked for.
const FEW: usize = 3;

/// A change that may have to do with a cause.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuspectView {
    object: ObjectRef,
    sort: &'static str,
    statement: String,
    fields: Vec<FieldView>,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    before_seconds: i64,
    reach: &'static str,
    why: &'static str,
}

/// A field that it changed.
#[derive(Debug, Serialize)]
struct FieldView {
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
}

impl SuspectView {
    pub(super) fn of(suspect: &Suspect) -> Self {
        let change = &suspect.change;
        Self {
            object: change.object.clone(),
            sort: change.sort.word(),
            statement: change.statement.clone(),
            fields: change.fields.iter().map(FieldView::of).collect(),
            time: change.at.to_string(),
            by: change.by.clone(),
            before_seconds: suspect.before.as_secs(),
            reach: suspect.reach.word(),
            why: why(suspect.reach),
        }
    }
}

impl FieldView {
    fn of(change: &FieldChange) -> Self {
        Self { field: change.field.clone(), old: change.old.clone(), new: change.new.clone() }
    }
}

fn why(reach: Reach) -> &'static str {
    match reach {
        Reach::Itself => "it is what fails",
        Reach::Needed => "what fails needs it",
        Reach::Rights => "it gives the account of what fails its rights",
        Reach::Node => "what fails is there, or waits for a node",
        Reach::Namespace => "it limits the namespace of what fails",
        Reach::RightsBeside => "a right was refused, and it gives rights there or everywhere",
    }
}

/// What of changes cannot be told.
pub(super) fn unseen(view: &View<'_>, rights: &[(Kind, Gap)]) -> Option<String> {
    let words: Vec<String> = edits_unseen(view).into_iter().chain(rights_unseen(rights)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn rights_unseen(rights: &[(Kind, Gap)]) -> Option<String> {
    let word = |(kind, gap): &(Kind, Gap)| format!("{} ({})", kind.info().name, gap.reason.word());
    let kinds: Vec<String> = rights.iter().map(word).collect();
    (!kinds.is_empty()).then(|| format!("what was changed of rights cannot be seen: {}", kinds.join(", ")))
}

/// Why nothing is known of edits, where no object tells who wrote it.
fn edits_unseen(view: &View<'_>) -> Option<String> {
    let is_seen = view.snapshot.is_empty() || tells_of_edits(view);
    let words = "what was edited before cannot be seen: no object here has metadata.managedFields (kubectl get -o yaml \
                 --show-managed-fields keeps them, and so does --save)";
    (!is_seen).then(|| words.to_owned())
}

/// What was changed before a cause showed, never more than suspected.
pub(super) fn blocks(cause: &CauseView, few: usize) -> Vec<Block> {
    let few = if few == usize::MAX { few } else { FEW };
    let (Some(first), false) = (&cause.first_symptom, cause.changes.is_empty()) else { return Vec::new() };
    let head = format!("changed before it, which proves nothing (first symptom {}):", times(first));
    let mut blocks = vec![Block::line(2, [Span::faint(head)])];
    for change in cause.changes.iter().take(few) {
        let by = change.by.as_ref().map_or_else(String::new, |by| format!(", by {by}"));
        let words = format!("{} {}{by}", change.object, change.statement);
        let when = match change.before_seconds {
            0 => "at that moment: ".to_owned(),
            seconds => format!("{} before: ", age(seconds)),
        };
        let why = Span::faint(format!("  ({})", change.why));
        blocks.push(Block::line(3, [Span::faint(when), Span::plain(words), why]));
        blocks.extend(change.fields.iter().take(few).map(|field| Block::line(4, [Span::plain(field_words(field))])));
        blocks.extend(more(change.fields.len(), few, 4, "field"));
    }
    blocks.extend(more(cause.changes.len(), few, 3, "change"));
    let is_cut = cause.changes_left_out > 0 && cause.changes.len() <= few;
    let less = format!("and {}, less likely than these", counted(cause.changes_left_out, "more change"));
    blocks.extend(is_cut.then(|| Block::line(3, [Span::faint(less)])));
    blocks
}

fn more(count: usize, few: usize, indent: usize, noun: &str) -> Option<Block> {
    let left = count.checked_sub(few).filter(|left| *left > 0)?;
    let plural = if left == 1 { "" } else { "s" };
    let words = format!("and {left} more {noun}{plural} (-o wide)");
    Some(Block::line(indent, [Span::faint(words)]))
}

fn field_words(change: &FieldView) -> String {
    match (&change.old, &change.new) {
        (None, None) => format!("{} is another", change.field),
        (Some(old), None) => format!("{}: removed, was {old}", change.field),
        (None, Some(new)) => format!("{}: {new} is new", change.field),
        (Some(old), Some(new)) => format!("{}: {old} -> {new}", change.field),
    }
}
