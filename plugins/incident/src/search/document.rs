//! The document for machines; `docs/schema/log-search.schema.json` describes it.

use serde::Serialize;
use sre_core::logs::FoundLine;
use sre_core::object::ObjectRef;
use sre_core::report::{Block, ReadView, Span};
use sre_core::snapshot::Snapshot;
use sre_runtime::ui::counted;

/// Everything that the report says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    api_version: &'static str,
    kind: &'static str,
    fields: Vec<String>,
    pub(super) coverage: CoverageView,
    /// Logs that were read.
    pub(super) searched: usize,
    /// Logs that there are.
    pub(super) logs: usize,
    pub(super) lines: Vec<LineView>,
}

/// What was seen, and what not.
#[derive(Debug, Serialize)]
pub(super) struct CoverageView {
    pub(super) reads: Vec<ReadView>,
    pub(super) problems: Vec<String>,
}

/// A line that was found.
#[derive(Debug, Serialize)]
pub(super) struct LineView {
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    object: ObjectRef,
    container: String,
    previous: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    message: String,
}

impl Document {
    pub(super) fn new(fields: &[String], snapshot: &Snapshot, logs: usize, lines: Vec<LineView>) -> Self {
        let coverage = &snapshot.coverage;
        Self {
            api_version: "kubectl-sre/v1alpha1",
            kind: "LogSearch",
            fields: fields.to_vec(),
            coverage: CoverageView { reads: ReadView::all(coverage), problems: coverage.problems.clone() },
            searched: snapshot.logs.iter().filter(|read| read.tail.is_ok()).count(),
            logs,
            lines,
        }
    }

    pub(super) fn heading(&self) -> String {
        format!(
            "{} with {} in the ends of {}",
            counted(self.lines.len(), "line"),
            self.fields.join(" and "),
            counted(self.searched, "log")
        )
    }

    /// What to say where nothing was found: that is no proof that nothing was written.
    pub(super) fn nothing(&self) -> String {
        match self.searched {
            0 => "No log was read, so nothing is known".to_owned(),
            _ => "No line carries it in what was read; older lines are read no more, and names of fields count as they are written".to_owned(),
        }
    }
}

impl LineView {
    pub(super) fn of(line: &FoundLine<'_>) -> Self {
        Self {
            time: line.at.map(|at| at.to_string()),
            object: line.log.object(),
            container: line.log.container.clone(),
            previous: line.log.previous,
            level: line.level.clone(),
            message: line.message.clone(),
        }
    }

    pub(super) fn block(&self) -> Block {
        let before = if self.previous { ", before its restart" } else { "" };
        let place = format!("{} {}{before}  ", self.object, self.container);
        let time = self.time.as_ref().map(|time| format!("{time}  "));
        let level = self.level.as_ref().map(|level| format!("{level}  "));
        let head = time.into_iter().chain([place]).map(Span::faint);
        Block::line(
            0,
            head.chain(level.map(Span::plain)).chain([Span::plain(self.message.as_str())]).collect::<Vec<_>>(),
        )
    }
}
