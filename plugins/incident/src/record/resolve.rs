//! An incident is over, or is not, after all.

use super::tell::{SureArgs, Telling};
use super::view::View;
use super::words::{back, said};
use super::{silence, tell};
use clap::Args;
use jiff::SignedDuration;
use sre_core::incident::{Incident, RESOLVE, Section, What, moment};
use sre_core::report::Report;
use sre_runtime::error::{Error, explain};
use sre_runtime::incident::{Incidents, Outgoing, now};
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident resolve
  kubectl sre incident resolve inc-20261129-3f2a --resolution 'rolled back'";

pub(super) const REOPEN_EXAMPLES: &str = "\
Examples:
  kubectl sre incident reopen inc-20261129-3f2a --reason 'it is back'";

/// Which incident is over.
#[derive(Args, Clone, Debug)]
pub(crate) struct ResolveArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
    /// What ended it, for the post-mortem
    #[arg(long, value_name = "TEXT")]
    resolution: Option<String>,
    #[command(flatten)]
    sure: SureArgs,
}

impl ResolveArgs {
    /// Whether it is only shown.
    pub(super) fn is_dry_run(&self) -> bool {
        self.sure.dry_run
    }
}

/// Which incident is not over.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReopenArgs {
    /// Id of the incident
    pub(super) id: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn report(session: &mut Session, incidents: &Incidents, args: &ResolveArgs) -> Result<Report, Error> {
    let resolution = args.resolution.as_ref().map(|text| said(text, "what ended it")).transpose()?;
    let meant = incidents.meant(args.id.as_deref())?;
    let telling = Telling::of(&args.sure);
    if telling.dry_run {
        let (outgoing, unseen) = ends(session, incidents, &meant).await;
        unseen.iter().for_each(|why| session.mention(why));
        let mut report = tell::shown(session, &meant, &outgoing, &telling);
        report.verdict.incomplete |= !unseen.is_empty();
        return Ok(report);
    }
    let mut incident = resolved(incidents, &meant.id, resolution.is_some())?;
    if let Some(text) = resolution {
        incident = incidents.add(&incident.id, |now, _| {
            let is_noted = now.sections.get(&Section::Resolution).is_some_and(|texts| texts.contains(&text));
            Ok((!is_noted).then_some(What::Note { text, pinned: false, section: Some(Section::Resolution) }))
        })?;
    }
    let (outgoing, unseen) = ends(session, incidents, &incident).await;
    let mut lines = Vec::new();
    if !outgoing.is_empty() {
        match tell::send(session, incidents, &incident, outgoing, &telling).await {
            Ok(after) => (incident, lines) = after,
            Err(Error::Refused { why, .. }) => session.fails_with(not_told(&incident, &why)),
            Err(error) => return Err(error),
        }
    }
    let unseen = (!unseen.is_empty()).then(|| unseen.join("; "));
    let view = View { unseen, ..View::now(incident) };
    let in_a_week = view.now.checked_add(SignedDuration::from_hours(7 * 24)).unwrap_or(view.now).strftime("%Y-%m-%d");
    let incident = &view.incident;
    let next = vec![
        format!("kubectl sre incident action add {} 'what is to be done' --owner NAME --due {in_a_week}", incident.id),
        format!("kubectl sre incident export {}", incident.id),
    ];
    let mut report = view.told(session, next);
    report.blocks.splice(0..0, lines);
    Ok(report)
}

/// It is over from now on. Where it was before, there must be something left that somebody is to be told, or what ended it
/// must be new: a run may have ended before it was written.
fn resolved(incidents: &Incidents, id: &str, has_resolution: bool) -> Result<Incident, Error> {
    incidents.add(id, |incident, now| match &incident.resolved {
        None => Ok(Some(What::Resolved)),
        Some(_) if !incident.alerting().is_empty() || !incident.silencing(now).is_empty() => Ok(None),
        Some(_) if has_resolution && !incident.sections.contains_key(&Section::Resolution) => Ok(None),
        Some(mark) => Err(Error::Usage {
            message: format!("{} was resolved {} by {}", incident.id, moment(mark.at), mark.by),
            hint: back(incident),
        }),
    })
}

/// What ends elsewhere with an incident: its alerts in PagerDuty, and what is silenced for it; and why that is not known.
async fn ends(session: &mut Session, incidents: &Incidents, incident: &Incident) -> (Vec<Outgoing>, Vec<String>) {
    let mut unseen = Vec::new();
    let told = |what: &str, error: &Error| format!("{what}: {}", explain(error).message);
    let known = session.profile(&[]).map(|profile| profile.notify).unwrap_or_default();
    let ways = [known, incident.declaration.notify.clone()].concat();
    let mut alerting = Vec::new();
    for target in incident.alerting() {
        match tell::reachable(target, &ways) {
            Ok(target) => alerting.push(target),
            Err(error) => unseen.push(told("whether somebody is still paged", &error)),
        }
    }
    let mut outgoing = incidents.outgoing(incident, RESOLVE, "the incident is over", &alerting);
    for target in incident.silencing(now()) {
        // Who silenced it on another machine ends it there: no address of others is sent to.
        if let Err(error) = tell::reachable(target, &[]) {
            unseen.push(told(SILENCED, &error));
            continue;
        }
        match silence::ends(session, incidents, incident, target, &[]).await {
            Ok(ends) => outgoing.extend(ends),
            Err(error) => unseen.push(told(SILENCED, &error)),
        }
    }
    (outgoing, unseen)
}

const SILENCED: &str = "whether alerts are still silenced";

fn not_told(incident: &Incident, why: &str) -> Error {
    Error::Refused {
        why: format!("{} is resolved here, and nobody was told: {why}", incident.id),
        hint: format!("tell them: kubectl sre incident resolve {} --yes", incident.id),
    }
}

pub(super) fn reopened(session: &Session, incidents: &Incidents, args: &ReopenArgs) -> Result<Report, Error> {
    let reason = said(&args.reason, "a reason")?;
    let meant = incidents.meant(Some(&args.id))?;
    let incident = incidents.add(&meant.id, |now, _| {
        if now.is_open() {
            let hint = format!("see how it stands: kubectl sre incident show {}", now.id);
            return Err(Error::Usage { message: format!("{} is open", now.id), hint });
        }
        Ok(Some(What::Reopened { reason }))
    })?;
    // What did not arrive of its end is not true any more.
    let late = incident.undelivered().filter(|it| it.item == RESOLVE);
    let late: Vec<String> = late.map(|it| it.id.clone()).collect();
    let give_up = |delivery: String| incidents.add(&meant.id, |_, _| Ok(Some(What::GivenUp { delivery })));
    let incident = late.into_iter().try_fold(incident, |_, delivery| give_up(delivery))?;
    Ok(View::now(incident).told(session, Vec::new()))
}
