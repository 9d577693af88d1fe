//! An incident begins.

use super::evidence;
use super::sharing::Sharing;
use super::view::View;
use super::words::said;
use clap::Args;
use sre_core::finding::quoted;
use sre_core::incident::{Declaration, Role, Said, What};
use sre_core::report::Report;
use sre_runtime::error::{Error, explain};
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident declare --sev 1 --title 'checkout is down' -n shop

  # unsure: the worse one counts, and is lowered later
  kubectl sre incident declare --sev 2-3 --title 'slow search'
  kubectl sre incident declare --sev '?' --title 'logins fail'

  # so that colleagues see it, and write on the same timeline
  kubectl sre incident declare --sev 1 --title 'checkout is down' -n shop --shared

  # with the times that your team promises
  kubectl sre incident declare --sev 1 --title 'checkout is down' --profile kubilitics";

/// How an incident begins.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeclareArgs {
    /// Severity from 1, the worst, to 5; unsure: 2-3 takes the worse one, ? the worst
    #[arg(long, value_name = "N", value_parser = Said::parse)]
    sev: Said,
    /// What it is called, in a few words
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// Who decides
    #[arg(long, value_name = "PERSON")]
    commander: Option<String>,
    /// Keep nothing of what is seen of the cluster now
    #[arg(long)]
    no_evidence: bool,
    /// Share it in the cluster: others see it there, and write on the same timeline
    #[arg(long)]
    shared: bool,
}

pub(super) async fn report(
    session: &mut Session,
    incidents: &Incidents,
    args: DeclareArgs,
    sharing: &mut Sharing,
) -> Result<Report, Error> {
    let title = said(&args.title, "a title")?;
    let commander = args.commander.map(|person| said(&person, "a person")).transpose()?;
    let namespaces = session.namespaces();
    let profile = session.profile(&[])?;
    let mut incident = incidents.declare(Declaration {
        title,
        severity: args.sev.level,
        unsure: args.sev.unsure,
        context: session.context_at_hand(),
        server: session.server_at_hand(),
        namespace: namespaces.one().map(str::to_owned),
        procedure: profile.procedure,
        notify: profile.notify,
    })?;
    if let Some(person) = commander {
        incident = incidents.add(&incident.id, |_, _| Ok(Some(What::Role { role: Role::Commander, person })))?;
    }
    if args.shared {
        sharing.begin(session, incidents, &incident.id).await?;
    }
    // It stands in the record before anybody is asked: a cluster that does not answer shall not keep it from there.
    let mut unseen = None;
    if !args.no_evidence && session.context_at_hand().is_some() {
        session.mention(&format!("{} is declared; evidence is being kept, Ctrl-C leaves it out", incident.id));
        match evidence::frozen(session, incidents, &incident).await {
            Ok(with) => incident = with,
            Err(error) => unseen = Some(format!("no evidence was kept: {}", explain(&error).message)),
        }
    }
    let mut next = Vec::new();
    if unseen.is_some() {
        next.push(format!("kubectl sre incident evidence {}", incident.id));
    }
    if args.sev.unsure {
        let lower = (args.sev.level.number() + 1).min(5);
        next.push(format!(
            "kubectl sre incident severity {} {lower} --reason {}",
            incident.id,
            quoted("why it is less bad")
        ));
    }
    if !incident.roles.contains_key(&Role::Commander) {
        next.push(format!("kubectl sre incident role {} commander NAME", incident.id));
    }
    let place = namespaces.one().map_or(String::new(), |name| format!(" -n {}", quoted(name)));
    next.push(format!("kubectl sre incident triage{place}"));
    Ok(View { unseen, ..View::now(incident) }.told(session, next))
}
