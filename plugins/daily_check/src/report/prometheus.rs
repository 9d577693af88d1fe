//! The report as metrics: the text format 0.0.4 of Prometheus, for the textfile collector of its node exporter.

use super::document::{CheckState, Document, Summary};
use super::several::{Several, Told};
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
    let mut page = Page::default();
    page.cluster(document, verdict, None);
    page.written()
}

/// All metrics of a run that looked at several clusters: every sample says of which it is.
pub(super) fn of_several(several: &Several<'_>) -> String {
    let mut page = Page::default();
    for cluster in several.clusters {
        page.common = vec![("cluster", cluster.name.clone())];
        let help = "Whether the cluster could be looked at.";
        page.gauge("looked_at", help, [(Vec::new(), truth(cluster.told().is_some()))]);
        match cluster.told() {
            Some(Told { name, document, verdict }) => page.cluster(document, verdict, Some(name)),
            None => page.verdict(Verdict { failing: false, incomplete: true }),
        }
    }
    page.written()
}

/// A metric: what it is, and its samples, each on a line.
struct Metric {
    name: String,
    help: String,
    samples: String,
}

#[derive(Default)]
struct Page {
    /// Each name once, whatever the number of clusters: the format wants all samples of a name together.
    metrics: Vec<Metric>,
    /// Where the run looked, on every sample: files of several clusters can lie in one folder.
    common: Vec<(&'static str, String)>,
}

impl Page {
    /// Samples of one metric; one that has none is left out.
    fn gauge<'s>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (Labels<'s>, f64)>) {
        let name = format!("{PREFIX}_{name}");
        let mut lines = String::new();
        for (labels, value) in samples {
            let common = self.common.iter().map(|(name, value)| (*name, value.as_str()));
            let labels = common.chain(labels).map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
            let labels = labels.collect::<Vec<_>>().join(",");
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{name}{labels} {value}");
        }
        match self.metrics.iter_mut().find(|metric| metric.name == name) {
            Some(metric) => metric.samples.push_str(&lines),
            None if lines.is_empty() => {}
            None => self.metrics.push(Metric { name, help: help.to_owned(), samples: lines }),
        }
    }

    fn written(&self) -> String {
        let written =
            |Metric { name, help, samples }: &Metric| format!("# HELP {name} {help}\n# TYPE {name} gauge\n{samples}");
        self.metrics.iter().map(written).collect()
    }

    fn cluster(&mut self, document: &Document, verdict: Verdict, cluster: Option<&str>) {
        let source = &document.source;
        let common =
            [("cluster", cluster), ("context", source.context.as_deref()), ("namespace", source.namespace.as_deref())];
        self.common = common.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect();
        self.run(document, verdict);
        self.findings(document);
        self.checks(document);
        self.coverage(document);
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
        self.verdict(verdict);
    }

    fn verdict(&mut self, verdict: Verdict) {
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

#[cfg(test)]
mod tests {
    use super::super::document::sample;
    use super::*;

    const VERDICT: Verdict = Verdict { failing: true, incomplete: true };

    /// A sample, taken apart as the format says.
    type Sample = (String, BTreeMap<String, String>, f64);

    /// Reads labels up to the closing brace, and gives what stands behind it.
    fn labels(mut rest: &str) -> (BTreeMap<String, String>, &str) {
        let mut labels = BTreeMap::new();
        while let Some((name, quoted)) = rest.split_once("=\"") {
            let mut value = String::new();
            let mut letters = quoted.char_indices();
            let end = loop {
                match letters.next().expect("a closing quote") {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match letters.next().expect("an escape").1 {
                        'n' => '\n',
                        letter @ ('\\' | '"') => letter,
                        other => panic!("\\{other} is no escape"),
                    }),
                    (_, letter) => value.push(letter),
                }
            };
            assert!(name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'), "{name}");
            assert!(labels.insert(name.to_owned(), value).is_none(), "{name} is there twice");
            rest = &quoted[end + 1..];
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
        (labels, rest.strip_prefix('}').expect("a closing brace"))
    }

    /// Reads the format strictly: HELP, TYPE, then samples of that name, and every series once.
    fn parsed(text: &str) -> Vec<Sample> {
        assert!(text.ends_with('\n'));
        let mut samples: Vec<Sample> = Vec::new();
        let mut metric = String::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                metric = help.split_once(' ').expect("words").0.to_owned();
                assert_eq!(lines.next(), Some(format!("# TYPE {metric} gauge").as_str()));
                assert!(lines.peek().is_some_and(|next| next.starts_with(&metric)), "{metric} has no sample");
                continue;
            }
            let rest = line.strip_prefix(metric.as_str()).unwrap_or_else(|| panic!("{line} is not of {metric}"));
            let (labels, rest) = rest.strip_prefix('{').map_or((BTreeMap::new(), rest), labels);
            let value = rest.strip_prefix(' ').and_then(|value| value.parse().ok()).expect("a value");
            assert!(
                !samples.iter().any(|(name, other, _)| *name == metric && *other == labels),
                "{line} is there twice"
            );
            samples.push((metric.clone(), labels, value));
        }
        samples
    }

    fn value(samples: &[Sample], name: &str, wanted: &[(&str, &str)]) -> Option<f64> {
        let has = |labels: &BTreeMap<String, String>| {
            wanted.iter().all(|(name, value)| labels.get(*name).is_some_and(|there| there == value))
        };
        let mut found =
            samples.iter().filter(|(other, labels, _)| other.strip_prefix(PREFIX) == Some(name) && has(labels));
        let value = found.next().map(|(_, _, value)| *value);
        assert!(found.next().is_none(), "{name} {wanted:?} names several");
        value
    }

    #[test]
    fn the_numbers_are_those_of_the_report() {
        let samples = parsed(&metrics(&sample::saying(&str::to_owned), VERDICT));
        for (name, labels, expected) in [
            ("_findings", vec![("severity", "critical"), ("section", "nodes")], 1.0),
            ("_findings", vec![("severity", "warning"), ("section", "nodes")], 0.0),
            ("_explained_findings", vec![], 1.0),
            ("_check_findings", vec![("check", "WRK-01"), ("severity", "warning")], 1.0),
            ("_check_state", vec![("check", "NOD-04"), ("state", "skipped")], 1.0),
            ("_checks", vec![("state", "passed")], 1.0),
            ("_checks", vec![("state", "found")], 2.0),
            ("_objects_read", vec![("kind", "Node")], 7.0),
            ("_gaps", vec![], 2.0),
            ("_gap", vec![("kind", "Pod"), ("reason", "forbidden")], 1.0),
            ("_failing", vec![], 1.0),
            ("_incomplete", vec![], 1.0),
            ("_timestamp_seconds", vec![], 1_795_625_043.0),
        ] {
            assert_eq!(value(&samples, name, &labels), Some(expected), "{name} {labels:?}");
        }
        let all: f64 = samples.iter().filter(|(name, ..)| *name == format!("{PREFIX}_checks")).map(|(.., it)| it).sum();
        assert_eq!(all, 4.0);
    }

    #[test]
    fn nothing_found_is_a_zero_and_nothing_missing() {
        let mut document = sample::saying(&str::to_owned);
        document.findings.clear();
        let samples = parsed(&metrics(&document, VERDICT));
        let labels = [("severity", "critical"), ("section", "nodes")];
        assert_eq!(value(&samples, "_findings", &labels), Some(0.0));
        assert_eq!(value(&samples, "_check_findings", &[]), None);
    }

    #[test]
    fn every_cluster_has_its_series_and_every_metric_is_explained_once() {
        let clusters = super::super::several::sample::saying(&str::to_owned);
        let text = of_several(&Several { clusters: &clusters });
        let samples = parsed(&text);
        for cluster in ["first", "second"] {
            let labels = [("cluster", cluster), ("severity", "critical"), ("section", "nodes")];
            assert_eq!(value(&samples, "_findings", &labels), Some(1.0), "{text}");
        }
        let of_lost = |name| value(&samples, name, &[("cluster", "lost")]);
        assert_eq!(
            (of_lost("_looked_at"), of_lost("_incomplete"), of_lost("_failing")),
            (Some(0.0), Some(1.0), Some(0.0))
        );
        assert_eq!((of_lost("_timestamp_seconds"), of_lost("_gaps")), (None, None), "nothing is known of it");
        assert_eq!(text.matches("# HELP kubectl_sre_daily_check_findings ").count(), 1, "{text}");
    }

    #[test]
    fn label_values_hold_anything() {
        let hostile = |field: &str| format!("{field}\"}} 1\nowned 2\\\\n\\\"");
        let samples = parsed(&metrics(&sample::saying(&hostile), VERDICT));
        for (_, labels, _) in &samples {
            assert_eq!(labels.get("context"), Some(&hostile("context")));
            assert_eq!(labels.get("namespace"), Some(&hostile("namespace")));
        }
        assert_eq!(value(&samples, "_info", &[("server_version", &hostile("server version"))]), Some(1.0));
    }
}
