//! What a team asks of the speed of its system, and what it does about what it finds.

use crate::cause::CLASSES;
use crate::inquiry::Query;
use crate::strict::Cursor;
use std::borrow::Cow;

/// A question about performance that Prometheus answers; of its values more is worse.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// What is measured, for example `95th percentile of requests`.
    pub name: Cow<'static, str>,
    /// The class that it is when it is too much.
    pub class: &'static str,
    /// What Prometheus is asked.
    pub query: Query,
    /// How a value is written.
    pub unit: MeasureUnit,
    /// From where on it is a warning.
    pub warning: Option<f64>,
    /// From where on it is critical.
    pub critical: Option<f64>,
    /// The component that it is of, where its labels name no pod.
    pub component: Option<String>,
}

/// How a measured value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureUnit {
    /// In seconds.
    Seconds,
    /// As a part of one.
    Ratio,
    /// In bytes.
    Bytes,
    /// As a number.
    Count,
}

impl MeasureUnit {
    const NAMES: [(&'static str, Self); 4] =
        [("seconds", Self::Seconds), ("ratio", Self::Ratio), ("bytes", Self::Bytes), ("count", Self::Count)];

    /// A value in words.
    pub fn written(self, value: f64) -> String {
        match self {
            _ if value.is_infinite() => "without end".to_owned(),
            _ if value.abs() >= 1e15 => format!("{value:.3e}"),
            Self::Seconds if value < 1.0 => format!("{:.0} ms", value * 1000.0),
            Self::Seconds => format!("{value:.1} s"),
            Self::Ratio => format!("{:.0} %", value * 100.0),
            Self::Bytes => format!("{:.0} MB", value / 1e6),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// What a team does about a class, or asks people where it cannot be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Counsel {
    /// The class.
    pub class: &'static str,
    /// Whose settings are changed.
    pub component: Option<String>,
    /// Settings, each `NAME=VALUE`.
    pub settings: Vec<String>,
    /// What to ask or look at, outside of the cluster.
    pub ask: Option<String>,
}

impl Measure {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["name", "class", "query", "unit", "warning", "critical", "component"])?;
        let name = fields.required("name").and_then(|it| it.text());
        let class = fields.required("class").and_then(|it| it.parsed(class));
        let query = fields.required("query").and_then(|it| it.text());
        let unit = fields.optional("unit").map_or(Some(MeasureUnit::Count), |it| it.choice(&MeasureUnit::NAMES));
        let bound = |name| fields.optional(name).map_or(Some(None), |it| it.number(0.0..=1e15).map(Some));
        let (warning, critical) = (bound("warning"), bound("critical"));
        let component = fields.optional("component").map_or(Some(None), |it| it.text().map(Some));
        match (warning?, critical?) {
            (None, None) => {
                fields.wrong("warning or critical is wanted: from where on it is told");
                None
            }
            (Some(warning), Some(critical)) if warning > critical => {
                fields.wrong("warning is above critical, so nobody would ever be warned");
                None
            }
            (warning, critical) => Some(Self {
                name: name?.into(),
                class: class?,
                query: Query::Now(query?.trim().to_owned().into()),
                unit: unit?,
                warning,
                critical,
                component: component?,
            }),
        }
    }
}

impl Counsel {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["class", "component", "set", "ask"])?;
        let class = fields.required("class").and_then(|it| it.parsed(class));
        let component = fields.optional("component").map_or(Some(None), |it| it.text().map(Some));
        let settings = fields.optional("set").map_or(Some(Vec::new()), |it| it.each(|one| one.parsed(setting)));
        let ask = fields.optional("ask").map_or(Some(None), |it| it.text().map(Some));
        let (component, settings, ask) = (component?, settings?, ask?);
        if settings.is_empty() && ask.is_none() {
            fields.wrong("set or ask is wanted: what to do about it");
            return None;
        }
        if !settings.is_empty() && component.is_none() {
            fields.wrong("component is missing: whose settings are they?");
            return None;
        }
        Some(Self { class: class?, component, settings, ask })
    }
}

fn class(text: &str) -> Result<&'static str, String> {
    let known = CLASSES.iter().find(|class| class.id == text);
    known.map(|class| class.id).ok_or_else(|| format!("{text} is no class; kubectl sre explain lists them"))
}

/// A setting is pasted into a command: what a shell might take for something else is refused.
fn setting(text: &str) -> Result<String, String> {
    let help = || format!("{text} is no setting; write NAME=VALUE, of letters, digits and - _ . : / , @ %");
    let (name, value) = text.split_once('=').ok_or_else(help)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_value = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/,@%".contains(&byte));
    if is_name && is_value { Ok(text.to_owned()) } else { Err(help()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn wrong<T>(text: &str, read: impl Fn(&Cursor<'_>) -> Option<T>) -> Vec<String> {
        strict::read(text, read).err().unwrap_or_default().iter().map(|it| it.message.clone()).collect()
    }

    #[test]
    fn a_measure_has_a_query_and_a_bound() {
        let text = "{name: p95, class: response-slow, unit: seconds, warning: 1, critical: 5, query: ' x > 0 '}";
        let measure = strict::read(text, Measure::read).expect("a measure");
        assert_eq!((measure.query, measure.warning), (Query::Now("x > 0".into()), Some(1.0)));
        assert_eq!(MeasureUnit::Seconds.written(0.25), "250 ms");
        let unbound = wrong("{name: p, class: response-slow, query: x}", Measure::read);
        assert_eq!(unbound, ["warning or critical is wanted: from where on it is told"]);
        let unknown = wrong("{name: p, class: slow, query: x, warning: 1}", Measure::read);
        assert_eq!(unknown, ["slow is no class; kubectl sre explain lists them"]);
        assert_eq!(wrong("{name: p, class: response-slow, query: x, warning: 2, critical: 1}", Measure::read).len(), 1);
    }

    #[test]
    fn a_counsel_does_something_and_steers_no_shell() {
        let text = "{class: database-locked, component: backend, set: [POOL_SIZE=5, URL=redis://cache:6379]}";
        assert_eq!(strict::read(text, Counsel::read).expect("a counsel").settings.len(), 2);
        for set in ["POOL", "A=1;b", "A=$(x)", "'A=1 B=2'", "=1"] {
            let text = format!("{{class: database-locked, component: backend, set: [\"{set}\"]}}");
            assert_eq!(wrong(&text, Counsel::read).len(), 1, "{set}");
        }
        assert_eq!(wrong("{class: database-locked}", Counsel::read).len(), 1);
        assert_eq!(wrong("{class: database-locked, set: [A=1]}", Counsel::read).len(), 1);
    }
}
