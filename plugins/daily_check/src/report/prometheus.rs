//! The report as metrics: the text format 0.0.4 of Prometheus, for the textfile collector of its node exporter.

use super::document::{CheckState, Document, Summary};
use sre_core::check::Section;
use sre_core::finding::Severity;
use sre_core::report::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What every name starts with.
const PREFIX: &str = "kubectl_sre_daily_check";

/// Labels of one sample.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// All metrics of a run.
pub(super) fn metrics(document: &Document, verdict: Verdict) -> String {
    let source = &document.source;
    let mut page = Page {
        out: String::new(),
        common: [("context", source.context.as_deref()), ("namespace", source.namespace.as_deref())]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
    };
    page.run(document, verdict);
    page.findings(document);
    page.checks(document);
    page.coverage(document);
    page.out
}

struct Page<'a> {
    out: String,
    /// Where the run looked, on every sample: files of several clusters can lie in one folder.
    common: Labels<'a>,
}

impl Page<'_> {
    /// One metric with its samples; one that has none is left out.
    fn gauge<'s>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (Labels<'s>, f64)>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let name = format!("{PREFIX}_{name}");
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let labels =
                self.common.iter().chain(&labels).map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
            let labels = labels.collect::<Vec<_>>().join(",");
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = writeln!(self.out, "{name}{labels} {value}");
        }
    }

    fn run(&mut self, document: &Document, verdict: Verdict) {
        let time = document.source.taken_at.parse::<jiff::Timestamp>().unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let version = document.source.server_version.as_deref().unwrap_or_default();
        let versions = vec![("version", env!("CARGO_PKG_VERSION")), ("server_version", version)];
        self.gauge("info", "What looked, and at what.", [(versions, 1.0)]);
        self.gauge(
            "timestamp_seconds",
            "When it was looked at, by the clock of the server.",
            [(Vec::new(), time.as_duration().as_secs_f64())],
        );
        let failing = [(Vec::new(), truth(verdict.failing))];
        self.gauge("failing", "Whether a finding stands at or above --fail-on.", failing);
        let incomplete = [(Vec::new(), truth(verdict.incomplete))];
        self.gauge("incomplete", "Whether something could not be looked at.", incomplete);
    }

    /// Every severity in every section that was looked at, so that nothing found is a zero and not an absence.
    fn findings(&mut self, document: &Document) {
        let sections: BTreeSet<Section> = document.checks.iter().map(|check| check.section).collect();
        let mut counts: BTreeMap<(Section, Severity), usize> = BTreeMap::new();
        for section in sections {
            counts.extend(Severity::ALL.map(|severity| ((section, severity), 0)));
        }
        for finding in document.standing() {
            *counts.entry((finding.section, finding.severity)).or_default() += 1;
        }
        let sample = |((section, severity), count): ((Section, Severity), usize)| {
            (vec![("severity", severity.word()), ("section", section.word())], number(count))
        };
        let help = "Findings that stand for themselves, by severity and section.";
        self.gauge("findings", help, counts.into_iter().map(sample));
        let Summary { explained, .. } = document.summary;
        let help = "Findings that are folded under what explains them.";
        self.gauge("explained_findings", help, [(Vec::new(), number(explained))]);
    }

    fn checks(&mut self, document: &Document) {
        let mut found: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
        for finding in &document.findings {
            *found.entry((finding.check, finding.severity)).or_default() += 1;
        }
        let sample = |((check, severity), count): ((&'static str, Severity), usize)| {
            (vec![("check", check), ("severity", severity.word())], number(count))
        };
        let help = "Findings of each check that found something, folded ones too.";
        self.gauge("check_findings", help, found.into_iter().map(sample));
        let states = document.checks.iter().map(|one| {
            let labels = vec![("check", one.id), ("section", one.section.word()), ("state", one.state.word())];
            (labels, 1.0)
        });
        let help = "What each check came to: passed, found, unknown, skipped.";
        self.gauge("check_state", help, states.collect::<Vec<_>>());
        let count = |state: CheckState| document.checks.iter().filter(|one| one.state == state).count();
        let counts = CheckState::ALL.map(|state| (vec![("state", state.word())], number(count(state))));
        self.gauge("checks", "Checks that ran, by what they came to; their sum is all.", counts);
    }

    fn coverage(&mut self, document: &Document) {
        let coverage = &document.coverage;
        let read = coverage.reads.iter().filter(|read| read.state == "read" || read.objects > 0);
        let objects = read.map(|read| (vec![("kind", read.what)], number(read.objects)));
        self.gauge("objects_read", "Objects that were read, by kind.", objects);
        let gaps = coverage.reads.iter().filter(|read| read.is_gap());
        let gaps: Vec<_> = gaps.map(|read| (vec![("kind", read.what), ("reason", read.state)], 1.0)).collect();
        let count = gaps.len() + coverage.problems.len();
        self.gauge("gaps", "What could not be looked at.", [(Vec::new(), number(count))]);
        self.gauge("gap", "Each kind that could not be looked at, and why.", gaps);
    }
}

/// Label values may hold anything: a kubeconfig names its contexts as it likes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn truth(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// Counts are far below what a float holds exactly.
fn number(count: usize) -> f64 {
    count as f64
}
