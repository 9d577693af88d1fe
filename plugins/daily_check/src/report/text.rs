//! The report for people: coverage when something was hidden, the answer, its evidence, what to type next.

use super::document::{Document, EvidenceView, FindingView, ReadView};
use crate::args::Request;
use sre_core::finding::Severity;
use sre_core::report::{Block, Span, Tone};
use sre_runtime::args::OutputFormat;
use std::collections::BTreeMap;

/// The check that names what was not seen; the text says it in its coverage, with what it leaves undecided.
const NOT_SEEN: &str = "GAP-01";

/// Characters of a fact that are shown, unless all are asked for.
const LONGEST: usize = 240;

/// Facts shown under a finding, unless all are asked for.
const FACTS: usize = 3;

/// The whole report, from top to bottom.
pub(super) fn blocks(request: &Request, document: &Document) -> Vec<Block> {
    let page = Page { wide: request.output == OutputFormat::Wide, document, by_id: by_id(document) };
    let mut blocks = header(document);
    blocks.extend(page.coverage());
    blocks.extend(page.answer());
    blocks.extend(page.findings());
    blocks.extend(page.passed());
    blocks.extend(page.next());
    blocks
}

struct Page<'a> {
    wide: bool,
    document: &'a Document,
    by_id: BTreeMap<&'a str, &'a FindingView>,
}

fn by_id(document: &Document) -> BTreeMap<&str, &FindingView> {
    document.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect()
}

fn line(indent: usize, spans: impl IntoIterator<Item = Span>) -> Block {
    Block::Line { indent, spans: spans.into_iter().collect() }
}

fn header(document: &Document) -> Vec<Block> {
    let source = &document.source;
    let place = source.context.clone().or_else(|| source.server.clone());
    let mut first = vec![Span::new(Tone::Strong, "daily-check")];
    first.extend(place.map(|place| Span::plain(format!("  {place}"))));
    first.extend(source.server_version.iter().map(|version| Span::faint(format!("  {version}"))));
    first.extend(source.user.iter().map(|user| Span::faint(format!("  as {user}"))));
    let scope = source.namespace.as_ref().map_or("all namespaces".to_owned(), |name| format!("namespace {name}"));
    let clock = source.clock.as_ref().map_or(String::new(), |clock| format!(" ({clock})"));
    let objects = counted(document.coverage.objects, "object");
    let time = match document.coverage.objects {
        0 => format!("{scope}, {objects}"),
        _ => format!("{}{clock}, {scope}, {objects}", sre_runtime::ui::times(&source.taken_at)),
    };
    vec![line(0, first), line(0, [Span::faint(time)])]
}

/// `1 object`, `2 objects`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Critical,
        Severity::Warning => Tone::Warning,
        Severity::Unknown => Tone::Unknown,
        Severity::Info => Tone::Faint,
    }
}

fn is_hidden(read: &ReadView) -> bool {
    read.detail.is_some()
}

