//! What Alertmanager knows of:
//! <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>.

use super::question::{ALERTS, SILENCES};
use super::{Answer, Answers, label_of};
use crate::check::Sight;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;

/// An alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Alert {
    /// What it is of; `alertname` is among them.
    pub labels: BTreeMap<String, String>,
    /// Words for people.
    pub annotations: BTreeMap<String, String>,
    /// Since when it fires.
    pub starts_at: Timestamp,
    /// What becomes of it.
    pub status: AlertStatus,
}

/// What becomes of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AlertStatus {
    /// `active`, `suppressed` or `unprocessed`.
    pub state: String,
    /// Ids of the silences that keep it quiet.
    pub silenced_by: Vec<String>,
    /// Fingerprints of the alerts that keep it quiet.
    pub inhibited_by: Vec<String>,
}

/// A silence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Silence {
    /// Its id.
    pub id: String,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
    /// What it keeps quiet.
    pub matchers: Vec<Matcher>,
    /// Whether it holds.
    pub status: SilenceStatus,
}

/// Whether a silence holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SilenceStatus {
    /// `active`, `pending` or `expired`.
    pub state: String,
}

/// What a silence keeps quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// What it is.
    pub value: String,
    /// Whether that is a pattern.
    pub is_regex: bool,
    /// Whether it must be otherwise.
    #[serde(rename = "isEqual", deserialize_with = "otherwise")]
    pub is_not: bool,
}

/// Old versions do not say it, and mean that it must be so.
fn otherwise<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Option::<bool>::deserialize(from).map(|it| it == Some(false))
}

impl fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match (self.is_regex, self.is_not) {
            (false, false) => "=",
            (false, true) => "!=",
            (true, false) => "=~",
            (true, true) => "!~",
        };
        write!(formatter, "{}{sign}{:?}", self.name, self.value)
    }
}

impl Alert {
    /// A label; empty if there is none.
    pub fn label(&self, name: &str) -> &str {
        label_of(&self.labels, name)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.label("alertname")
    }

    /// Whether it fires and nothing keeps it quiet.
    pub fn is_active(&self) -> bool {
        self.status.silenced_by.is_empty() && self.status.inhibited_by.is_empty()
    }
}

impl Answers {
    /// The alerts, in the order of their labels; none when nobody told them.
    pub fn alerts(&self) -> Option<Vec<Alert>> {
        let mut alerts: Vec<Alert> = self.told(ALERTS)?;
        alerts.sort_by(|a, b| a.labels.cmp(&b.labels));
        Some(alerts)
    }

    /// The silences that hold, by their ids; none when nobody told them.
    pub fn silences(&self) -> Option<Vec<Silence>> {
        let mut silences: Vec<Silence> = self.told(SILENCES)?;
        silences.retain(|silence| silence.status.state == "active");
        silences.sort_by(|a, b| a.id.cmp(&b.id));
        Some(silences)
    }

    fn told<T: DeserializeOwned>(&self, path: &str) -> Option<Vec<T>> {
        let answer = self.to_path(Sight::Alertmanager, path).filter(|answer| Answer::is_success(answer))?;
        serde_json::from_str(&answer.body).ok()
    }
}

/// Whether a body is an answer of Alertmanager: both are lists of mappings that tell of a status.
pub(super) fn check(body: &str) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "status")]
        _status: AlertStatus,
    }
    let wrong = |error| format!("it is no answer of Alertmanager: {error}");
    serde_json::from_str::<Vec<Row>>(body).map_err(wrong)?;
    // One that cannot be read would be missed without a word.
    let rows: Vec<serde_json::Value> = serde_json::from_str(body).map_err(wrong)?;
    for row in rows {
        if row.get("labels").is_some() {
            Alert::deserialize(row).map_err(wrong)?;
        } else {
            Silence::deserialize(row).map_err(wrong)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inquiry::{Asked, Question, Target};

    fn answered(path: &str, body: &str) -> Answers {
        let target = Target::Url("http://a".to_owned());
        let question = Question { sight: Sight::Alertmanager, target, path: path.to_owned() };
        let answer = Ok(Answer { status: 200, body: body.to_owned(), milliseconds: 1 });
        Answers::of(vec![Asked { question, answer }])
    }

    #[test]
    fn alerts_are_read_with_what_keeps_them_quiet() {
        let body = r#"[{"labels":{"alertname":"B"},"startsAt":"2026-01-01T00:00:00.000Z","status":{"state":"active",
            "silencedBy":[],"inhibitedBy":[]}},{"labels":{"alertname":"A"},"startsAt":"2026-01-01T00:00:00.000Z",
            "status":{"state":"suppressed","silencedBy":["s"],"inhibitedBy":[]}}]"#;
        let alerts = answered(ALERTS, body).alerts().expect("alerts");
        let seen: Vec<(&str, bool)> = alerts.iter().map(|alert| (alert.name(), alert.is_active())).collect();
        assert_eq!(seen, [("A", false), ("B", true)]);
    }

    #[test]
    fn a_silence_that_is_over_says_nothing() {
        let body = r#"[{"id":"1","createdBy":"me","comment":"known","endsAt":"2026-01-01T00:00:00Z",
            "startsAt":"2025-12-31T00:00:00Z","status":{"state":"active"},"matchers":[]},
            {"id":"0","status":{"state":"expired"}}]"#;
        let silences = answered(SILENCES, body).silences().expect("silences");
        assert_eq!(silences.iter().map(|silence| silence.id.as_str()).collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn another_program_is_told() {
        assert!(check("[]").is_ok() && check("{}").is_err() && check("[1]").is_err());
        let alert = |at: &str| format!(r#"[{{"labels":{{"alertname":"A"}},"startsAt":"{at}","status":{{}}}}]"#);
        assert!(check(&alert("2026-01-01T00:00:00Z")).is_ok());
        assert!(check(&alert("yesterday")).is_err(), "one that is not read is missed");
    }
}
