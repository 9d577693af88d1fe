//! `kubectl sre rollback route`: the canary of a route gets no traffic any more.

use crate::args::{ROUTES, Request};
use crate::{gitops, kept_by, watch};
use serde_json::Value;
use sre_core::inquiry::Sample;
use sre_core::ownership::owners;
use sre_core::plan::{Note, Plan, Step, TrafficFault, shared_rules, shift_traffic};
use sre_core::report::Report;
use sre_core::resource::Resource;
use sre_core::snapshot::Reads;
use sre_core::traffic::{Backed, Behind, backed, canary, errors_of, errors_query, note, risky};
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// Takes the canary of a route out.
///
/// # Errors
/// Says what is not there, which destination is meant is not clear, or who keeps the route.
pub(crate) async fn report(
    session: &mut Session,
    acting: &Acting,
    kind: Option<Resource>,
    name: &str,
    request: &Request,
) -> Result<Report, Error> {
    let route = found(acting, kind, name).await?;
    let title = format!("{} {}/{name}", route["kind"].as_str().unwrap_or_default(), acting.namespace());
    let on_trial = match &request.canary {
        Some(named) => named.clone(),
        None => canary(&shared_rules(&route)).map_err(|why| unclear(&why.to_string(), &title, name, acting))?,
    };
    let wanted = [(on_trial.clone(), 0)];
    let why = format!("{on_trial} is on trial, and gets no traffic any more");
    let behind = acting.behind().await;
    let backed = backed(&route, &behind);
    let step = shift_traffic(&route, &wanted, why).map_err(|fault| refused(&fault, acting, name))?;
    let mut steps: Vec<Step> = step.into_iter().map(|step| risky(step, &backed, &wanted)).collect();
    let mut notes: Vec<Note> = backed.iter().map(note).collect();
    notes.extend(fares(session, acting, &backed, &behind).await);
    let mut plan_watch = None;
    if !steps.is_empty() {
        let applications = acting.objects().list("/apis/argoproj.io/v1alpha1/applications", "").await;
        let applications = applications.unwrap_or_default();
        let owners = owners(&route, &applications);
        if let Some(owner) = owners.iter().find(|it| it.sets_back()) {
            if !request.pauses_gitops {
                return Err(kept_by(owner, &title));
            }
            let (pausing, resuming) = gitops::paused(acting, owner, &applications).await?;
            steps.splice(0..0, pausing);
            notes.extend(resuming);
        }
        let (watch, watching) = watch::of(session, request.watch_for, Vec::new()).await?;
        plan_watch = watch;
        notes.extend(watching);
    }
    let named = format!("{title}: no traffic for {on_trial}");
    let plan = Plan { notes, watch: plan_watch, ..acting.plan(named, steps, &request.change) };
    let carried = acting.carry_out(plan, &request.change).await?;
    Ok(acting.report(&carried))
}

/// The route of that name; where its kind is not said, the only one of both kinds.
async fn found(acting: &Acting, kind: Option<Resource>, name: &str) -> Result<Value, Error> {
    let kinds: Vec<Resource> = match kind {
        Some(kind) => vec![kind],
        None => ROUTES.iter().filter_map(|it| Resource::named(it)).collect(),
    };
    let (mut all, mut words) = (Vec::new(), Vec::new());
    for kind in &kinds {
        let path = format!("{}/{name}", kind.collection(acting.namespace()));
        match acting.objects().get(&path).await {
            Ok(object) => all.extend(object),
            Err(RequestFault::Forbidden { .. }) if kinds.len() > 1 => {}
            Err(fault) => return Err(acting.no_answer(&fault)),
        }
        words.push(kind.kind.as_str());
    }
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(Error::Usage {
            message: format!("there is no {} {name} in namespace {}", words.join(" or "), acting.namespace()),
            hint: format!("see which there are: kubectl get virtualservices,httproutes -n {}", acting.namespace()),
        }),
        _ => Err(Error::Usage {
            message: format!("both a VirtualService and an HTTPRoute are called {name}"),
            hint: format!("say which: kubectl sre rollback virtualservice/{name} -n {}", acting.namespace()),
        }),
    }
}

/// How the requests to each destination fare, where a mesh measures that.
async fn fares(session: &mut Session, acting: &Acting, backed: &[Backed], behind: &Behind) -> Vec<Note> {
    let Ok(profile) = session.profile(&[]) else { return Vec::new() };
    let Some(query) = errors_query(acting.namespace()) else { return Vec::new() };
    let reads = Reads::measured(profile.prometheus, vec![query.clone()]);
    let samples: Vec<Sample> = match session.observe(&reads).await {
        Ok(snapshot) => snapshot.answers.samples(&query, snapshot.taken_at).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    backed.iter().map(|(it, _)| it.fares(errors_of(it, behind, &samples))).collect()
}

fn unclear(why: &str, title: &str, name: &str, acting: &Acting) -> Error {
    Error::Usage {
        message: format!("{title}: {why}"),
        hint: format!("name it: kubectl sre rollback route {name} -n {} --canary NAME", acting.namespace()),
    }
}

fn refused(fault: &TrafficFault, acting: &Acting, name: &str) -> Error {
    Error::Usage {
        message: fault.to_string(),
        hint: format!(
            "set the weights yourself: kubectl sre change shift-traffic virtualservice/{name} -n {} NAME=WEIGHT --dry-run",
            acting.namespace()
        ),
    }
}
