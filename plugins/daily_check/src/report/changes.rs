//! What has changed since the last look: lines to add to those before, and a document of their own for machines.

use super::document::{Document, FindingView, PastView, Summary};
use super::text;
use crate::history::Past;
use crate::watch::{Changes, News, Over, Told};
use serde::Serialize;
use sre_core::check::Sight;
use sre_core::report::{Block, Span, Tone};
use sre_core::report::{ReadView, Source};
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
            document.coverage.reads.iter().map(|read| (read.what, document.undecided_by(&[read]))).collect();
        let news: BTreeMap<&str, News> = changes.news.iter().map(|told| (told.id.as_str(), told.news)).collect();
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
pub(super) fn blocks(document: &Document, changes: &Changes) -> Vec<Block> {
    let at = times(&document.source.taken_at);
    let by_id = document.by_id();
    let news = changes.news.iter().filter_map(|told| Some((told, *by_id.get(told.id.as_str())?)));
    let mut blocks = hidden(&at, document, &changes.hidden);
    blocks.extend(seen_again(&at, &changes.seen_again));
    blocks.extend(news.flat_map(|(news, finding)| told(&at, document, news, finding)));
    blocks.extend(changes.fixed.iter().map(|over| fixed(&at, over)));
    blocks
}

/// A line that says when and what has happened.
fn line(at: &str, tone: Tone, word: &str, spans: impl IntoIterator<Item = Span>) -> Block {
    let begin = [Span::faint(format!("{at}  ")), Span::new(tone, word), Span::plain(" ")];
    Block::Line { indent: 0, spans: begin.into_iter().chain(spans).collect() }
}

/// Evidence and commands stand below what is new; of the rest they were told.
fn told(at: &str, document: &Document, told: &Told, finding: &FindingView) -> Vec<Block> {
    let tone = if told.news == News::Better { Tone::Good } else { Tone::Strong };
    let was = told.before.iter().map(|before| Span::faint(format!("  {}", against(before, finding))));
    let mut blocks = vec![line(at, tone, told.news.word(), text::title(finding).into_iter().chain(was))];
    if told.news == News::New {
        blocks.extend(text::below(document, finding));
    }
    blocks
}

/// In what it is worse, or better.
fn against(before: &Past, finding: &FindingView) -> String {
    if before.severity != finding.severity {
        return format!("was {}", before.severity.word());
    }
    format!("shown by {}, was {}", text::counted(finding.shows_on.len(), "object"), before.shown)
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
    let checks = document.undecided_by(reads);
    if !checks.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::super::document::sample;
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::object::ObjectRef;
    use sre_core::slim::Kind;
    use sre_runtime::ui::{Colour, Layout, render};

    fn past(severity: Severity, shown: usize) -> Past {
        Past {
            id: "POD-02-0".to_owned(),
            check: "POD-02".to_owned(),
            severity,
            object: ObjectRef::scoped("Deployment", "shop", "web"),
            title: "it crashes".to_owned(),
            standing: true,
            shown,
            first_seen: jiff::Timestamp::UNIX_EPOCH,
            told: true,
            unseen: false,
        }
    }

    fn told(news: News, before: Option<Past>) -> Told {
        Told { id: "cause id".to_owned(), news, before }
    }

    /// The lines that begin with the time, without it.
    fn lines(changes: &Changes) -> Vec<String> {
        let layout = Layout { width: None, colour: Colour::Off };
        let text = render(&blocks(&sample::saying(&str::to_owned), changes), &layout);
        let at = format!("{}  ", times("2026-11-25T16:44:03Z"));
        text.lines().filter_map(|line| line.strip_prefix(&at)).map(str::to_owned).collect()
    }

    #[test]
    fn each_change_is_a_line_that_says_when_and_what() {
        let title = "CRITICAL cause kind/cause in/cause name  cause title  [NOD-02]";
        let news = |news, before| lines(&Changes { news: vec![told(news, before)], ..Changes::default() });
        assert_eq!(news(News::New, None), [format!("new {title}")]);
        let worse = news(News::Worse, Some(past(Severity::Warning, 1)));
        assert_eq!(worse, [format!("worse {title}  was warning")]);
        let better = news(News::Better, Some(past(Severity::Critical, 4)));
        assert_eq!(better, [format!("better {title}  shown by 1 object, was 4")]);
        let over = |is_gone| Over { past: past(Severity::Warning, 1), is_gone };
        let fixed = lines(&Changes { fixed: vec![over(false), over(true)], ..Changes::default() });
        let line = "fixed WARNING Deployment/shop/web  crashes  [POD-02]";
        assert_eq!(fixed, [line.to_owned(), format!("{line}  the object is gone")]);
    }

    #[test]
    fn evidence_and_commands_stand_below_what_is_new_and_nothing_else() {
        let count = |news| {
            let changes = Changes { news: vec![told(news, Some(past(Severity::Warning, 1)))], ..Changes::default() };
            blocks(&sample::saying(&str::to_owned), &changes).len()
        };
        assert!(count(News::New) > 3);
        assert_eq!((count(News::Worse), count(News::Better)), (1, 1));
    }

    #[test]
    fn what_is_out_of_sight_is_told_with_its_reason_and_what_is_back_too() {
        let changes = Changes {
            hidden: vec![Sight::Of(Kind::Pod)],
            seen_again: vec![Sight::Of(Kind::Node)],
            ..Changes::default()
        };
        assert_eq!(lines(&changes), ["not seen Pod: forbidden  gap", "seen again Node"]);
        let document = serde_json::to_value(ChangeDocument::new(sample::saying(&str::to_owned), &changes)).unwrap();
        assert_eq!(
            (&document["hidden"][0]["read"]["what"], &document["seenAgain"][0]["what"]),
            (&"Pod".into(), &"Node".into())
        );
    }

    #[test]
    fn of_many_kinds_the_first_are_named() {
        assert_eq!(listed(&["a"; 8]), "a, a, a, a, a, a, a, a");
        assert_eq!(listed(&["a"; 10]), "a, a, a, a, a, a, a and 3 more");
    }
}
