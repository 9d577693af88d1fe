//! The report as test results that pipelines read: a suite for each section, a case for each check.

use super::document::{CheckState, CheckView, Document, FindingView};
use super::several::{Missed, Several, Told};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use sre_core::check::Section;
use sre_core::finding::Severity;
use sre_runtime::args::FailOn;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

/// All results of a run.
pub(super) fn results(document: &Document, fail_on: FailOn) -> String {
    written(&Run { document, fail_on, by_id: document.by_id(), cluster: None }.suites())
}

/// All results of a run that looked at several clusters: each has suites of its own.
pub(super) fn of_several(several: &Several<'_>, fail_on: FailOn) -> String {
    let mut suites = Vec::new();
    for cluster in several.clusters {
        if let Some(Told { name, document, .. }) = cluster.told() {
            suites.extend(Run { document, fail_on, by_id: document.by_id(), cluster: Some(name) }.suites());
        }
        // The format wants a time: that of the others is the time of the run.
        let time = several.told().next().map(|told| time(told.document)).unwrap_or_default();
        suites.extend(cluster.missed().map(|missed| not_looked_at(missed, time)));
    }
    written(&suites)
}

fn written(suites: &[Suite<'_>]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail.
    let _ = write(&mut writer, suites);
    let mut text = legal(&String::from_utf8(writer.into_inner()).unwrap_or_default());
    text.push('\n');
    text
}

/// A cluster that nobody could look at, so that nothing of it has passed.
fn not_looked_at(missed: Missed<'_>, time: String) -> Suite<'_> {
    let case = Case {
        section: Section::Coverage,
        name: "the cluster can be looked at".to_owned(),
        ending: Ending::Skipped { because: missed.why.to_owned() },
        shown: String::new(),
    };
    let properties = vec![("cluster", missed.name)];
    Suite { cluster: Some(missed.name), section: Section::Coverage, time, properties, cases: vec![case] }
}

/// The format has no zone: it is UTC.
fn time(document: &Document) -> String {
    let time = document.source.taken_at.parse::<jiff::Timestamp>();
    time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S").to_string()).unwrap_or_default()
}

/// Makes characters visible that no XML document may hold (XML 1.0, section 2.2).
fn legal(text: &str) -> String {
    let is_legal = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_legal(letter) { out.push(letter) } else { out.extend(letter.escape_unicode()) }
    }
    out
}

/// ` and 3 more`, or nothing.
fn more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

type Xml = Writer<Vec<u8>>;

struct Run<'a> {
    document: &'a Document,
    fail_on: FailOn,
    by_id: BTreeMap<&'a str, &'a FindingView>,
    /// Its name, where there are several.
    cluster: Option<&'a str>,
}

/// The cases of a section, of one cluster.
struct Suite<'a> {
    /// Its name, where there are several.
    cluster: Option<&'a str>,
    section: Section,
    time: String,
    properties: Vec<(&'static str, &'a str)>,
    cases: Vec<Case>,
}

/// One case: what it is called, how it ended, what it has to show.
struct Case {
    section: Section,
    name: String,
    ending: Ending,
    shown: String,
}

enum Ending {
    Passed,
    Failed { message: String, severity: Severity, text: String },
    Skipped { because: String },
}

#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    skipped: usize,
}

impl Counts {
    fn of<'c>(cases: impl Iterator<Item = &'c Case> + Clone) -> Self {
        let count = |is_meant: fn(&Ending) -> bool| cases.clone().filter(|case| is_meant(&case.ending)).count();
        Self {
            tests: cases.clone().count(),
            failures: count(|ending| matches!(ending, Ending::Failed { .. })),
            skipped: count(|ending| matches!(ending, Ending::Skipped { .. })),
        }
    }

    fn attributes(&self) -> [(&'static str, String); 4] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", "0".to_owned()),
            ("skipped", self.skipped.to_string()),
        ]
    }
}

