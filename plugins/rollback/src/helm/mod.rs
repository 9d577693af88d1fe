//! `kubectl sre rollback helm`: a release of Helm goes back to a revision that is known to work.

pub mod choice;
pub mod health;
mod look;
mod remarks;
mod report;

use crate::args::Request;
use crate::{gitops, kept_by, plan, watch};
use choice::{Choice, NoChoice, choose};
use health::Fared;
use look::Look;
use sre_core::helm::Release;
use sre_core::plan::{Ended, Note, Plan, Step, Watched, rollback_helm};
use sre_core::report::Report;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// Rolls a release back, or lists its revisions.
///
/// # Errors
/// Says what is not there, what stands in the way, and what to do about it.
pub(crate) async fn report(
    session: &mut Session,
    acting: &Acting,
    name: &str,
    request: &Request,
) -> Result<Report, Error> {
    let look = look::look(acting, name).await?;
    let title = format!("Helm release {}/{name}", acting.namespace());
    if request.is_list {
        return Ok(report::list(&title, &look.revisions));
    }
    let (steps, mut notes, watch) = match choose(&look.revisions, request.wanted) {
        Ok(choice) => {
            let (steps, notes) = planned(acting, &look, &choice, request).await?;
            (steps, notes, Some(watched(&choice.target.release)))
        }
        Err(NoChoice::NothingToDo(_)) => (Vec::new(), Vec::new(), None),
        Err(error) => return Err(nowhere(&error, name, acting, &look.revisions)),
    };
    let watch = match watch {
        Some(workloads) => {
            let (watch, watching) = watch::of(session, request.watch_for, workloads).await?;
            notes.extend(watching);
            watch
        }
        None => None,
    };
    let why = steps.last().map_or_else(|| "stays as it is".to_owned(), |step| step.why.clone());
    let plan = Plan { notes, watch, ..acting.plan(format!("{title} {why}"), steps, &request.change) };
    let carried = acting.carry_out(plan, &request.change).await?;
    let mut report = acting.report(&carried);
    if carried.outcome.ended != Ended::NothingToDo {
        report.blocks = report::blocks(&look.revisions).into_iter().chain(report.blocks).collect();
    }
    Ok(report)
}

/// The workloads of a release, as its manifest has them.
fn watched(release: &Release) -> Vec<Watched> {
    let namespaced = |object: &serde_json::Value| {
        let mut object = object.clone();
        let namespace = object.pointer("/metadata/namespace").cloned();
        object["metadata"]["namespace"] = namespace.unwrap_or_else(|| release.namespace.clone().into());
        object
    };
    let objects = release.objects.iter().filter(|it| it["metadata"].is_object()).map(namespaced);
    objects.filter_map(|it| Some(watch::workload(&it, plan::address(&it)?))).collect()
}

type Planned = (Vec<Step>, Vec<Note>);

async fn planned(acting: &Acting, look: &Look, choice: &Choice<'_>, request: &Request) -> Result<Planned, Error> {
    let Some(newest) = look.revisions.first().map(|it| &it.release) else { return Ok(Planned::default()) };
    let (mut steps, mut notes) = (Vec::new(), choice.notes.clone());
    if let Some(owner) = look.owners.iter().find(|it| it.sets_back()) {
        if !request.pauses_gitops {
            return Err(kept_by(owner, &format!("Helm release {}/{}", newest.namespace, newest.name)));
        }
        let (pausing, resuming) = gitops::paused(acting, owner, &look.applications).await?;
        steps.extend(pausing);
        notes.extend(resuming);
    }
    let target = &choice.target.release;
    let seconds = request.change.timeout.as_secs();
    steps.push(rollback_helm(newest, target, &acting.helm_reach()?, seconds, choice.tier));
    notes.extend(remarks::of(newest, target));
    let unread = look.unreadable.iter().map(|it| format!("a record of the release cannot be read: {it}"));
    let unseen = look.unseen.iter().map(|it| format!("how the revisions fared was not seen: {it}"));
    notes.extend(unread.chain(unseen).map(Note::warning));
    Ok((steps, notes))
}

fn nowhere(error: &NoChoice, name: &str, acting: &Acting, revisions: &[Fared]) -> Error {
    let namespace = acting.namespace();
    let hint = format!("see what is known of each revision: kubectl sre rollback helm {name} -n {namespace} --list");
    match error {
        NoChoice::NoSuchRevision { .. } => Error::Usage { message: error.to_string(), hint },
        NoChoice::Pending { .. } => {
            Error::Refused { why: error.to_string(), hint: freeing(name, namespace, revisions) }
        }
        _ => Error::Refused { why: error.to_string(), hint },
    }
}

/// How a release is freed whose operation died: only its own people know that it did.
fn freeing(name: &str, namespace: &str, revisions: &[Fared]) -> String {
    let is_whole = |it: &&Fared| ["deployed", "superseded"].contains(&it.release.status.as_str());
    let wait = "wait until it has ended; if whoever ran it (a pipeline, a controller, a colleague) is surely gone";
    match revisions.iter().find(is_whole) {
        Some(last) => {
            format!("{wait}, this frees it: helm rollback {name} {} --namespace {namespace}", last.release.revision)
        }
        None => format!(
            "{wait}, nothing was ever installed, and this frees it: helm uninstall {name} --namespace {namespace}"
        ),
    }
}
