//! Which line of a log says why its process ended or does not work, and which ones do so with less right.

use super::bearing::{is_no_trouble, is_request, may_be_of_a_user};
use super::course::{goes_on, is_mere_end, joins_exceptions, succeeds};
use super::grade::{Grade, grade as grade_of, is_retry};
use super::signature::{Words, of_line};
use super::{Gives, Instance, Line, Signature, Tail};

/// How far from the end a line can say why a process ended: behind it stand traces and what a shutdown says.
const NEAR: usize = 60;

/// How far before a crash a line can say why it came.
const BEFORE_CRASH: usize = 12;

/// So many lines that inform, or tell of requests, show that the process went on with its work; a shutdown writes a few.
const WORK: usize = 8;

/// What a log comes to.
#[derive(Default)]
pub(super) struct Reading<'t> {
    /// The line that says why.
    pub reason: Option<Told<'t>>,
    /// Lines that give other reasons, the newest first, one of each.
    pub lost: Vec<Lost<'t>>,
}

/// A line that gives a reason.
#[derive(Clone, Copy)]
pub(super) struct Told<'t> {
    pub line: &'t Line,
    pub signature: &'static Signature,
    /// Whether nothing that stands behind it tells of another failure.
    pub is_last: bool,
}

/// A line that gives a reason, which is not the one.
#[derive(Clone, Copy)]
pub(super) struct Lost<'t> {
    pub line: &'t Line,
    pub signature: &'static Signature,
    /// Why it is not.
    pub why: &'static str,
}

/// The newest line that gives a reason, unless what comes later says that it is over. A crash is only how it ended: what
/// stands just before it may say why.
pub(super) fn read(tail: &Tail, instance: Instance) -> Reading<'_> {
    let near = if instance == Instance::Ended { NEAR } else { NEAR / 2 };
    let mut reading = Reading::default();
    let mut later = Later::default();
    for (distance, line) in tail.lines.iter().rev().take(near).enumerate() {
        let words = Words::of(&line.text);
        let is_over = goes_on(&words) || instance == Instance::Working && succeeds(&words);
        let is_far = |it: Option<(usize, Told<'_>)>| it.is_some_and(|(at, _)| distance > at + BEFORE_CRASH);
        if is_over || is_far(later.crash) || is_far(later.vague) {
            break;
        }
        if joins_exceptions(&words) {
            later.grade = Grade::Said;
            continue;
        }
        let grade = grade_of(&words);
        let found = of_line(&words).filter(|_| grade != Grade::Calm && !is_no_trouble(&words));
        // A program that works may say much: only what is a trouble by itself counts.
        let found = found.filter(|signature| instance != Instance::Working || is_own(signature));
        match found {
            None => later.heed(&words, grade),
            Some(signature) if signature.is_general => later.crash(distance, line, signature, is_mere_end(&words)),
            Some(signature) if later.vague.is_none() && reading.reason.is_none() && is_vague(signature, &words) => {
                later.vague = Some((distance, Told { line, signature, is_last: later.grade < Grade::Erred }));
            }
            Some(signature) => match later.objection(&words, signature, grade, instance) {
                Some(why) => reading.lose(Lost { line, signature, why }),
                None if reading.reason.is_none() => {
                    let is_last = later.grade < Grade::Erred;
                    reading.reason = Some(Told { line, signature, is_last });
                }
                None => reading.lose(Lost { line, signature, why: "a later line gives another reason" }),
            },
        }
    }
    reading.reason = reading.reason.or(later.vague.or(later.crash).map(|(_, told)| told));
    if instance == Instance::Working {
        reading.lost.clear();
    }
    reading
}

impl<'t> Reading<'t> {
    /// What has been said once is not told again.
    fn lose(&mut self, lost: Lost<'t>) {
        let is_same = |it: &'static Signature| it.id == lost.signature.id;
        let is_told =
            self.reason.is_some_and(|it| is_same(it.signature)) || self.lost.iter().any(|it| is_same(it.signature));
        if !is_told {
            self.lost.push(lost);
        }
    }
}

/// What stands behind a line.
#[derive(Default)]
struct Later<'t> {
    /// The gravest that is said there with a reason of its own, which no signature knows.
    grade: Grade,
    /// The last crash, and how far from the end it stands.
    crash: Option<(usize, Told<'t>)>,
    /// The last call in vain that does not name whom.
    vague: Option<(usize, Told<'t>)>,
    /// Lines that inform, or tell of requests.
    work: usize,
}

impl<'t> Later<'t> {
    fn heed(&mut self, words: &Words<'_>, grade: Grade) {
        self.work += usize::from(grade == Grade::Calm || is_request(words));
        if grade >= Grade::Erred && !is_mere_end(words) && !is_no_trouble(words) {
            self.grade = self.grade.max(grade);
        }
    }

    fn crash(&mut self, distance: usize, line: &'t Line, signature: &'static Signature, is_mere: bool) {
        let is_last = self.grade < Grade::Erred;
        self.crash.get_or_insert((distance, Told { line, signature, is_last }));
        if !is_mere {
            self.grade = Grade::Fatal;
        }
    }

    /// What speaks against a line of which only its words tell: a class of ours is never taken for the reason of an end that
    /// somebody else gives another reason for.
    fn objection(
        &self,
        words: &Words<'_>,
        signature: &Signature,
        grade: Grade,
        instance: Instance,
    ) -> Option<&'static str> {
        if !is_own(signature) {
            return None;
        }
        match instance {
            Instance::Working if is_retry(words) => Some("it is tried again"),
            Instance::Working if may_be_of_a_user(words) => Some("it may be about one of its users"),
            Instance::Ended | Instance::Running if grade <= Grade::Warned && may_be_of_a_user(words) => {
                Some("it may be about one of its users")
            }
            Instance::Ended if self.work > WORK => Some("the process went on with its work after it"),
            Instance::Ended if is_retry(words) => Some("it was to be tried again, and that it failed then is not said"),
            Instance::Ended if self.grade == Grade::Fatal => Some("what ended the process stands behind it"),
            Instance::Ended if grade == Grade::Warned && self.grade == Grade::Erred => {
                Some("it is a warning, and an error stands behind it")
            }
            _ => None,
        }
    }
}