impl<'a> Run<'a> {
    fn suites(&self) -> Vec<Suite<'a>> {
        let mut cases = self.cases();
        let mut suites = Vec::new();
        for section in Section::ALL {
            let (of_section, others): (Vec<Case>, Vec<Case>) =
                cases.into_iter().partition(|case| case.section == section);
            cases = others;
            if !of_section.is_empty() {
                let (time, properties) = (time(self.document), self.properties());
                suites.push(Suite { cluster: self.cluster, section, time, properties, cases: of_section });
            }
        }
        suites
    }

    fn cases(&self) -> Vec<Case> {
        let problems = &self.document.coverage.problems;
        let unread = (!problems.is_empty()).then(|| Case {
            section: Section::Coverage,
            name: "something could not be read".to_owned(),
            ending: Ending::Skipped { because: problems.join("\n") },
            shown: String::new(),
        });
        self.document.checks.iter().map(|check| self.case(check)).chain(unread).collect()
    }

    fn case(&self, check: &CheckView) -> Case {
        let findings: Vec<&FindingView> =
            self.document.findings.iter().filter(|finding| finding.check == check.id).collect();
        let ending = self.ending(check, &findings);
        let shown = findings.iter().map(|finding| self.evidence(finding)).collect();
        Case { section: check.section, name: format!("{} {}", check.id, check.title), ending, shown }
    }

    fn ending(&self, check: &CheckView, findings: &[&FindingView]) -> Ending {
        let failing: Vec<&FindingView> = findings.iter().copied().filter(|finding| self.fails(finding)).collect();
        if let Some(first) = failing.first() {
            return Ending::Failed {
                message: format!("{}{}", first.title, more(failing.len() - 1)),
                severity: first.severity,
                text: failing.iter().map(|finding| finding.title.as_str()).collect::<Vec<_>>().join("\n"),
            };
        }
        match self.undecided(check, findings) {
            Some(because) => Ending::Skipped { because },
            None => Ending::Passed,
        }
    }

    /// Whether it is what makes the run fail: one that is explained leaves that to what explains it, if that fails.
    fn fails(&self, finding: &FindingView) -> bool {
        let counts = |finding: &FindingView| self.fail_on.counts(finding.severity);
        let mut causes = finding.caused_by.iter().filter_map(|id| self.by_id.get(id.as_str()));
        counts(finding) && !causes.any(|cause| counts(cause))
    }

    /// Why nothing can be said of what did not fail.
    fn undecided(&self, check: &CheckView, findings: &[&FindingView]) -> Option<String> {
        let coverage = &self.document.coverage;
        if check.state == CheckState::Skipped {
            let skipped = coverage.skipped_checks.iter().find(|skipped| skipped.check == check.id)?;
            return Some(format!("nothing to look at ({})", skipped.because));
        }
        let mut unknown = findings.iter().filter(|finding| finding.severity == Severity::Unknown);
        match unknown.next() {
            Some(first) => Some(format!("{}{}", first.title, more(unknown.count()))),
            None => coverage.nothing.filter(|_| findings.is_empty()).map(str::to_owned),
        }
    }

    fn properties(&self) -> Vec<(&'static str, &'a str)> {
        let source = &self.document.source;
        let known = [
            ("cluster", self.cluster),
            ("context", source.context.as_deref()),
            ("server", source.server.as_deref()),
            ("serverVersion", source.server_version.as_deref()),
            ("user", source.user.as_deref()),
            ("namespace", source.namespace.as_deref()),
            ("clock", source.clock.as_deref()),
        ];
        known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    fn evidence(&self, finding: &FindingView) -> String {
        let mut out = format!("{} {}: {}\n", finding.severity.word(), finding.object, finding.title);
        for fact in &finding.evidence {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {} {}: {}", fact.object, fact.field, fact.value);
        }
        let shown: Vec<String> = finding.shows_on.iter().map(ToString::to_string).collect();
        let causes = finding.caused_by.iter().filter_map(|id| self.by_id.get(id.as_str()));
        let causes: BTreeSet<String> = causes.map(|cause| format!("{} {}", cause.check, cause.object)).collect();
        let since = finding.since.iter().map(|since| format!("since {since}"));
        let shown = (!shown.is_empty()).then(|| format!("shown by {}", shown.join(", ")));
        let causes = causes.into_iter().map(|cause| format!("explained by {cause}"));
        let commands = finding.remedies.iter().map(|remedy| match remedy.note() {
            note if note.is_empty() => format!("$ {}", remedy.command),
            note => format!("$ {}   # {note}", remedy.command),
        });
        for line in since.chain(shown).chain(causes).chain(commands) {
            let _ = writeln!(out, "  {line}");
        }
        out
    }
}

