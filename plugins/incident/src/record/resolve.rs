//! An incident is over, or is not, after all.

use super::view::View;
use super::words::said;
use clap::Args;
use jiff::SignedDuration;
use sre_core::incident::{Section, What, moment};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
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

pub(super) fn report(session: &Session, incidents: &Incidents, args: &ResolveArgs) -> Result<Report, Error> {
    let resolution = args.resolution.as_ref().map(|text| said(text, "what ended it")).transpose()?;
    let meant = incidents.meant(args.id.as_deref())?;
    let mut incident = incidents.add(&meant.id, |now, _| match &now.resolved {
        None => Ok(Some(What::Resolved)),
        Some(mark) => Err(Error::Usage {
            message: format!("{} was resolved {} by {}", now.id, moment(mark.at), mark.by),
            hint: format!("if it is back: kubectl sre incident reopen {} --reason 'it is back'", now.id),
        }),
    })?;
    if let Some(text) = resolution {
        let note = What::Note { text, pinned: false, section: Some(Section::Resolution) };
        incident = incidents.add(&incident.id, |_, _| Ok(Some(note)))?;
    }
    let view = View::now(incident);
    let in_a_week = view.now.checked_add(SignedDuration::from_hours(7 * 24)).unwrap_or(view.now).strftime("%Y-%m-%d");
    let incident = &view.incident;
    let next = vec![
        format!("kubectl sre incident action add {} 'what is to be done' --owner NAME --due {in_a_week}", incident.id),
        format!("kubectl sre incident export {}", incident.id),
    ];
    Ok(view.told(session, next))
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
    Ok(View::now(incident).told(session, Vec::new()))
}
