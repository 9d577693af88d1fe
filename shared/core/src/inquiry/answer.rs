//! What came back.

use super::question::Question;
use super::{alerts, kubelets, measurements};
use crate::check::Sight;
use crate::snapshot::{Gap, GapReason, ReadState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, bounded by who asked.
    pub body: String,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Failure {
    /// The API server does not let the caller ask.
    Forbidden(String),
    /// Nothing came back in time; so many milliseconds.
    TimedOut(u64),
    /// Nobody is there, or the connection broke.
    Unreachable(String),
}

/// Questions with what became of them, in the order of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(Vec<Asked>);

/// A question and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// What was asked.
    pub question: Question,
    /// What came back.
    pub answer: Result<Answer, Failure>,
}

impl Failure {
    /// As a gap tells it.
    pub(super) fn reason(&self) -> GapReason {
        match self {
            Self::Forbidden(_) => GapReason::Forbidden,
            Self::TimedOut(_) => GapReason::TimedOut,
            Self::Unreachable(_) => GapReason::Unavailable,
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Forbidden(why) | Self::Unreachable(why) => why.clone(),
            Self::TimedOut(milliseconds) => format!("no answer within {milliseconds} ms"),
        }
    }
}

impl Answer {
    /// Whether the status says that it went well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Answers {
    /// Collects.
    pub fn of(asked: Vec<Asked>) -> Self {
        Self(asked)
    }

    /// Adds what was asked later.
    pub fn append(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Every question with what became of it.
    pub fn iter(&self) -> impl Iterator<Item = &Asked> {
        self.0.iter()
    }

    /// Forgets what was asked for other sights.
    pub fn keep_only(&mut self, sights: &BTreeSet<Sight>) {
        self.0.retain(|asked| sights.contains(&asked.question.sight));
    }

    /// What was answered to a path, whoever was asked.
    pub fn to_path(&self, sight: Sight, path: &str) -> Option<&Answer> {
        let mut asked = self.0.iter().filter(|asked| asked.question.sight == sight && asked.question.path == path);
        asked.find_map(|asked| asked.answer.as_ref().ok())
    }

    /// What became of a question; none if it was not asked.
    pub fn to(&self, question: &Question) -> Option<&Result<Answer, Failure>> {
        self.0.iter().find(|asked| asked.question == *question).map(|asked| &asked.answer)
    }

    /// What became of what somebody was asked.
    ///
    /// A health endpoint that does not answer is something that was seen; of all others it is a gap.
    pub fn state(&self, sight: Sight, questions: &[Question]) -> ReadState {
        let wanted = questions.iter().filter(|question| question.sight == sight);
        let found: Vec<_> = wanted.map(|question| (question, self.to(question))).collect();
        if found.is_empty() {
            return ReadState::NotInstalled;
        }
        if found.iter().any(|(_, answer)| answer.is_none()) {
            return ReadState::NotCollected;
        }
        let told = found.iter().filter_map(|(question, answer)| Some((question, refusal(sight, answer.as_ref()?)?)));
        let seen = found.iter().filter(|(_, answer)| answer.is_some_and(Result::is_ok)).count();
        match told.into_iter().next() {
            None => ReadState::Read { count: seen },
            Some((question, (reason, why))) => {
                ReadState::Gap(Gap { reason, detail: format!("{}: {why}", question.target), seen })
            }
        }
    }
}

/// Why an answer is none.
pub(super) fn refusal(sight: Sight, answer: &Result<Answer, Failure>) -> Option<(GapReason, String)> {
    match answer {
        Err(failure @ Failure::Forbidden(_)) => Some((failure.reason(), failure.words())),
        _ if sight == Sight::Endpoints => None,
        Err(failure) => Some((failure.reason(), failure.words())),
        Ok(answer) if answer.is_success() => unreadable(sight, &answer.body).map(|why| (GapReason::Undecodable, why)),
        Ok(Answer { status: 401 | 403, .. }) => Some((GapReason::Forbidden, "it wants a login".to_owned())),
        Ok(answer) => {
            let why = complaint(&answer.body).map_or(String::new(), |why| format!(": {why}"));
            Some((GapReason::Unavailable, format!("it answers with status {}{why}", answer.status)))
        }
    }
}

/// Why a body is none of whom it should come from.
fn unreadable(sight: Sight, body: &str) -> Option<String> {
    match sight {
        Sight::Prometheus => measurements::check(body).err(),
        Sight::Alertmanager => alerts::check(body).err(),
        Sight::Kubelets => kubelets::check(body).err(),
        _ => None,
    }
}

/// What Prometheus says is wrong with a question.
fn complaint(body: &str) -> Option<String> {
    let said: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(said.get("error")?.as_str()?.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inquiry::Target;

    fn question(sight: Sight, path: &str) -> Question {
        Question { sight, target: Target::Url("http://a".to_owned()), path: path.to_owned() }
    }

    fn answered(status: u16) -> Result<Answer, Failure> {
        Ok(Answer { status, body: EMPTY.to_owned(), milliseconds: 1 })
    }

    const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

    fn state(sight: Sight, answers: [Result<Answer, Failure>; 2]) -> ReadState {
        let questions = [question(sight, "/a"), question(sight, "/b")];
        let asked = questions.iter().cloned().zip(answers).map(|(question, answer)| Asked { question, answer });
        Answers::of(asked.collect()).state(sight, &questions)
    }

    #[test]
    fn one_that_fails_is_a_gap_and_says_who_and_why() {
        let ReadState::Gap(gap) = state(Sight::Prometheus, [answered(200), Err(Failure::TimedOut(10))]) else {
            panic!("a gap");
        };
        assert_eq!((gap.reason, gap.seen), (GapReason::TimedOut, 1));
        assert_eq!(gap.detail, "http://a: no answer within 10 ms");
        let login = state(Sight::Alertmanager, [answered(401), answered(200)]);
        assert!(matches!(login, ReadState::Gap(Gap { reason: GapReason::Forbidden, .. })), "{login:?}");
    }

    #[test]
    fn a_page_for_a_browser_is_no_answer() {
        let page = Ok(Answer { status: 200, body: "<html>log in</html>".to_owned(), milliseconds: 1 });
        let ReadState::Gap(gap) = state(Sight::Prometheus, [answered(200), page]) else { panic!("a gap") };
        assert_eq!(gap.reason, GapReason::Undecodable);
        let body = r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#.to_owned();
        let refused = Ok(Answer { status: 400, body, milliseconds: 1 });
        let ReadState::Gap(gap) = state(Sight::Prometheus, [refused, answered(200)]) else { panic!("a gap") };
        assert_eq!(gap.detail, "http://a: it answers with status 400: 1:5: parse error");
    }

    #[test]
    fn an_endpoint_that_does_not_answer_was_looked_at() {
        let down = Err(Failure::Unreachable("nobody there".to_owned()));
        assert_eq!(state(Sight::Endpoints, [answered(503), down]), ReadState::Read { count: 1 });
        let forbidden = state(Sight::Endpoints, [Err(Failure::Forbidden("no".to_owned())), answered(200)]);
        assert!(matches!(forbidden, ReadState::Gap(Gap { reason: GapReason::Forbidden, .. })), "{forbidden:?}");
    }

    #[test]
    fn where_nobody_is_there_to_ask_nothing_is_missing() {
        assert_eq!(Answers::default().state(Sight::Prometheus, &[]), ReadState::NotInstalled);
        let asked = [question(Sight::Prometheus, "/a")];
        assert_eq!(Answers::default().state(Sight::Prometheus, &asked), ReadState::NotCollected);
    }
}
