//! `kubectl sre scale`: how many replicas run, and what sets their number.
//!
//! [`replicas`] says how to get to a number and what stands in the way, and [`hpa`] the same of an autoscaler's bounds and
//! targets; [`vpa`] and [`keda`] are about other autoscalers; [`resources`] what a container asks for, [`volume`] how a volume grows. They decide on values; `look` reads
//! what they need, and what is decided goes through the one way of changing things.

mod args;
mod causes;
mod component;
pub mod hpa;
pub mod keda;
pub mod load;
mod look;
mod nodes;
mod refused;
pub mod replicas;
pub mod resources;
mod suspects;
pub mod volume;
pub mod vpa;

pub use refused::Refused;

use args::{Args, Autoscaler, Replicas, Request, Sized, Triggered, Unnamed, Vertical, Volume};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use component::By;
use futures::future::{FutureExt, LocalBoxFuture};
use replicas::{Planned, members};
use resources::{in_place, usage};
use sre_core::check::Sight;
use sre_core::finding::aimed;
use sre_core::object::ObjectRef;
use sre_core::plan::{Ended, Note, Plan};
use sre_core::profile::Scaler;
use sre_core::report::Report;
use sre_core::slim::Kind;
use sre_core::snapshot::NamespaceScope;
use sre_core::view::View;
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use sre_runtime::plugin::Plugin;
use sre_runtime::session::Session;

/// The command.
pub struct Scale;

impl Plugin for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn command(&self) -> Command {
        Args::augment_args(Command::new(self.name())).about(args::ABOUT).after_help(args::EXAMPLES)
    }

    fn run<'a>(
        &'a self,
        session: &'a mut Session,
        matches: &'a ArgMatches,
    ) -> LocalBoxFuture<'a, Result<Report, Error>> {
        run(session, matches).boxed_local()
    }
}

async fn run(session: &mut Session, matches: &ArgMatches) -> Result<Report, Error> {
    match Args::from_arg_matches(matches)?.validate(matches)? {
        Request::Replicas(request) => set_replicas(session, &request).await,
        Request::Unnamed(request) => set_replicas(session, &named(session, request).await?).await,
        Request::Autoscaler(request) => set_autoscaler(session, &request).await,
        Request::Vertical(request) => set_vertical(session, &request).await,
        Request::Triggered(request) => set_triggered(session, &request).await,
        Request::Resources(request) => set_resources(session, &request).await,
        Request::Volume(request) => resize(session, &request).await,
        Request::Load(load) => needed(session, load).await,
        Request::Nodes(request) => nodes::report(session, &request).await,
    }
}

/// Has the person at the terminal choose what was not named.
async fn named(session: &Session, request: Unnamed) -> Result<Replicas, Error> {
    if !session.can_ask() {
        let message = "what is to be scaled? Without a terminal nothing can be chosen".to_owned();
        return Err(Error::Usage { message, hint: args::HINT.to_owned() });
    }
    let acting = session.act().await?;
    let (kind, name) = suspects::chosen(&acting).await?;
    let wanted = match request.wanted {
        Some(wanted) => wanted,
        None => acting.ask_number(&format!("How many replicas of {kind}/{name}?"), args::HINT).await?,
    };
    let (expected, change) = (request.expected, request.change);
    Ok(Replicas { kind, name, wanted: wanted.into(), expected, change })
}

async fn set_replicas(session: &mut Session, request: &Replicas) -> Result<Report, Error> {
    let acting = session.act().await?;
    let found = look::scalable(&acting, &request.kind, &request.name).await?;
    let is_up = found.scale.pointer("/spec/replicas").and_then(serde_json::Value::as_i64) < Some(request.wanted);
    let around = look::around(session, &acting, &found, is_up).await?;
    let (object, profile) = (found.object_ref(), session.profile(&[])?);
    let planned = {
        let view = View::new(around.snapshot());
        let (seen, component) = (around.seen(&found, &view), component::of(&profile, &object));
        let planned = replicas::plan(&seen, request.wanted, request.expected);
        planned.and_then(|planned| members::guarded(&seen, request.wanted, component, planned))
    };
    if let Ok((_, asked)) = &planned {
        look::members(&acting, asked).await?;
    }
    let planned = planned.map(|(planned, _)| planned);
    let planned = beside(session, planned, &object, By::Replicas)?;
    let title = format!("scale {object} to {}", request.wanted);
    let report = carried_out(&acting, planned, title, &request.change).await?;
    with_cause(session, &acting, report, &object).await
}

