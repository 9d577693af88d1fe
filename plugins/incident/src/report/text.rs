//! The report for people: what could not be seen, then cause by cause whom it hurts, what it is, and what to type.

use super::document::{AlternativeView, CauseView, Document, ImpactView, LogView, UnseenView};
use super::{alerts, changes, databases};
use crate::args::Request;
use sre_core::finding::{Confidence, Severity};
use sre_core::report::{Block, EvidenceView, GapView, RemedyView, Span, Tone};
use sre_runtime::args::OutputFormat;
use sre_runtime::ui::{counted, said, scope, server, time, times};
use std::collections::BTreeMap;

/// Facts, and objects of each sort, that are shown of a cause unless all are asked for.
const FEW: usize = 4;

pub(super) fn blocks(request: &Request, document: &Document) -> Vec<Block> {
    let few = if request.output == OutputFormat::Wide { usize::MAX } else { FEW };
    let mut blocks = header(document);
    if !request.with_logs {
        blocks.push(Block::line(0, [Span::faint("logs were not read (--no-logs)")]));
    }
    if !request.with_metrics {
        blocks.push(Block::line(0, [Span::faint("nobody was asked for measurements (--no-metrics)")]));
    }
    blocks.extend(databases::blocks(document));
    blocks.extend(unseen(request, document));
    blocks.extend(hidden(request, document));
    blocks.extend(alerts::blocks(request, document));
    blocks.extend(answer(request, document));
    for cause in &document.causes {
        blocks.extend(self::cause(cause, few));
    }
    blocks.extend(
        document
            .coverage
            .changes_unseen
            .iter()
            .filter(|_| !document.causes.is_empty())
            .flat_map(|why| [Block::Space, Block::line(1, [Span::new(Tone::Unknown, why.as_str())])]),
    );
    blocks.extend(document.causes.first().into_iter().flat_map(next));
    blocks
}

fn header(document: &Document) -> Vec<Block> {
    let source = &document.source;
    let mut first = vec![Span::new(Tone::Strong, "incident triage")];
    first.extend(source.context.iter().chain(&source.server).map(|place| Span::plain(format!("  {place}"))));
    first.extend(server(source));
    let objects = counted(document.coverage.objects, "object");
    let seen = match document.coverage.objects {
        0 => format!("{}, {objects}", scope(source)),
        _ => format!("{}, {}, {objects}", time(source), scope(source)),
    };
    vec![Block::line(0, first), Block::line(0, [Span::faint(seen)])]
}

/// Gaps first: what follows is said without them.
fn hidden(request: &Request, document: &Document) -> Vec<Block> {
    let coverage = &document.coverage;
    let is_wide = request.output == OutputFormat::Wide;
    let reads = &coverage.reads;
    let gaps = if is_wide { GapView::each(reads) } else { GapView::together(reads) };
    let gaps = gaps.iter().map(gap);
    let problems = coverage.problems.iter().map(|it| Block::line(1, [Span::new(Tone::Unknown, it.as_str())]));
    let lines: Vec<Block> = gaps.chain(problems).collect();
    if lines.is_empty() {
        return lines;
    }
    let heading = Block::Heading(vec![Span::new(Tone::Unknown, "Could not look at everything")]);
    [heading].into_iter().chain(lines).collect()
}

/// What could not be looked at, and why.
pub fn gap(gap: &GapView<'_>) -> Block {
    Block::line(1, [Span::new(Tone::Unknown, format!("{} ({}): {}", gap.what(), gap.state(), gap.detail))])
}

/// What of performance cannot be seen from here: a line, and with all evidence what to ask instead.
fn unseen(request: &Request, document: &Document) -> Vec<Block> {
    let all = &document.coverage.unseen;
    let Some(first) = all.first() else { return Vec::new() };
    if request.output == OutputFormat::Wide {
        let line = |it: &UnseenView| {
            let words = format!("cannot be seen from here: {} ({}); ask: {}", it.question, it.why, it.ask);
            Block::line(0, [Span::faint(words)])
        };
        return all.iter().map(line).collect();
    }
    let words = format!(
        "{} of performance cannot be seen from here: {}; -o wide says what to ask",
        counted(all.len(), "question"),
        first.why
    );
    vec![Block::line(0, [Span::faint(words)])]
}

fn answer(request: &Request, document: &Document) -> Vec<Block> {
    let of_target = request.target.as_ref().map(|it| format!(" behind {} {}", it.resource.kind, it.name));
    let of_alert = || request.alert.as_ref().filter(|_| alerts::leads(document));
    let whose = of_target.or_else(|| of_alert().map(|it| format!(" behind alert {}", it.name))).unwrap_or_default();
    let causes = document.causes.iter().filter(|cause| cause.severity != Severity::Info).count();
    let words = match (document.coverage.objects, causes) {
        (0, _) => Span::new(Tone::Unknown, "Nothing was seen"),
        (_, 0) => Span::new(Tone::Good, format!("No active fault{whose} in what was looked at")),
        (_, count) => Span::new(Tone::Strong, format!("{}{whose}", counted(count, "root cause"))),
    };
    let mut blocks = vec![Block::Heading(vec![words])];
    if document.coverage.objects == 0 {
        let next = "no object of a kind that is known here was found; objects are wanted as kubectl writes them with -o yaml \
                    or -o json, alone or in a List, a directory of such files, or an archive";
        blocks.push(Block::line(0, [Span::plain(next)]));
    }
    if document.undetermined {
        let why = "Something is wrong, and what is seen does not decide what; the likeliest first";
        blocks.push(Block::line(0, [Span::new(Tone::Unknown, why)]));
    }
    blocks
}

