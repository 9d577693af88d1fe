//! Alerts to start from: `NAME`, or `NAME{label=value,...}` as Prometheus writes them.

use sre_core::check::Sight;
use sre_core::inquiry::{Alert, subject_among};
use sre_core::object::ObjectRef;
use sre_core::snapshot::ReadState;
use sre_core::view::View;
use sre_runtime::error::Error;
use std::collections::BTreeSet;

/// Which alerts are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertNamed {
    /// What they are called.
    pub name: String,
    /// Labels that they must have.
    labels: Vec<(String, String)>,
}

/// An alert that fires, and what it is about.
#[derive(Clone, Debug)]
pub struct Firing {
    /// The alert.
    pub alert: Alert,
    /// What it is about, as far as its labels name something that is there.
    pub subject: Option<ObjectRef>,
}

/// Names that are listed where another was typed.
const LISTED: usize = 20;

impl AlertNamed {
    /// Reads what was typed.
    ///
    /// # Errors
    /// Says what is wanted.
    pub fn of(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no alert: NAME or NAME{{label=value,...}} is wanted");
        let (name, rest) = text.split_once('{').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let inner = rest.map(|rest| rest.trim_end().strip_suffix('}').ok_or_else(wrong)).transpose()?;
        let pairs = inner.unwrap_or_default().split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (label, value) = pair.split_once('=').ok_or_else(wrong)?;
            let value = value.trim().trim_matches('"');
            Ok::<_, String>((label.trim().to_owned(), value.to_owned()))
        };
        let labels = pairs.map(pair).collect::<Result<_, _>>()?;
        let name = name.trim().to_owned();
        if name.is_empty() { Err(wrong()) } else { Ok(Self { name, labels }) }
    }

    fn means(&self, alert: &Alert) -> bool {
        alert.name() == self.name && self.labels.iter().all(|(label, value)| alert.label(label) == value)
    }

    /// The alerts that fire, with what they are about; none where Alertmanager could not be asked, which is a gap.
    ///
    /// # Errors
    /// Fails when there is no Alertmanager, or no such alert fires.
    pub fn firing(&self, view: &View<'_>) -> Result<Vec<Firing>, Error> {
        let Some(alerts) = view.snapshot.answers.alerts() else {
            return match view.snapshot.coverage.state(Sight::Alertmanager) {
                ReadState::Gap(_) => Ok(Vec::new()),
                _ => Err(nobody_to_ask(view)),
            };
        };
        let meant: Vec<&Alert> = alerts.iter().filter(|alert| self.means(alert)).collect();
        if meant.is_empty() {
            return Err(self.fires_not(&alerts));
        }
        let firing = |alert: &&Alert| Firing { alert: (*alert).clone(), subject: subject_among(view, &alert.labels) };
        Ok(meant.iter().map(firing).collect())
    }

    fn fires_not(&self, alerts: &[Alert]) -> Error {
        let of_name: Vec<String> = alerts.iter().filter(|it| it.name() == self.name).map(written).collect();
        let names: BTreeSet<String> = alerts.iter().map(|alert| alert.name().to_owned()).collect();
        let listed = |all: Vec<String>| all.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
        let hint = match (of_name.is_empty(), names.is_empty()) {
            (false, _) => format!("of that name these fire: {}", listed(of_name)),
            (true, false) => format!("these fire: {}", listed(names.into_iter().collect())),
            (true, true) => "no alert fires; without --alert everything in scope is looked at".to_owned(),
        };
        let pairs: Vec<String> = self.labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
        let labels = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) };
        Error::Usage { message: format!("no alert {}{labels} fires", self.name), hint }
    }
}

fn nobody_to_ask(view: &View<'_>) -> Error {
    let message = match view.snapshot.namespaces.one() {
        Some(one) => format!("no Alertmanager was found in namespace {one}, the only one that was looked at"),
        None => "no Alertmanager was found to ask for alerts".to_owned(),
    };
    let hint = "name it in a profile (alertmanager, see kubectl sre profile) and type --profile, or name an object: \
                kubectl sre incident triage TYPE/NAME";
    Error::Usage { message, hint: hint.to_owned() }
}

/// An alert as it may be typed.
pub fn written(alert: &Alert) -> String {
    const LEFT_OUT: [&str; 3] = ["alertname", "severity", "prometheus"];
    let labels = alert.labels.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    format!("{}{labels}", alert.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_typed_as_prometheus_writes_it() {
        let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let named =
            |name: &str, pairs: &[(&str, &str)]| Ok(AlertNamed { name: name.to_owned(), labels: labels(pairs) });
        assert_eq!(AlertNamed::of("PodCrashes"), named("PodCrashes", &[]));
        let both = [("namespace", "shop"), ("pod", "web-1")];
        assert_eq!(AlertNamed::of(r#"PodCrashes{namespace="shop", pod=web-1}"#), named("PodCrashes", &both));
        for wrong in ["", "{a=b}", "A{a}", "A{a=b"] {
            assert!(AlertNamed::of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_can_be_typed() {
        let mut alert = Alert::default();
        for (label, value) in [("alertname", "A"), ("severity", "page"), ("pod", "web-1")] {
            alert.labels.insert(label.to_owned(), value.to_owned());
        }
        assert_eq!(written(&alert), "A{pod=web-1}");
        assert!(AlertNamed::of(&written(&alert)).is_ok_and(|named| named.means(&alert)));
        assert!(AlertNamed::of("A{pod=web-2}").is_ok_and(|named| !named.means(&alert)));
    }
}
