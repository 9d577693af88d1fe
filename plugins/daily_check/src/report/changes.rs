//! What has changed since the last look: lines to add to those before, and a document of their own for machines.

use super::document::{Document, FindingView, PastView, ReadView, Source, Summary};
use super::text;
use crate::args::Request;
use crate::watch::{Changes, News, Over};
use serde::Serialize;
use sre_core::check::Sight;
use sre_core::report::{Block, Span, Tone};
use sre_runtime::ui::times;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds, or checks, that are named on one line; of the others only the number is told.
const NAMED: usize = 8;

/// What has changed; `docs/schema/daily-check-change.schema.json` describes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeDocument {
    api_version: &'static str,
    kind: &'static str,
    source: Source,
    /// What stands now, in numbers.
    summary: Summary,
    findings: Vec<NewsView>,
    fixed: Vec<OverView>,
    /// What cannot be looked at any more.
    hidden: Vec<HiddenView>,
    /// What can be looked at again.
    seen_again: Vec<ReadView>,
}

/// A finding, and what is new about it.
#[derive(Debug, Serialize)]
struct NewsView {
    change: &'static str,
    finding: FindingView,
}

/// A finding that is over.
#[derive(Debug, Serialize)]
struct OverView {
    finding: PastView,
    /// Whether its object is there no more.
    gone: bool,
}

/// What cannot be looked at, and what that leaves undecided.
#[derive(Debug, Serialize)]
struct HiddenView {
    read: ReadView,
    undecided: Vec<&'static str>,
}

impl ChangeDocument {
    /// Takes from a report of now what has changed.
    pub(super) fn new(document: Document, changes: &Changes) -> Self {
        let undecided: BTreeMap<&str, Vec<&'static str>> =
            document.coverage.reads.iter().map(|read| (read.what, document.undecided_by(read))).collect();
        let news: BTreeMap<&str, News> = changes.news.iter().map(|(id, news)| (id.as_str(), *news)).collect();
        let words = |sights: &[Sight]| sights.iter().map(|sight| sight.word()).collect::<BTreeSet<_>>();
        let (hidden, seen_again) = (words(&changes.hidden), words(&changes.seen_again));
        let (now_hidden, others): (Vec<ReadView>, Vec<ReadView>) =
            document.coverage.reads.into_iter().partition(|read| hidden.contains(read.what));
        let told = |finding: FindingView| Some(NewsView { change: news.get(finding.id.as_str())?.word(), finding });
        Self {
            api_version: "kubectl-sre/v1alpha1",
            kind: "DailyCheckChange",
            source: document.source,
            summary: document.summary,
            findings: document.findings.into_iter().filter_map(told).collect(),
            fixed: changes.fixed.iter().map(over).collect(),
            hidden: now_hidden
                .into_iter()
                .map(|read| HiddenView { undecided: undecided.get(read.what).cloned().unwrap_or_default(), read })
                .collect(),
            seen_again: others.into_iter().filter(|read| seen_again.contains(read.what)).collect(),
        }
    }
}

fn over(over: &Over) -> OverView {
    OverView { finding: super::document::past(&over.past), gone: over.is_gone }
}

/// The same for people; the document is the whole report of now.
pub(super) fn blocks(request: &Request, document: &Document, changes: &Changes) -> Vec<Block> {
    let at = times(&document.source.taken_at);
    let by_id = document.by_id();
    let news = changes.news.iter().filter_map(|(id, news)| Some((*news, *by_id.get(id.as_str())?)));
    let mut blocks = hidden(&at, document, &changes.hidden);
    blocks.extend(seen_again(&at, &changes.seen_again));
    blocks.extend(news.flat_map(|(news, finding)| told(request, &at, document, news, finding)));
    blocks.extend(changes.fixed.iter().map(|over| fixed(&at, over)));
    blocks
}

/// A line that says when and what has happened.
fn line(at: &str, tone: Tone, word: &str, spans: impl IntoIterator<Item = Span>) -> Block {
    let begin = [Span::faint(format!("{at}  ")), Span::new(tone, word), Span::plain(" ")];
    Block::Line { indent: 0, spans: begin.into_iter().chain(spans).collect() }
}

/// Evidence and commands stand below what is new; of the rest they were told.
fn told(request: &Request, at: &str, document: &Document, news: News, finding: &FindingView) -> Vec<Block> {
    let tone = if news == News::Better { Tone::Good } else { Tone::Strong };
    let mut blocks = vec![line(at, tone, news.word(), text::title(finding))];
    if news == News::New {
        blocks.extend(text::below(request, document, finding));
    }
    blocks
}

fn fixed(at: &str, over: &Over) -> Block {
    let gone = over.is_gone.then(|| Span::faint("  the object is gone"));
    line(at, Tone::Good, "fixed", text::was(&super::document::past(&over.past)).into_iter().chain(gone))
}

/// What went out of sight together, for one reason, is told together.
fn hidden(at: &str, document: &Document, sights: &[Sight]) -> Vec<Block> {
    let words: BTreeSet<&str> = sights.iter().map(|sight| sight.word()).collect();
    let mut reasons: BTreeMap<&str, Vec<&ReadView>> = BTreeMap::new();
    for read in document.coverage.reads.iter().filter(|read| words.contains(read.what)) {
        reasons.entry(read.state).or_default().push(read);
    }
    reasons.into_iter().flat_map(|(state, reads)| out_of_sight(at, document, state, &reads)).collect()
}

fn out_of_sight(at: &str, document: &Document, state: &str, reads: &[&ReadView]) -> Vec<Block> {
    let names: Vec<&str> = reads.iter().map(|read| read.what).collect();
    let detail = reads.iter().find_map(|read| read.detail.as_deref()).unwrap_or_default();
    let what = Span::new(Tone::Unknown, format!("{}: {state}", listed(&names)));
    let mut blocks = vec![line(at, Tone::Unknown, "not seen", [what, Span::faint(format!("  {detail}"))])];
    let checks: BTreeSet<&str> = reads.iter().flat_map(|read| document.undecided_by(read)).collect();
    if !checks.is_empty() {
        let checks: Vec<&str> = checks.into_iter().collect();
        let undecided = format!("undecided: {}", listed(&checks));
        blocks.push(Block::Line { indent: 2, spans: vec![Span::faint(undecided)] });
    }
    blocks
}

fn seen_again(at: &str, sights: &[Sight]) -> Option<Block> {
    let names: Vec<&str> = sights.iter().map(|sight| sight.word()).collect();
    (!names.is_empty()).then(|| line(at, Tone::Good, "seen again", [Span::plain(listed(&names))]))
}

/// The names, or the first of them and how many there are besides.
fn listed(names: &[&str]) -> String {
    if names.len() <= NAMED {
        return names.join(", ");
    }
    format!("{} and {} more", names[..NAMED - 1].join(", "), names.len() + 1 - NAMED)
}