impl Page<'_> {
    /// Gaps first and always; what was merely not there in one line.
    fn coverage(&self) -> Vec<Block> {
        let reads = &self.document.coverage.reads;
        let mut blocks = Vec::new();
        let hidden: Vec<&ReadView> = reads.iter().filter(|read| is_hidden(read)).collect();
        let problems = &self.document.coverage.problems;
        if !hidden.is_empty() || !problems.is_empty() {
            blocks.push(Block::Heading(vec![Span::new(Tone::Unknown, "Could not look at everything")]));
        }
        blocks.extend(hidden.into_iter().flat_map(|read| self.gap(read)));
        blocks.extend(problems.iter().map(|problem| line(1, [Span::new(Tone::Unknown, problem.as_str())])));
        for state in ["not collected", "not installed"] {
            let names: Vec<&str> = reads.iter().filter(|read| read.state == state).map(|read| read.what).collect();
            if !names.is_empty() {
                blocks.push(line(0, [Span::faint(format!("{state}: {}", names.join(", ")))]));
            }
        }
        blocks
    }

    /// What could not be looked at, why, and which checks it leaves undecided.
    fn gap(&self, read: &ReadView) -> Vec<Block> {
        let seen = if read.objects > 0 { format!(", {} seen", read.objects) } else { String::new() };
        let detail = read.detail.as_deref().unwrap_or_default();
        let what = Span::new(Tone::Unknown, format!("{} {}{seen}", read.what, read.state));
        let mut blocks = vec![line(1, [what, Span::faint(format!("  {}", self.shortened(detail)))])];
        let hidden = self.document.findings.iter().filter(|finding| finding.severity == Severity::Unknown);
        let hidden = hidden.filter(|finding| finding.object.kind == read.what && finding.check != NOT_SEEN);
        let checks: Vec<&str> = hidden.map(|finding| finding.check).collect();
        if !checks.is_empty() {
            blocks.push(line(2, [Span::faint(format!("undecided: {}", checks.join(" ")))]));
        }
        blocks
    }

    /// Messages of servers and kubelets can be pages long.
    fn shortened(&self, text: &str) -> String {
        if self.wide || text.chars().count() <= LONGEST {
            return text.to_owned();
        }
        let start: String = text.chars().take(LONGEST).collect();
        format!("{start}... (all of it: -o wide)")
    }

    fn answer(&self) -> Vec<Block> {
        let summary = &self.document.summary;
        if let Some(nothing) = self.document.coverage.nothing {
            let sentence = format!("{nothing}, so nothing can be said");
            return vec![Block::Heading(vec![Span::new(Tone::Unknown, sentence)])];
        }
        let counts = [
            (summary.critical, "critical", Tone::Critical),
            (summary.warning, "warning", Tone::Warning),
            (summary.unknown, "unknown", Tone::Unknown),
            (summary.info, "info", Tone::Faint),
        ];
        let mut spans: Vec<Span> = Vec::new();
        for (count, word, tone) in counts.into_iter().filter(|(count, ..)| *count > 0) {
            let comma = if spans.is_empty() { "" } else { ", " };
            spans.push(Span::new(tone, format!("{comma}{count} {word}")));
        }
        if spans.is_empty() {
            spans.push(Span::new(Tone::Good, "Nothing found"));
        }
        spans.push(Span::faint(format!("  {} of {} checks found nothing", summary.passed_checks, summary.checks)));
        if summary.explained > 0 {
            spans.push(Span::faint(format!(
                ", {} folded under what explains them",
                counted(summary.explained, "symptom")
            )));
        }
        vec![Block::Heading(spans)]
    }

    fn findings(&self) -> Vec<Block> {
        let standing = self.document.findings.iter().filter(|finding| finding.caused_by.is_empty());
        let standing = standing.filter(|finding| self.wide || finding.check != NOT_SEEN);
        standing.flat_map(|finding| self.finding(finding)).collect()
    }

    fn finding(&self, finding: &FindingView) -> Vec<Block> {
        let mut blocks = vec![
            Block::Space,
            line(
                0,
                [
                    Span::new(tone(finding.severity), finding.severity.word().to_uppercase()),
                    Span::new(Tone::Strong, format!(" {}", finding.object)),
                    Span::plain(format!("  {}", finding.title)),
                    Span::faint(format!("  [{}]", finding.check)),
                ],
            ),
        ];
        blocks.extend(self.facts(finding));
        blocks.extend(self.shown_on(finding));
        blocks.extend(self.explained(finding));
        blocks.extend(finding.remedies.iter().map(|remedy| Block::Command {
            indent: 2,
            command: remedy.command.clone(),
            note: if remedy.changes { "changes the cluster".to_owned() } else { String::new() },
        }));
        blocks
    }

    fn facts(&self, finding: &FindingView) -> Vec<Block> {
        let limit = if self.wide { usize::MAX } else { FACTS };
        let fact = |fact: &EvidenceView| {
            let whose = if fact.object == finding.object { String::new() } else { format!("{} ", fact.object) };
            line(2, [Span::faint(format!("{whose}{}: ", fact.field)), Span::plain(self.shortened(&fact.value))])
        };
        let mut blocks: Vec<Block> = finding.evidence.iter().take(limit).map(fact).collect();
        if let Some(since) = &finding.since {
            blocks.push(line(2, [Span::faint(format!("since {}", sre_runtime::ui::times(since)))]));
        }
        blocks
    }

    fn shown_on(&self, finding: &FindingView) -> Option<Block> {
        let count = finding.shows_on.len();
        if count == 0 || finding.shows_on == [finding.object.clone()] {
            return None;
        }
        let limit = if self.wide { usize::MAX } else { 2 };
        let names: Vec<String> = finding.shows_on.iter().take(limit).map(ToString::to_string).collect();
        let more = if count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
        Some(line(2, [Span::faint(format!("shown by {}{more}", names.join(", ")))]))
    }

    /// What it explains, by check, so that forty symptoms are one line.
    fn explained(&self, finding: &FindingView) -> Option<Block> {
        let mut titles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for symptom in finding.explains.iter().filter_map(|id| self.by_id.get(id.as_str())) {
            titles.entry(symptom.check).or_default().push(symptom.object.to_string());
        }
        if titles.is_empty() {
            return None;
        }
        let word = |(check, objects): (&&str, &Vec<String>)| match objects.len() {
            1 => format!("{check} {}", objects[0]),
            count => format!("{check} on {}", counted(count, "object")),
        };
        let all: Vec<String> = titles.iter().map(word).collect();
        Some(line(2, [Span::faint("explains "), Span::plain(all.join(", "))]))
    }

    fn passed(&self) -> Vec<Block> {
        let Some(passed) = &self.document.passed else { return Vec::new() };
        vec![
            Block::Heading(vec![Span::new(Tone::Good, "Looked at, and nothing found")]),
            line(1, [Span::plain(passed.join(" "))]),
        ]
    }

    fn next(&self) -> Vec<Block> {
        let mut standing = self.document.findings.iter().filter(|finding| finding.caused_by.is_empty());
        let Some(first) = standing.next() else { return Vec::new() };
        vec![
            Block::Heading(vec![Span::faint("Next")]),
            Block::Command {
                indent: 1,
                command: format!("kubectl sre explain {}", first.check),
                note: "what it means".to_owned(),
            },
        ]
    }
}