async fn set_autoscaler(session: &mut Session, request: &Autoscaler) -> Result<Report, Error> {
    let acting = session.act().await?;
    let due = request.until.map(|it| it.seen_from(acting.now())).transpose()?;
    let (autoscaler, target) = look::autoscaler(&acting, request).await?;
    let around = look::around(session, &acting, &target, true).await?;
    let (profile, object) = (session.profile(&[])?, target.object_ref());
    let planned = {
        let view = View::new(around.snapshot());
        let seen = around.seen(&target, &view);
        let autoscaler = autoscaler.unwrap_or_else(|| hpa::begun(&request.name, &seen));
        let component = component::of(&profile, &object);
        let (wanted, notes) = component::with_targets(&request.wanted, &autoscaler, component);
        let planned = hpa::plan(&autoscaler, &wanted, &seen, &around.owners_of(&autoscaler));
        planned.map(|(steps, more)| (steps, notes.into_iter().chain(more).collect()))
    };
    let (steps, mut notes) = decided(&acting, beside(session, planned, &object, By::Scaler(Scaler::Horizontal))?)?;
    if let Some(due) = due.filter(|_| !steps.is_empty()) {
        notes.push(Note::remark(format!("due back at {due:.0}: kubectl sre change undo {}", session.run_id())));
    }
    let title = format!("set HorizontalPodAutoscaler/{}/{}", acting.namespace(), request.name);
    let plan = Plan { notes, due_back: due, ..acting.plan(title, steps, &request.change) };
    Ok(acting.report(&acting.carry_out(plan, &request.change).await?))
}

async fn set_vertical(session: &mut Session, request: &Vertical) -> Result<Report, Error> {
    let acting = session.act().await?;
    let (autoscaler, target) = look::vertical(&acting, request).await?;
    let around = look::around(session, &acting, &target, false).await?;
    let planned = {
        let view = View::new(around.snapshot());
        let seen = around.seen(&target, &view);
        let autoscaler = autoscaler.unwrap_or_else(|| vpa::begun(&request.name, &seen));
        vpa::plan(&autoscaler, &request.wanted, &seen, &around.owners_of(&autoscaler))
    };
    let planned = beside(session, planned, &target.object_ref(), By::Scaler(Scaler::Vertical))?;
    let title = format!("set VerticalPodAutoscaler/{}/{}", acting.namespace(), request.name);
    carried_out(&acting, planned, title, &request.change).await
}

async fn set_triggered(session: &mut Session, request: &Triggered) -> Result<Report, Error> {
    let acting = session.act().await?;
    let (scaler, target) = look::scaled_object(&acting, &request.name).await?;
    let around = look::around(session, &acting, &target, true).await?;
    let planned = {
        let view = View::new(around.snapshot());
        keda::plan(&scaler, request.wanted, &around.seen(&target, &view), &around.owners_of(&scaler))
    };
    let planned = beside(session, planned, &target.object_ref(), By::Scaler(Scaler::Keda))?;
    let verb = if request.wanted == keda::Wanted::Resumed { "resume" } else { "pause" };
    let title = format!("{verb} ScaledObject/{}/{}", acting.namespace(), request.name);
    carried_out(&acting, planned, title, &request.change).await
}

async fn set_resources(session: &mut Session, request: &Sized) -> Result<Report, Error> {
    let acting = session.act().await?;
    let is_served = look::resizes_pods(&acting).await?;
    if look::is_pod(&request.kind) {
        let pod = look::pod(&acting, &request.name).await?;
        let planned = in_place::plan(&[pod], &request.wanted, is_served, None);
        let title = format!("resize Pod/{}/{}", acting.namespace(), request.name);
        return carried_out(&acting, planned, title, &request.change).await;
    }
    if request.in_place {
        return resize_pods(session, &acting, request, is_served).await;
    }
    let found = look::scalable(&acting, &request.kind, &request.name).await?;
    let around = look::around(session, &acting, &found, true).await?;
    let used = look::used(session, &acting, &found, &request.wanted.container).await?;
    let planned = {
        let view = View::new(around.snapshot());
        let seen = around.seen(&found, &view);
        let pods: Vec<&str> = seen.pods().into_iter().map(|it| it.metadata.name.as_str()).collect();
        resources::plan(&seen, &request.wanted).map(|(steps, notes)| {
            let beside = if steps.is_empty() { Vec::new() } else { usage::notes(&used, &request.wanted, &pods) };
            let other_way = (!steps.is_empty()).then(|| in_place::other_way(is_served));
            (steps, beside.into_iter().chain(notes).chain(other_way).collect())
        })
    };
    let object = found.object_ref();
    let planned = beside(session, planned, &object, By::Resources)?;
    let title = format!("set resources of {object}");
    let report = carried_out(&acting, planned, title, &request.change).await?;
    with_cause(session, &acting, report, &object).await
}