/// Whether it says that somebody does not answer, and not who: nobody is at the address of all addresses.
fn is_vague(signature: &Signature, words: &Words<'_>) -> bool {
    let whom = (signature.subject)(words);
    signature.gives == Gives::Callee && whom.is_none_or(|whom| whom.starts_with("0.0.0.0"))
}

pub(super) fn is_own(signature: &Signature) -> bool {
    matches!(signature.gives, Gives::Class(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, instance: Instance) -> Option<&'static str> {
        let tail = Tail::of(text);
        read(&tail, instance).reason.map(|it| it.signature.id)
    }

    fn id(text: &str) -> Option<&'static str> {
        told(text, Instance::Ended)
    }

    #[test]
    fn the_newest_reason_counts_and_traces_behind_it_do_no_harm() {
        let go = "starting\ndial tcp 10.0.0.1:5432: connect: connection refused\npanic: no database\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\nexit status 2\n";
        assert_eq!(id(go), Some("connection-refused"));
        let python =
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\nKeyError: 'DATABASE_URL'\n";
        assert_eq!(id(python), Some("setting-missing"));
        assert_eq!(id("panic: index out of range\n"), Some("crashed"));
        let far = format!("connection refused\n{}panic: index out of range\n", "step\n".repeat(20));
        assert_eq!(id(&far), Some("crashed"), "it went on for a while");
    }

    #[test]
    fn what_is_over_or_was_meant_to_inform_explains_nothing() {
        assert_eq!(id("dial tcp db:5432: connection refused, retry 1\nconnected to db:5432\ndone\n"), None);
        assert_eq!(id("WARN dial tcp db:5432: connection refused\nlistening on :8080\nreceived signal 15\n"), None);
        assert_eq!(id("level=info msg=\"peer said: connection refused\"\n"), None);
        assert_eq!(id("2026-01-01 INFO permission denied for guest, as it should be\n"), None);
        assert_eq!(id("I0102 03:04:05.6 main.go:1] dial tcp db:5432: connection refused\n"), None);
        assert_eq!(
            id("E0102 03:04:05.6 main.go:1] dial tcp db:5432: connection refused\n"),
            Some("connection-refused")
        );
        assert_eq!(id("not connected to db\nfailed: could not connect to db:5432\n"), Some("connection-failed"));
    }

    #[test]
    fn nothing_is_made_of_a_log_that_says_nothing() {
        assert_eq!(id("one\ntwo\n"), None);
        assert_eq!(id(""), None);
    }

    #[test]
    fn a_class_of_ours_never_stands_before_what_ended_the_process() {
        for end in [
            "panic: runtime error: index out of range [3] with length 3",
            "FATAL migration 12 cannot be applied",
            "level=fatal msg=\"schema version 7 is unknown\"",
            "F0102 03:04:05.6 main.go:9] no leader for 30s",
            "Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: bad order",
            "Exception in thread \"main\" java.lang.IllegalStateException: no orders",
        ] {
            let text = format!("ERROR database is locked\nERROR openai: error code: 429\n{end}\n");
            let tail = Tail::of(&text);
            let reading = read(&tail, Instance::Ended);
            let reason = reading.reason.map(|it| it.signature.id);
            assert!(matches!(reason, None | Some("crashed")), "{reason:?} of {text}");
            let lost: Vec<&str> = reading.lost.iter().map(|it| it.signature.id).collect();
            assert_eq!(lost, ["provider-limit-reached", "database-locked"], "{text}");
        }
    }

    #[test]
    fn an_end_without_a_reason_of_its_own_leaves_the_word_to_the_line_before() {
        for end in ["exit status 1", "FATAL server failed to start", "level=fatal msg=exiting", "fatal: shutting down"]
        {
            let text = format!("listen tcp :8080: bind: address already in use\n{end}\n");
            assert_eq!(id(&text), Some("port-in-use"), "{end}");
        }
        let chained = "Traceback (most recent call last):\nsqlite3.OperationalError: database is locked\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\nRuntimeError: cannot save\n";
        assert_eq!(id(chained), Some("database-locked"));
    }

    #[test]
    fn who_goes_on_with_its_work_does_not_end_of_what_was_before() {
        let locked = "ERROR database is locked\n".to_owned();
        assert_eq!(id(&format!("{locked}{}exit status 1\n", "GET /orders 200 2ms\n".repeat(9))), None);
        assert_eq!(id(&format!("{locked}{}exit status 1\n", "INFO order saved\n".repeat(9))), None);
        assert_eq!(id(&format!("{locked}{}", "INFO shutting down\n".repeat(4))), Some("database-locked"));
    }

    #[test]
    fn a_warning_loses_to_an_error_and_a_retry_proves_no_end() {
        let slow = "LOG:  duration: 5000.1 ms  statement: select 1\nERROR: out of shared memory\n";
        assert_eq!(id(slow), None);
        assert_eq!(id("openai: error code: 429, retrying in 2s\n"), None);
        assert_eq!(
            told("openai: error code: 429, retrying in 2s\n", Instance::Running),
            Some("provider-limit-reached")
        );
        assert_eq!(told("openai: error code: 429, retrying in 2s\n", Instance::Working), None);
    }
}
