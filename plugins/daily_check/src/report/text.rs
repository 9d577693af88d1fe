//! The report for people: coverage when something was hidden, the answer, its evidence, what to type next.

use super::document::{
    CheckState, CheckView, ComparisonView, Document, ExclusionView, FindingView, NOT_SEEN, PanelView, PastView,
    RowView, Summary,
};
use crate::args::Request;
use crate::history::Status;
use sre_core::check::Section;
use sre_core::finding::Severity;
use sre_core::report::{Block, Span, Tone};
use sre_core::report::{EvidenceView, GapView};
use sre_runtime::args::OutputFormat;
use sre_runtime::ui::age;
use sre_runtime::ui::times;
pub(super) use sre_runtime::ui::{counted, said, scope, server, time};
use std::collections::BTreeMap;

/// Characters of a fact that are shown, unless all are asked for.
const LONGEST: usize = 240;

/// Facts shown of a routine, unless all are asked for.
const ROWS: usize = 25;

/// Facts shown under a finding, unless all are asked for.
const FACTS: usize = 3;

/// The whole report, from top to bottom.
pub(super) fn blocks(request: &Request, document: &Document) -> Vec<Block> {
    let page = Page::new(request, document, None);
    let mut blocks = header(document);
    blocks.extend(page.coverage());
    blocks.extend(page.answer());
    blocks.extend(page.findings());
    blocks.extend(rest(std::slice::from_ref(&page)));
    blocks.extend(next(document.standing().next(), [document]));
    blocks
}

/// What stands below the findings, of one cluster or of several.
pub(super) fn rest(pages: &[Page<'_>]) -> Vec<Block> {
    [over(pages), panels(pages), excluded(pages), passed(pages)].concat()
}

/// What stands below the title of one of its findings.
pub(super) fn below(document: &Document, finding: &FindingView) -> Vec<Block> {
    Page { wide: false, document, by_id: document.by_id(), cluster: None }.below(finding)
}

pub(super) fn line(indent: usize, spans: impl IntoIterator<Item = Span>) -> Block {
    Block::line(indent, spans)
}

pub(super) fn heading(words: impl Into<String>) -> Block {
    Block::heading(words)
}

/// What there is to say of a cluster.
pub(super) struct Page<'a> {
    wide: bool,
    document: &'a Document,
    by_id: BTreeMap<&'a str, &'a FindingView>,
    /// Its name, where the report is of several.
    cluster: Option<&'a str>,
}

fn header(document: &Document) -> Vec<Block> {
    let source = &document.source;
    let mut first = vec![Span::new(Tone::Strong, "daily-check")];
    first.extend(source.context.iter().chain(&source.server).map(|place| Span::plain(format!("  {place}"))));
    first.extend(server(source));
    let scope = scope(source);
    let objects = counted(document.coverage.objects, "object");
    let seen = match document.coverage.objects {
        0 => format!("{scope}, {objects}"),
        _ => format!("{}, {scope}, {objects}", time(source)),
    };
    vec![line(0, first), line(0, [Span::faint(seen), Span::faint(events(document))])]
}

/// How far back the events reach, for what happened before them left no trace.
pub(super) fn events(document: &Document) -> String {
    let Some(oldest) = &document.coverage.oldest_event else { return String::new() };
    let (oldest, taken) = (oldest.parse::<jiff::Timestamp>(), document.source.taken_at.parse::<jiff::Timestamp>());
    let (Ok(oldest), Ok(taken)) = (oldest, taken) else { return String::new() };
    format!(", events of the last {}", age((taken - oldest).get_seconds()))
}

impl<'a> Page<'a> {
    pub(super) fn new(request: &Request, document: &'a Document, cluster: Option<&'a str>) -> Self {
        Self { wide: request.output == OutputFormat::Wide, document, by_id: document.by_id(), cluster }
    }

    /// A line that says which of several clusters it is about.
    fn line(&self, indent: usize, spans: impl IntoIterator<Item = Span>) -> Block {
        let cluster = self.cluster.map(|name| Span::plain(format!("{name}  ")));
        line(indent, cluster.into_iter().chain(spans))
    }