/// Resizes the pods of a workload, and leaves its template alone.
async fn resize_pods(
    session: &mut Session,
    acting: &Acting,
    request: &Sized,
    is_served: bool,
) -> Result<Report, Error> {
    let found = look::scalable(acting, &request.kind, &request.name).await?;
    let pods = look::pods(acting, &found).await?;
    let around = look::around(session, acting, &found, false).await?;
    let used = look::used(session, acting, &found, &request.wanted.container).await?;
    let object = found.object_ref();
    let planned = {
        let view = View::new(around.snapshot());
        let names: Vec<&str> = pods.iter().map(replicas::name_of).collect();
        let planned =
            in_place::plan(&pods, &request.wanted, is_served, Some(&format!("{} {}", object.kind, object.name)));
        planned.map(|(steps, notes)| {
            let mut all = Vec::new();
            if !steps.is_empty() {
                all.extend(usage::notes(&used, &request.wanted, &names));
                all.extend(notes);
                all.extend(resources::autoscalers(&around.seen(&found, &view), &request.wanted));
            }
            (steps, all)
        })
    };
    let planned = beside(session, planned, &object, By::Resources)?;
    carried_out(acting, planned, format!("resize the pods of {object} in place"), &request.change).await
}

async fn resize(session: &mut Session, request: &Volume) -> Result<Report, Error> {
    let acting = session.act().await?;
    let claim = look::claim(&acting, &request.claim).await?;
    let planned = volume::plan(&claim.seen(), &request.size);
    let title = format!("resize PersistentVolumeClaim/{}/{} to {}", acting.namespace(), request.claim, request.size);
    carried_out(&acting, planned, title, &request.change).await
}

async fn needed(session: &mut Session, load: f64) -> Result<Report, Error> {
    let (profile, scope) = (session.profile(&[])?, session.namespaces());
    // Of one namespace, too, the nodes must hold all: what stands on them is read where the caller may.
    let all = session.observe(&load::reads(NamespaceScope::All, &profile)).await;
    let is_narrow = match &all {
        Ok(snapshot) => snapshot.coverage.gap(Sight::Of(Kind::Pod)).is_some(),
        Err(Error::NoAnswer { fault, .. }) => matches!(fault, RequestFault::Forbidden { .. }),
        Err(_) => false,
    };
    let snapshot = match is_narrow && scope.one().is_some() {
        true => session.observe(&load::reads(scope.clone(), &profile)).await?,
        false => all?,
    };
    let needs = load::needs(&View::new(&snapshot), load, &scope, &profile.components);
    session.conclude(&[]).await?;
    Ok(load::report(&needs, &snapshot))
}

/// What did not come true is told with its cause.
async fn with_cause(
    session: &mut Session,
    acting: &Acting,
    report: Report,
    object: &ObjectRef,
) -> Result<Report, Error> {
    match report.change {
        Some(Ended::Failed { .. }) => causes::told(session, acting, report, object).await,
        _ => Ok(report),
    }
}

/// What was planned, with what the profile says of who sets the size of the workload.
fn beside(
    session: &Session,
    planned: Result<Planned, Refused>,
    workload: &ObjectRef,
    by: By,
) -> Result<Result<Planned, Refused>, Error> {
    let profile = session.profile(&[])?;
    let note = component::note(component::of(&profile, workload), by);
    Ok(planned.map(|(steps, notes)| {
        let note = note.filter(|_| !steps.is_empty());
        (steps, note.into_iter().chain(notes).collect())
    }))
}

/// Takes what was planned through the one way of changing things.
async fn carried_out(
    acting: &Acting,
    planned: Result<Planned, Refused>,
    title: String,
    flags: &ChangeFlags,
) -> Result<Report, Error> {
    let (steps, notes) = decided(acting, planned)?;
    acting.changed(title, steps, notes, flags).await
}

/// What was planned, or the refusal with a command that reaches the same cluster.
fn decided(acting: &Acting, planned: Result<Planned, Refused>) -> Result<Planned, Error> {
    planned.map_err(|refused| Error::Refused {
        why: refused.why,
        hint: if refused.hint.contains("kubectl") { aimed(&refused.hint, acting.reach()) } else { refused.hint },
    })
}
