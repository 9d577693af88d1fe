//! What is watched after a rollback: the workloads, and what the profile promises to users.

use serde_json::Value;
use sre_core::check::Sight;
use sre_core::inquiry::{Query, questions};
use sre_core::plan::{Address, Note, Promise, Watch, Watched};
use sre_core::profile::{Objective, Profile};
use sre_core::slim::requirements_of;
use sre_core::snapshot::{ReadState, Reads};
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::time::Duration;

/// What is watched for so long, and what is to be known of it.
///
/// # Errors
/// Says what is wrong with the profile, or that there is nothing to be watched, though that was asked for.
pub(crate) async fn of(
    session: &mut Session,
    length: Option<Duration>,
    workloads: Vec<Watched>,
) -> Result<(Option<Watch>, Vec<Note>), Error> {
    let profile = session.profile(&[])?;
    let Some(length) = length else {
        let is_promised = !profile.objectives.is_empty();
        let untold = "how users fare afterwards is not watched; --watch-for 5m does, by the profile's objectives";
        return Ok((None, is_promised.then(|| Note::remark(untold)).into_iter().collect()));
    };
    let seconds = length.as_secs();
    let (promises, notes) = promises(session, &profile, seconds).await;
    if workloads.is_empty() && promises.is_empty() {
        return Err(nothing(&notes));
    }
    Ok((Some(Watch { seconds, workloads, promises }), notes))
}

/// Who asked for a watch would take its end for a good sign.
fn nothing(notes: &[Note]) -> Error {
    let why = notes.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("; ");
    Error::Refused {
        why: format!("--watch-for has nothing to watch: {why}"),
        hint: "name a profile whose objectives (slos) a Prometheus tells of, with --profile, or leave --watch-for out"
            .to_owned(),
    }
}

/// The promises that Prometheus can tell of, with how they were kept until now.
async fn promises(session: &mut Session, profile: &Profile, seconds: u64) -> (Vec<Promise>, Vec<Note>) {
    if profile.objectives.is_empty() {
        let why = "the error rate is not watched: no profile names an objective (slos)";
        return (Vec::new(), vec![Note::remark(why)]);
    }
    let names = profile.objectives.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    let unseen = |why: &str| (Vec::new(), vec![Note::warning(format!("{names} cannot be watched: {why}"))]);
    let window = format!("{seconds}s");
    let queries: Vec<Query> = profile.objectives.iter().map(|it| it.query(&window)).collect();
    let reads = Reads::measured(profile.prometheus.clone(), queries.clone());
    let snapshot = match session.observe(&reads).await {
        Ok(snapshot) => snapshot,
        Err(error) => return unseen(&error.to_string()),
    };
    let asked = questions(&reads, &snapshot);
    let Some(first) = asked.first() else {
        return unseen("no Prometheus is named in the profile, and none is found in the cluster");
    };
    let samples = |query| snapshot.answers.samples(query, snapshot.taken_at);
    let answers: Option<Vec<_>> = queries.iter().map(samples).collect();
    let Some(answers) = answers else {
        let why = match snapshot.answers.state(Sight::Prometheus, &asked) {
            ReadState::Gap(gap) => gap.detail,
            _ => format!("{} gives no answer", first.target),
        };
        return unseen(&why);
    };
    let promise =
        |(objective, samples): (&Objective, Vec<_>)| Promise::of(objective, first.target.clone(), seconds, &samples);
    (profile.objectives.iter().zip(answers).map(promise).collect(), Vec::new())
}

/// A workload, by its own selector.
pub(crate) fn workload(object: &Value, address: Address) -> Watched {
    Watched { object: address, labels: requirements_of(object) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_without_anything_to_watch_is_refused_with_the_reason() {
        let error = nothing(&[Note::remark("the error rate is not watched: no profile names an objective (slos)")]);
        let Error::Refused { why, hint } = error else { panic!("refused") };
        assert!(why.contains("nothing to watch: the error rate is not watched: no profile names"), "{why}");
        assert!(hint.contains("--profile"), "{hint}");
    }
}