fn write(xml: &mut Xml, suites: &[Suite<'_>]) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = Counts::of(suites.iter().flat_map(|suite| &suite.cases)).attributes();
    let root = xml.create_element("testsuites").with_attribute(("name", "kubectl sre daily-check"));
    root.with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| suite.write(xml)))?;
    Ok(())
}

impl Suite<'_> {
    fn write(&self, xml: &mut Xml) -> io::Result<()> {
        let cluster = self.cluster.map_or(String::new(), |name| format!("{name}: "));
        let name = format!("{cluster}{}", self.section.word());
        let counts = Counts::of(self.cases.iter()).attributes();
        let suite = xml.create_element("testsuite").with_attribute(("name", name.as_str()));
        let suite = suite
            .with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())))
            .with_attribute(("timestamp", self.time.as_str()));
        suite.write_inner_content(|xml| {
            self.write_properties(xml)?;
            self.cases.iter().try_for_each(|case| case.write(xml, self.cluster))
        })?;
        Ok(())
    }

    fn write_properties(&self, xml: &mut Xml) -> io::Result<()> {
        if self.properties.is_empty() {
            return Ok(());
        }
        xml.create_element("properties").write_inner_content(|xml| {
            for (name, value) in &self.properties {
                xml.create_element("property").with_attributes([("name", *name), ("value", *value)]).write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl Case {
    /// Programs that read results tell cases apart by class and name alone: the class says which cluster it is.
    fn write(&self, xml: &mut Xml, cluster: Option<&str>) -> io::Result<()> {
        let cluster = cluster.map_or(String::new(), |name| format!("{name}."));
        let class = format!("daily-check.{cluster}{}", self.section.word());
        let element = xml.create_element("testcase");
        let element = element.with_attributes([("classname", class.as_str()), ("name", self.name.as_str())]);
        if matches!(self.ending, Ending::Passed) && self.shown.is_empty() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|xml| {
            match &self.ending {
                Ending::Passed => {}
                Ending::Failed { message, severity, text } => {
                    let failure = xml.create_element("failure").with_attribute(("message", message.as_str()));
                    failure.with_attribute(("type", severity.word())).write_text_content(BytesText::new(text))?;
                }
                Ending::Skipped { because } => {
                    xml.create_element("skipped").with_attribute(("message", because.as_str())).write_empty()?;
                }
            }
            if !self.shown.is_empty() {
                xml.create_element("system-out").write_text_content(BytesText::new(&self.shown))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::sample;
    use super::*;
    use roxmltree::{Document as Xml, Node};

    /// The case of a check.
    fn case<'a>(xml: &'a Xml<'a>, check: &str) -> Node<'a, 'a> {
        let mut cases = xml.descendants().filter(|node| node.has_tag_name("testcase"));
        cases.find(|node| node.attribute("name").is_some_and(|name| name.starts_with(check))).expect("a case")
    }

    fn child<'a>(case: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
        case.children().find(|node| node.has_tag_name(name))
    }

    #[test]
    fn each_check_ends_as_it_came_out() {
        let text = results(&sample::saying(&str::to_owned), FailOn::Critical);
        let xml = Xml::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(case(&xml, "NOD-01").children().count(), 0);
        let failure = child(case(&xml, "NOD-02"), "failure").expect("a failure");
        assert_eq!((failure.attribute("message"), failure.attribute("type")), (Some("cause title"), Some("critical")));
        let skipped = child(case(&xml, "NOD-04"), "skipped").expect("a skipped one");
        assert_eq!(skipped.attribute("message"), Some("nothing to look at (skipped)"));
        assert!(child(case(&xml, "WRK-01"), "failure").is_none(), "a symptom leaves failing to its cause");
        let shown = child(case(&xml, "WRK-01"), "system-out").and_then(|node| node.text()).expect("evidence");
        for words in ["warning symptom kind/symptom in/symptom name: symptom title", "explained by NOD-02 cause kind"] {
            assert!(shown.contains(words), "{shown}");
        }
        let suite = xml.descendants().find(|node| node.attribute("name") == Some("nodes")).expect("a suite");
        let counts = ["tests", "failures", "errors", "skipped"].map(|name| suite.attribute(name));
        assert_eq!(counts, [Some("4"), Some("1"), Some("0"), Some("1")]);
        assert_eq!(suite.attribute("timestamp"), Some("2026-11-25T16:44:03"));
    }

    #[test]
    fn what_fails_depends_on_the_level() {
        let mut document = sample::saying(&str::to_owned);
        let failures = |document: &Document, level| results(document, level).matches("<failure").count();
        assert_eq!(failures(&document, FailOn::Never), 0);
        assert_eq!(failures(&document, FailOn::Critical), 1);
        assert_eq!(failures(&document, FailOn::Warning), 1, "a symptom leaves failing to its cause");
        document.findings[0].severity = Severity::Info;
        assert_eq!(failures(&document, FailOn::Critical), 0);
        assert_eq!(failures(&document, FailOn::Warning), 1, "a symptom fails when its cause does not");
    }

    #[test]
    fn what_was_not_decided_is_skipped_and_never_passed() {
        let mut document = sample::saying(&str::to_owned);
        document.findings[0].severity = Severity::Unknown;
        let text = results(&document, FailOn::Critical);
        let xml = Xml::parse(&text).expect("XML");
        let skipped = child(case(&xml, "NOD-02"), "skipped").expect("a skipped one");
        assert_eq!(skipped.attribute("message"), Some("cause title"));
        assert!(child(case(&xml, "something could not be read"), "skipped").is_some());
        document.coverage.nothing = Some("Nothing was seen");
        let text = results(&document, FailOn::Critical);
        let xml = Xml::parse(&text).expect("XML");
        let skipped = child(case(&xml, "NOD-01"), "skipped").expect("a skipped one");
        assert_eq!(skipped.attribute("message"), Some("Nothing was seen"));
    }

    #[test]
    fn every_cluster_has_suites_of_its_own_and_one_that_is_lost_passes_nothing() {
        let clusters = super::super::several::sample::saying(&|field| format!("{field}<&>"));
        let text = of_several(&Several { clusters: &clusters }, FailOn::Critical);
        let xml = Xml::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let suites = xml.descendants().filter(|node| node.has_tag_name("testsuite"));
        let names: Vec<&str> = suites.filter_map(|suite| suite.attribute("name")).collect();
        let expected =
            ["first<&>: coverage", "first<&>: nodes", "lost<&>: coverage", "second<&>: coverage", "second<&>: nodes"];
        assert_eq!(names, expected);
        let cases = xml.descendants().filter(|node| node.has_tag_name("testcase"));
        let lost = cases.into_iter().find(|case| case.attribute("classname") == Some("daily-check.lost<&>.coverage"));
        let skipped = lost.and_then(|case| child(case, "skipped")).expect("a skipped one");
        assert_eq!(skipped.attribute("message"), Some("why<&>"));
    }

    #[test]
    fn any_text_stays_text_and_what_xml_forbids_is_made_visible() {
        let hostile = |field: &str| format!("[{field}]</system-out><x y='\"'>&amp;]]>\u{0}\u{1b}\u{fffe}\u{b}");
        let text = results(&sample::saying(&hostile), FailOn::Critical);
        let xml = Xml::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(!xml.descendants().any(|node| node.has_tag_name("x")));
        let shown = child(case(&xml, "NOD-02"), "system-out").and_then(|node| node.text()).expect("evidence");
        let expected = "[cause value]</system-out><x y='\"'>&amp;]]>\\u{0}\\u{1b}\\u{fffe}\\u{b}";
        assert!(shown.contains(expected), "{shown}");
        let properties = xml.descendants().filter(|node| node.has_tag_name("property"));
        assert!(properties.into_iter().all(|node| node.attribute("value").is_some_and(|it| it.contains("<x y="))));
    }
}
