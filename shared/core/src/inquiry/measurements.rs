//! What Prometheus measured: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use super::answer::refusal;
use super::{Answers, Query, label_of};
use crate::check::Sight;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Letters of warnings that are told.
const LONGEST: usize = 200;

/// One value with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What it is of.
    pub labels: BTreeMap<String, String>,
    /// Never a number that is none.
    pub value: f64,
}

/// Values over time with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is of.
    pub labels: BTreeMap<String, String>,
    /// When, in seconds since 1970, and how much; the oldest first.
    pub values: Vec<(i64, f64)>,
}

impl Sample {
    /// A label; empty if there is none, as in PromQL.
    pub fn label(&self, name: &str) -> &str {
        label_of(&self.labels, name)
    }
}

impl Series {
    /// A label; empty if there is none, as in PromQL.
    pub fn label(&self, name: &str) -> &str {
        label_of(&self.labels, name)
    }
}

impl Answers {
    /// The values that a query gave, in the order of their labels; none when it was not answered.
    ///
    /// What is no number is left out: 0/0 of what nobody used says nothing.
    pub fn samples(&self, query: &Query, now: Timestamp) -> Option<Vec<Sample>> {
        let mut samples: Vec<Sample> = self.result(query, now)?.into_iter().filter_map(Row::sample).collect();
        samples.sort_by(|a, b| a.labels.cmp(&b.labels));
        Some(samples)
    }

    /// The series that a query over time gave, in the order of their labels; none when it was not answered.
    pub fn series(&self, query: &Query, now: Timestamp) -> Option<Vec<Series>> {
        let mut series: Vec<Series> = self.result(query, now)?.into_iter().map(Row::series).collect();
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        Some(series)
    }

    /// What is wrong with the answer to a query, or what Prometheus warns of beside it: then it is not whole. None when it
    /// was not asked.
    pub fn trouble(&self, query: &Query, now: Timestamp) -> Option<Result<(), String>> {
        let path = query.path(now);
        let asked = self.iter().find(|it| it.question.sight == Sight::Prometheus && it.question.path == path)?;
        if let Some((reason, why)) = refusal(Sight::Prometheus, &asked.answer) {
            return Some(Err(format!("{}: {}: {why}", reason.word(), asked.question.target)));
        }
        let body = asked.answer.as_ref().map_or("", |answer| answer.body.as_str());
        let warnings = serde_json::from_str::<Envelope>(body).map(|it| it.warnings.join("; ")).unwrap_or_default();
        let words = || format!("Prometheus warns: {}", warnings.chars().take(LONGEST).collect::<String>());
        Some(if warnings.is_empty() { Ok(()) } else { Err(words()) })
    }

    fn result(&self, query: &Query, now: Timestamp) -> Option<Vec<Row>> {
        let answer = self.to_path(Sight::Prometheus, &query.path(now)).filter(|answer| answer.is_success())?;
        Some(serde_json::from_str::<Envelope>(&answer.body).ok()?.data.result)
    }
}

/// The share, between 0 and 1, that a query for one gave; none where there is no single value.
pub fn only_share(samples: &[Sample]) -> Option<f64> {
    match samples {
        [only] => Some(only.value.clamp(0.0, 1.0)),
        // Which of several is the whole, nobody can tell.
        _ => None,
    }
}

/// Whether a body is an answer of Prometheus.
pub(super) fn check(body: &str) -> Result<(), String> {
    match serde_json::from_str::<Envelope>(body) {
        Ok(envelope) if envelope.status == "success" => Ok(()),
        Ok(envelope) => Err(format!("its status is {}", envelope.status)),
        Err(error) => Err(format!("it is no answer of Prometheus: {error}")),
    }
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    data: Data,
    /// That something is not whole, such as a store that did not answer.
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    metric: BTreeMap<String, String>,
    value: Option<Point>,
    #[serde(default)]
    values: Vec<Point>,
}

/// Seconds with a fraction, and the number as text.
#[derive(Deserialize)]
struct Point(f64, String);

impl Point {
    fn number(&self) -> Option<f64> {
        self.1.parse().ok().filter(|value: &f64| !value.is_nan())
    }
}

impl Row {
    fn sample(self) -> Option<Sample> {
        Some(Sample { value: self.value?.number()?, labels: self.metric })
    }

    #[allow(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    fn series(self) -> Series {
        let values = self.values.iter().filter_map(|point| Some((point.0 as i64, point.number()?)));
        Series { values: values.collect(), labels: self.metric }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inquiry::{Answer, Asked, Question, Target};

    fn answered(query: &Query, body: &str) -> Answers {
        let path = query.path(Timestamp::UNIX_EPOCH);
        let question = Question { sight: Sight::Prometheus, target: Target::Url("http://a".to_owned()), path };
        let answer = Ok(Answer { status: 200, body: body.to_owned(), milliseconds: 1 });
        Answers::of(vec![Asked { question, answer }])
    }

    #[test]
    fn values_are_read_and_what_is_no_number_is_left_out() {
        let body = r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{"a":"2"},"value":[1.5,"0.25"]},{"metric":{"a":"1"},"value":[1.5,"NaN"]},
            {"metric":{"a":"0"},"value":[1.5,"+Inf"]}]}}"#;
        let query = Query::now("x");
        let samples = answered(&query, body).samples(&query, Timestamp::UNIX_EPOCH).expect("an answer");
        let seen: Vec<(&str, f64)> = samples.iter().map(|sample| (sample.label("a"), sample.value)).collect();
        assert_eq!(seen, [("0", f64::INFINITY), ("2", 0.25)]);
        assert_eq!(answered(&query, body).samples(&Query::now("y"), Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn series_keep_their_times() {
        let body = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{},"values":[[60,"1"],[120,"2"]]}]}}"#;
        let query = Query::Since { expression: "x".into(), hours: 1, step: 60 };
        let series = answered(&query, body).series(&query, Timestamp::UNIX_EPOCH).expect("an answer");
        assert_eq!(series[0].values, [(60, 1.0), (120, 2.0)]);
    }

    #[test]
    fn what_is_no_answer_is_told() {
        assert!(check("<html>").is_err() && check(r#"{"status":"error"}"#).is_err());
    }
}