fn cause(cause: &CauseView, few: usize) -> Vec<Block> {
    let title = [
        Span::new(Tone::of(cause.severity), cause.severity.word().to_uppercase()),
        Span::new(Tone::Strong, format!(" {}", cause.object)),
        Span::plain(format!("  {}", said(&cause.object, &cause.statement))),
        Span::faint(format!("  [{}]", cause.class)),
    ];
    let mut blocks = vec![Block::Space, Block::line(0, title)];
    blocks.extend(listed("broken for users", cause.affects.iter().map(hurt).collect(), few));
    let fact = |it: &EvidenceView| {
        let whose = if it.object == cause.object { String::new() } else { format!("{} ", it.object) };
        Block::line(2, [Span::faint(format!("{whose}{}: ", it.field)), Span::plain(it.value.as_str())])
    };
    let (lines, facts): (Vec<_>, Vec<_>) = cause.evidence.iter().partition(|it| it.field.starts_with("logs["));
    blocks.extend(lines.into_iter().chain(facts).take(few).map(fact));
    blocks.extend(cause.since.iter().map(|it| Block::line(2, [Span::faint(format!("since {}", times(it)))])));
    blocks.extend(listed("explains", explained(cause), few));
    if cause.confidence != Confidence::High {
        let words = format!("confidence {}: the evidence fits, and does not prove it", cause.confidence.word());
        blocks.push(Block::line(2, [Span::new(Tone::Unknown, words)]));
    }
    blocks.extend(cause.alternatives.iter().map(alternative));
    blocks.extend(changes::blocks(cause, few));
    let logs = cause.logs.iter().filter(|log| !is_told(log, &cause.evidence));
    blocks.extend(logs.flat_map(|log| last_lines(log, few)));
    blocks.extend(cause.remedies.iter().map(command));
    blocks
}

/// What else it could be, what speaks for that, and how to tell.
fn alternative(other: &AlternativeView) -> Block {
    let fact = &other.evidence;
    let whom = format!("could also be: {} of {}", other.class, other.object);
    let because = format!("  because {} {}: {}", fact.object, fact.field, fact.value);
    let apart = format!("  ({}); to tell them apart: {}: {}", other.against, other.tell_apart, other.command);
    Block::line(2, [Span::new(Tone::Unknown, whom), Span::plain(because), Span::faint(apart)])
}

/// Whether a log has no more lines than stand in the evidence.
fn is_told(log: &LogView, evidence: &[EvidenceView]) -> bool {
    log.lines.iter().all(|line| evidence.iter().any(|fact| fact.value == line.text))
}

/// What a container wrote last; the lines are data, whatever they say.
fn last_lines(log: &LogView, few: usize) -> Vec<Block> {
    let previous = if log.previous { ", before its restart" } else { "" };
    let head = format!("last lines of {} {}{previous}:", log.object, log.container);
    let lines = log.lines.iter().skip(log.lines.len().saturating_sub(few));
    let lines = lines.map(|line| Block::line(3, [Span::faint(line.text.as_str())]));
    [Block::line(2, [Span::faint(head)])].into_iter().chain(lines).filter(|_| !log.lines.is_empty()).collect()
}

fn command(remedy: &RemedyView) -> Block {
    Block::Command { indent: 2, command: remedy.command.clone(), note: remedy.note() }
}

fn hurt(impact: &ImpactView) -> String {
    format!("{} ({})", impact.object, impact.state)
}

/// What it explains, by class, so that forty symptoms are one line.
fn explained(cause: &CauseView) -> Vec<String> {
    let mut classes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // What it could be in its place is not said to follow from it.
    let is_other = |class: &str| cause.alternatives.iter().any(|it| it.class == class);
    for symptom in cause.explains.iter().filter(|it| !is_other(it.class)) {
        classes.entry(symptom.class).or_default().push(symptom.object.to_string());
    }
    let word = |(class, objects): (&str, Vec<String>)| match &objects[..] {
        [one] => format!("{class} of {one}"),
        _ => format!("{class} of {}", counted(objects.len(), "object")),
    };
    classes.into_iter().map(word).collect()
}

fn listed(what: &str, all: Vec<String>, few: usize) -> Option<Block> {
    if all.is_empty() {
        return None;
    }
    let more = if all.len() > few { format!(" and {} more", all.len() - few) } else { String::new() };
    let shown = all.into_iter().take(few).collect::<Vec<_>>().join(", ");
    Some(Block::line(2, [Span::faint(format!("{what} ")), Span::plain(format!("{shown}{more}"))]))
}

fn next(first: &CauseView) -> Vec<Block> {
    let command = format!("kubectl sre explain {}", first.class);
    vec![
        Block::Heading(vec![Span::faint("Next")]),
        Block::Command { indent: 1, command, note: "what it means, and what to do".to_owned() },
    ]
}