    /// Words on what was found, with the cluster behind the severity.
    fn headline(&self, [severity, rest @ ..]: [Span; 4]) -> Vec<Span> {
        let cluster = self.cluster.map(|name| Span::plain(format!(" {name} ")));
        [severity].into_iter().chain(cluster).chain(rest).collect()
    }

    /// Gaps first and always; what was merely not there in one line.
    fn coverage(&self) -> Vec<Block> {
        let gaps = self.gaps();
        let mut blocks = if gaps.is_empty() { Vec::new() } else { vec![hidden()] };
        blocks.extend(gaps);
        blocks.extend(self.notes().into_iter().map(|note| line(0, [Span::faint(note)])));
        blocks
    }

    /// What could not be looked at.
    pub(super) fn gaps(&self) -> Vec<Block> {
        let coverage = &self.document.coverage;
        let problem = |problem: &String| self.line(1, [Span::new(Tone::Unknown, problem.as_str())]);
        let reads = &coverage.reads;
        let gaps = if self.wide { GapView::each(reads) } else { GapView::together(reads) };
        let gaps = gaps.iter().flat_map(|gap| self.gap(gap));
        gaps.chain(coverage.problems.iter().map(problem)).collect()
    }

    /// What was merely not there, what was, and what had nothing to look at.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.document.coverage.absent();
        notes.extend(self.read());
        notes.extend(self.skipped());
        notes
    }

    /// How many objects of each kind were read, where there is room.
    fn read(&self) -> Option<String> {
        let reads = self.document.coverage.reads.iter().filter(|read| read.state == "read");
        let counts: Vec<String> = reads.map(|read| format!("{} {}", read.what, read.objects)).collect();
        (self.wide && !counts.is_empty()).then(|| format!("read: {}", counts.join(", ")))
    }

    /// Checks that had nothing to look at, which is not the same as having found nothing.
    fn skipped(&self) -> Vec<String> {
        let skipped = &self.document.coverage.skipped_checks;
        if skipped.is_empty() {
            return Vec::new();
        }
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in skipped {
            reasons.entry(&one.because).or_default().push(one.check);
        }
        if !self.wide {
            let count = counted(skipped.len(), "check");
            return vec![format!("{count} had nothing to look at (which: -o wide)")];
        }
        let reason =
            |(because, checks): (&str, Vec<&str>)| format!("nothing to look at ({because}): {}", checks.join(" "));
        reasons.into_iter().map(reason).collect()
    }

    /// What could not be looked at, why, and which checks it leaves undecided.
    fn gap(&self, gap: &GapView<'_>) -> Vec<Block> {
        let seen = if gap.objects() > 0 { format!(", {} seen", gap.objects()) } else { String::new() };
        let what = Span::new(Tone::Unknown, format!("{} {}{seen}", gap.what(), gap.state()));
        let mut blocks = vec![self.line(1, [what, Span::faint(format!("  {}", self.shortened(&gap.detail)))])];
        let checks = self.document.undecided_by(&gap.reads);
        let words = match gap.reads.len() {
            1 => checks.join(" "),
            _ => format!("{} (which: -o wide)", counted(checks.len(), "check")),
        };
        if !checks.is_empty() {
            blocks.push(line(2, [Span::faint(format!("undecided: {words}"))]));
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
        if let Some(nothing) = self.document.coverage.nothing {
            let sentence = format!("{nothing}, so nothing can be said");
            return vec![Block::Heading(vec![Span::new(Tone::Unknown, sentence)])];
        }
        vec![Block::Heading(found(&self.document.summary, std::slice::from_ref(self), Tone::Good))]
    }

    /// What could not be looked at was said first, and has no block of its own below.
    fn says_unknown_above(&self) -> bool {
        let is_above = |finding: &FindingView| finding.severity != Severity::Unknown || finding.check == NOT_SEEN;
        !self.wide && self.document.standing().all(is_above)
    }

    /// What stands for itself and was not said above.
    pub(super) fn standing(&self) -> impl Iterator<Item = &'a FindingView> {
        let wide = self.wide;
        self.document.standing().filter(move |finding| wide || finding.check != NOT_SEEN)
    }

    fn findings(&self) -> Vec<Block> {
        let standing: Vec<&FindingView> = self.standing().collect();
        let Some(comparison) = &self.document.comparison else {
            return standing.into_iter().flat_map(|finding| self.finding(finding)).collect();
        };
        let (open, news): (Vec<&FindingView>, Vec<&FindingView>) =
            standing.into_iter().partition(|finding| finding.status == Some(Status::Open.word()));
        let then = times(&comparison.taken_at);
        let mut blocks = vec![match news.len() {
            0 => heading(format!("Nothing new since {then}")),
            count => heading(format!("{} new or worse since {then}", counted(count, "finding"))),
        }];
        blocks.extend(news.into_iter().flat_map(|finding| self.finding(finding)));
        if !open.is_empty() {
            blocks.push(heading(format!("{} still open", counted(open.len(), "finding"))));
        }
        blocks.extend(open.into_iter().flat_map(|finding| self.finding(finding)));
        blocks
    }

    pub(super) fn finding(&self, finding: &FindingView) -> Vec<Block> {
        [vec![Block::Space, line(0, self.headline(title(finding)))], self.below(finding)].concat()
    }

    /// What stands below the title of a finding.
    fn below(&self, finding: &FindingView) -> Vec<Block> {
        let mut blocks: Vec<Block> = finding.exclusion.iter().map(lapsed).collect();
        blocks.extend(self.facts(finding));
        blocks.extend(self.shown_on(finding));
        blocks.extend(self.explained(finding));
        blocks.extend(finding.remedies.iter().map(|remedy| Block::Command {
            indent: 2,
            command: remedy.command.clone(),
            note: remedy.note(),
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
            blocks.push(line(2, [Span::faint(format!("since {}", times(since)))]));
        }
        blocks.extend(self.status(finding));
        blocks
    }

    /// What it is against the earlier run, where that needs a word.
    fn status(&self, finding: &FindingView) -> Option<Block> {
        let words = match (finding.status?, finding.first_seen.as_ref()?) {
            ("worse", _) => "worse than in the earlier run".to_owned(),
            ("open", first) => format!("first seen {}, {} ago", times(first), self.ago(first)?),
            _ => return None,
        };
        Some(line(2, [Span::faint(words)]))
    }

    fn ago(&self, then: &str) -> Option<String> {
        let (then, now): (jiff::Timestamp, jiff::Timestamp) =
            (then.parse().ok()?, self.document.source.taken_at.parse().ok()?);
        Some(age(now.duration_since(then).as_secs()))
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

    /// Facts of one kind beside the findings, at most so many unless all are asked for.
    fn panel(&self, panel: &PanelView) -> Vec<Block> {
        let cluster = self.cluster.map_or(String::new(), |name| format!(": {name}"));
        let mut blocks = vec![heading(format!("{}{cluster}", panel.title))];
        if !panel.unseen.is_empty() {
            let unseen = format!("not looked at: {}", panel.unseen.join(", "));
            blocks.push(line(1, [Span::new(Tone::Unknown, unseen)]));
        }
        let shown = if self.wide { panel.rows.len() } else { panel.rows.len().min(ROWS) };
        blocks.extend(panel.rows[..shown].iter().map(row));
        if panel.rows.is_empty() && panel.unseen.is_empty() {
            blocks.push(line(1, [Span::plain("nothing")]));
        }
        if shown < panel.rows.len() {
            let more = format!("and {} more (all: -o wide)", panel.rows.len() - shown);
            blocks.push(line(1, [Span::faint(more)]));
        }
        blocks
    }

    fn excluded(&self, finding: &FindingView) -> Vec<Block> {
        let excuse =
            |it: &ExclusionView| line(2, [Span::faint(format!("until {}, {}: {}", it.expires, it.owner, it.reason))]);
        let title = line(1, self.headline(title(finding)));
        [title].into_iter().chain(finding.exclusion.iter().map(excuse)).collect()
    }

    /// Checks that found nothing, by section.
    fn passed(&self) -> Vec<Block> {
        let checks = self.document.checks.iter().filter(|check| check.state == CheckState::Passed);
        let passed: Vec<&CheckView> = checks.filter(|_| self.document.passed.is_some()).collect();
        let mut blocks = Vec::new();
        for section in Section::ALL {
            let of_section = passed.iter().filter(|check| check.section == section);
            if self.wide {
                let whole = |check: &&CheckView| Span::plain(format!("{}  {}", check.id, check.title));
                blocks.extend(of_section.map(|check| self.line(1, [whole(check)])));
                continue;
            }
            let ids: Vec<&str> = of_section.map(|check| check.id).collect();
            if !ids.is_empty() {
                blocks.push(self.line(1, [Span::faint(format!("{}: ", section.word())), Span::plain(ids.join(" "))]));
            }
        }
        blocks
    }
}

/// What was found, counted; `calm` is how it is meant that nothing was.
pub(super) fn found(summary: &Summary, pages: &[Page<'_>], calm: Tone) -> Vec<Span> {
    let counts = [
        (summary.critical, "critical", Tone::Critical),
        (summary.warning, "warning", Tone::Warning),
        (summary.unknown, "unknown", Tone::Unknown),
        (summary.info, "info", Tone::Faint),
    ];
    let is_above = pages.iter().all(Page::says_unknown_above);
    let mut spans: Vec<Span> = Vec::new();
    for (count, word, tone) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        let comma = if spans.is_empty() { "" } else { ", " };
        let place = if word == Severity::Unknown.word() && is_above { " (above)" } else { "" };
        spans.push(Span::new(tone, format!("{comma}{count} {word}{place}")));
    }
    if spans.is_empty() {
        spans.push(Span::new(calm, "Nothing found"));
    }
    spans.push(Span::faint(format!("  {} of {} checks found nothing", summary.passed_checks, summary.checks)));
    if summary.explained > 0 {
        let symptoms = counted(summary.explained, "symptom");
        spans.push(Span::faint(format!(", {symptoms} folded under what explains them")));
    }
    if summary.excluded > 0 {
        let is_below = pages.iter().any(|page| page.document.excluded.is_some());
        let how = if is_below { "below" } else { "which: --show-excluded" };
        spans.push(Span::faint(format!(", {} excluded by the profile ({how})", summary.excluded)));
    }
    spans
}

/// What earlier runs had and this one has not.
fn over(pages: &[Page<'_>]) -> Vec<Block> {
    type Pick = fn(&ComparisonView) -> &[PastView];
    let groups: [(&str, Pick, Tone); 2] = [
        ("fixed", |it| &it.fixed, Tone::Good),
        ("found then, and not looked at now", |it| &it.not_looked_at, Tone::Unknown),
    ];
    let mut blocks = Vec::new();
    for (words, pick, tone) in groups {
        let of_page = |page: &Page<'_>| {
            let past = page.document.comparison.iter().flat_map(pick);
            past.map(|past| line(1, page.headline(was(past)))).collect::<Vec<_>>()
        };
        let lines: Vec<Block> = pages.iter().flat_map(of_page).collect();
        if !lines.is_empty() {
            blocks.push(Block::Heading(vec![Span::new(tone, format!("{} {words}", counted(lines.len(), "finding")))]));
            blocks.extend(lines);
        }
    }
    let of_page = |page: &Page<'_>| {
        let gone = page.document.comparison.iter().flat_map(|it| &it.disappeared);
        gone.map(|object| page.line(1, [Span::plain(object.to_string())])).collect::<Vec<_>>()
    };
    let gone: Vec<Block> = pages.iter().flat_map(of_page).collect();
    if !gone.is_empty() {
        blocks.push(heading(format!("{} not there any more", counted(gone.len(), "object"))));
        blocks.extend(gone);
    }
    blocks
}

/// Facts beside the findings, those of one kind together: a cluster may lack some.
fn panels(pages: &[Page<'_>]) -> Vec<Block> {
    let mut ids: Vec<&str> = Vec::new();
    for panel in pages.iter().flat_map(|page| &page.document.panels) {
        if !ids.contains(&panel.id) {
            ids.push(panel.id);
        }
    }
    let of_all = |id: &str| {
        let own = pages.iter().filter_map(|page| Some((page, page.document.panels.iter().find(|it| it.id == id)?)));
        own.map(|(page, panel)| page.panel(panel)).collect::<Vec<_>>()
    };
    ids.into_iter().flat_map(of_all).flatten().collect()
}

/// What the profile hides, and who answers for that.
fn excluded(pages: &[Page<'_>]) -> Vec<Block> {
    let of_page = |page: &Page<'_>| {
        let excluded = page.document.excluded.iter().flatten();
        excluded.flat_map(|finding| page.excluded(finding)).collect::<Vec<_>>()
    };
    let blocks: Vec<Block> = pages.iter().flat_map(of_page).collect();
    let heading = Block::Heading(vec![Span::faint("Excluded by the profile")]);
    if blocks.is_empty() { blocks } else { [vec![heading], blocks].concat() }
}

fn passed(pages: &[Page<'_>]) -> Vec<Block> {
    if pages.iter().all(|page| page.document.passed.is_none()) {
        return Vec::new();
    }
    let heading = Block::Heading(vec![Span::new(Tone::Good, "Looked at, and nothing found")]);
    [heading].into_iter().chain(pages.iter().flat_map(Page::passed)).collect()
}

/// What to type next: about the first finding, and about what is due of incidents.
pub(super) fn next<'d>(first: Option<&FindingView>, documents: impl IntoIterator<Item = &'d Document>) -> Vec<Block> {
    let explain = first.map(|it| (format!("kubectl sre explain {}", it.check), "what it means"));
    let is_due = documents.into_iter().flat_map(|it| &it.panels).any(|panel| panel.id == "due");
    let status = is_due.then(|| ("kubectl sre incident status".to_owned(), "what to do about what is due"));
    let command = |(command, note): (String, &str)| Block::Command { indent: 1, command, note: note.to_owned() };
    let commands: Vec<Block> = explain.into_iter().chain(status).map(command).collect();
    let heading = Block::Heading(vec![Span::faint("Next")]);
    if commands.is_empty() { commands } else { [vec![heading], commands].concat() }
}

/// What stands above all gaps.
pub(super) fn hidden() -> Block {
    Block::Heading(vec![Span::new(Tone::Unknown, "Could not look at everything")])
}

fn row(row: &RowView) -> Block {
    let at = row.at.iter().map(|at| Span::faint(format!("{}  ", times(at))));
    let object = row.object.iter().map(|object| Span::new(Tone::Strong, format!("{object} ")));
    line(1, at.chain(object).chain([Span::plain(row.text.as_str())]))
}

/// An earlier finding on one line.
pub(super) fn was(past: &PastView) -> [Span; 4] {
    [
        Span::faint(past.severity.word().to_uppercase()),
        Span::plain(format!(" {}", past.object)),
        Span::faint(format!("  {}", said(&past.object, &past.title))),
        Span::faint(format!("  [{}]", past.check)),
    ]
}

/// A finding on one line.
pub(super) fn title(finding: &FindingView) -> [Span; 4] {
    [
        Span::new(Tone::of(finding.severity), finding.severity.word().to_uppercase()),
        Span::new(Tone::Strong, format!(" {}", finding.object)),
        Span::plain(format!("  {}", said(&finding.object, &finding.title))),
        Span::faint(format!("  [{}]", finding.check)),
    ]
}

/// It was hidden until its exclusion ended.
fn lapsed(exclusion: &ExclusionView) -> Block {
    let ExclusionView { expires, owner, reason, .. } = exclusion;
    line(2, [Span::new(Tone::Warning, format!("was excluded until {expires} by {owner}: {reason}"))])
}
