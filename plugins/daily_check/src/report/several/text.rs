//! The report of several clusters for people: what was looked at cluster by cluster, then the findings of all of them,
//! worst first.

use super::{Cluster, Several, Told, sorted};
use crate::args::Request;
use crate::history::Status;
use crate::report::document::FindingView;
use crate::report::text::{Page, counted, events, found, heading, hidden, line, next, rest, scope, server, time};
use sre_core::report::{Block, Span, Tone};
use std::collections::BTreeMap;

/// The whole report, from top to bottom.
pub(super) fn blocks(request: &Request, several: &Several<'_>) -> Vec<Block> {
    let pages: Vec<Page<'_>> = several.told().map(|told| Page::new(request, told.document, Some(told.name))).collect();
    let mut blocks = header(several);
    blocks.extend(coverage(several, &pages));
    blocks.push(Block::Heading(answer(several, &pages)));
    let standing = pages.iter().flat_map(|page| page.standing().map(move |finding| (finding, page)));
    let standing = sorted(standing.collect());
    blocks.extend(findings(several, &standing));
    blocks.extend(rest(&pages));
    blocks.extend(next(standing.first().map(|(finding, _)| *finding), several.told().map(|told| told.document)));
    blocks
}

/// A line for the whole, and one for each cluster.
fn header(several: &Several<'_>) -> Vec<Block> {
    let scope = several.told().next().map(|told| scope(&told.document.source)).unwrap_or_default();
    let objects = counted(several.objects(), "object");
    let first = [
        Span::new(Tone::Strong, "daily-check"),
        Span::plain(format!("  {}", several.counted())),
        Span::faint(format!("  {scope}, {objects}")),
    ];
    let width = several.clusters.iter().map(|cluster| cluster.name.chars().count()).max().unwrap_or(0);
    let of_cluster = |cluster: &Cluster| {
        let name = Span::new(Tone::Strong, format!("{:<width$}", cluster.name));
        let what = match cluster.told() {
            Some(told) => looked_at(told),
            None => vec![Span::new(Tone::Unknown, "  could not be looked at")],
        };
        let same = several.same_as(cluster).map(|first| Span::faint(format!("  (the same cluster as {first})")));
        let alike = (!cluster.alike.is_empty())
            .then(|| Span::faint(format!("  (and by context {})", cluster.alike.join(", "))));
        line(1, [name].into_iter().chain(what).chain(same).chain(alike))
    };
    [line(0, first)].into_iter().chain(several.clusters.iter().map(of_cluster)).collect()
}

fn looked_at(told: Told<'_>) -> Vec<Span> {
    let (source, summary) = (&told.document.source, &told.document.summary);
    let mut spans: Vec<Span> = source.server.iter().map(|server| Span::plain(format!("  {server}"))).collect();
    spans.extend(server(source));
    let objects = counted(told.document.coverage.objects, "object");
    spans.push(Span::faint(format!("  {}, {objects}{}", time(source), events(told.document))));
    let counts = [(summary.critical, "critical", Tone::Critical), (summary.warning, "warning", Tone::Warning)];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    spans.extend(counts.map(|(count, word, tone)| Span::new(tone, format!("  {count} {word}"))));
    spans
}

/// What could not be looked at, whole clusters first; then what was merely not there, told once for all that lack it.
fn coverage(several: &Several<'_>, pages: &[Page<'_>]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for missed in several.missed() {
        let name = Span::new(Tone::Unknown, missed.name);
        blocks.push(line(1, [name, Span::faint(format!("  {}", missed.why))]));
        blocks.extend(missed.next.map(|next| line(2, [Span::faint(format!("next: {next}"))])));
    }
    let nothing = |told: Told<'_>| {
        let nothing = told.document.coverage.nothing?;
        Some(line(1, [Span::new(Tone::Unknown, format!("{}  {nothing}, so nothing can be said", told.name))]))
    };
    blocks.extend(several.told().filter_map(nothing));
    blocks.extend(pages.iter().flat_map(Page::gaps));
    if !blocks.is_empty() {
        blocks.insert(0, hidden());
    }
    blocks.extend(notes(several, pages));
    blocks
}

fn notes(several: &Several<'_>, pages: &[Page<'_>]) -> Vec<Block> {
    let mut order: Vec<String> = Vec::new();
    let mut of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (page, told) in pages.iter().zip(several.told()) {
        for note in page.notes() {
            if !of.contains_key(&note) {
                order.push(note.clone());
            }
            of.entry(note).or_default().push(told.name);
        }
    }
    let told = |note: &String| {
        let names = &of[note];
        let whose = if names.len() == pages.len() { String::new() } else { format!("{}  ", names.join(", ")) };
        line(0, [Span::faint(format!("{whose}{note}"))])
    };
    order.iter().map(told).collect()
}

fn answer(several: &Several<'_>, pages: &[Page<'_>]) -> Vec<Span> {
    if several.saw_nothing() {
        return vec![Span::new(Tone::Unknown, "Nothing was seen, so nothing can be said")];
    }
    let calm = if several.missed().next().is_some() { Tone::Unknown } else { Tone::Good };
    let mut spans = found(&several.summary(), pages, calm);
    spans.push(Span::faint(format!(", in {}", several.counted())));
    spans
}

/// What is new or worse than in the last run of its cluster first, then what no earlier run tells of, then the rest.
fn findings(several: &Several<'_>, standing: &[(&FindingView, &Page<'_>)]) -> Vec<Block> {
    let told = |(finding, page): &(&FindingView, &Page<'_>)| page.finding(finding);
    if several.told().all(|told| told.document.comparison.is_none()) {
        return standing.iter().flat_map(told).collect();
    }
    let (mut news, mut first, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for one in standing {
        match one.0.status {
            None => first.push(one),
            Some(word) if word == Status::Open.word() => open.push(one),
            Some(_) => news.push(one),
        }
    }
    let mut blocks = vec![match news.len() {
        0 => heading("Nothing new since the last run of each cluster"),
        count => heading(format!("{} new or worse since the last run of its cluster", counted(count, "finding"))),
    }];
    blocks.extend(news.into_iter().flat_map(told));
    for (words, group) in [("of clusters without an earlier run", first), ("still open", open)] {
        if !group.is_empty() {
            blocks.push(heading(format!("{} {words}", counted(group.len(), "finding"))));
        }
        blocks.extend(group.into_iter().flat_map(told));
    }
    blocks
}
