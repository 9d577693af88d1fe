//! People are told: paged, kept up to date; and again, where it did not arrive.

mod page;
mod retry;
mod update;

pub(super) use page::{EXAMPLES as PAGE_EXAMPLES, PageArgs, report as page};
pub(super) use retry::{EXAMPLES as RETRY_EXAMPLES, RetryArgs, report as retry};
pub(super) use update::{EXAMPLES as UPDATE_EXAMPLES, UpdateArgs, report as update};

use super::view::View;
use clap::Args;
use serde_json::{Value, json};
use sre_core::incident::{Channel, Delivery, Incident, NotifyTarget, routed};
use sre_core::report::{Block, Report, Span, Tone};
use sre_runtime::error::Error;
use sre_runtime::incident::{Assent, Incidents, Notifier, Outgoing, approve};
use sre_runtime::session::Session;

/// To whom something is sent, and whether it is.
#[derive(Args, Clone, Debug)]
pub(crate) struct TellArgs {
    /// Target of the profile, instead of those that take it; may be repeated
    #[arg(long, value_name = "TARGET")]
    to: Vec<String>,
    #[command(flatten)]
    sure: SureArgs,
}

/// Whether something is sent.
#[derive(Args, Clone, Debug)]
pub(crate) struct SureArgs {
    /// Print what would be sent, without secrets, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Answer the question with yes
    #[arg(long, short = 'y')]
    pub(super) yes: bool,
    /// Id of the incident, where a yes is not enough
    #[arg(long, value_name = "ID")]
    pub(super) confirm: Option<String>,
}

/// Sends what nobody has sent yet.
async fn fresh(
    session: &mut Session,
    incidents: &Incidents,
    incident: &Incident,
    item: &str,
    words: &str,
    tell: &TellArgs,
) -> Result<Report, Error> {
    // What is typed now corrects what it was declared with.
    let typed = session.profile(&[])?.notify;
    let known: &[NotifyTarget] = if typed.is_empty() { &incident.declaration.notify } else { &typed };
    let targets = routed(known, item, incident.level, &tell.to).map_err(|message| Error::Usage {
        message,
        hint: format!(
            "name targets in incident.notify (docs/profile.md), and the profile with --profile; \
             or tell them yourself, and tick it: kubectl sre incident done {} {item}",
            incident.id
        ),
    })?;
    let outgoing = incidents.outgoing(incident, item, words, targets);
    sent(session, incidents, incident, outgoing, Telling::of(&tell.sure)).await
}

/// How something is sent, and what is to be known of it before.
pub(super) struct Telling {
    /// Whether it is only shown.
    pub(super) dry_run: bool,
    /// What was said to it, and must be.
    pub(super) assent: Assent,
    /// What is shown before it.
    pub(super) first: Vec<Block>,
    /// The same for machines.
    pub(super) fields: Vec<(&'static str, Value)>,
}

impl Telling {
    pub(super) fn of(sure: &SureArgs) -> Self {
        let assent = Assent { yes: sure.yes, confirm: sure.confirm.clone(), name: None };
        Self { dry_run: sure.dry_run, assent, first: Vec::new(), fields: Vec::new() }
    }
}

pub(super) async fn sent(
    session: &mut Session,
    incidents: &Incidents,
    incident: &Incident,
    outgoing: Vec<Outgoing>,
    telling: Telling,
) -> Result<Report, Error> {
    let mut report = if telling.dry_run {
        shown(session, incident, &outgoing, &telling)
    } else {
        let (after, lines) = send(session, incidents, incident, outgoing, &telling).await?;
        let mut report = View::now(after).told(session, Vec::new());
        report.blocks.splice(0..0, lines);
        report
    };
    for (name, value) in telling.fields {
        report.document[name] = value;
    }
    Ok(report)
}

/// What would be sent.
pub(super) fn shown(session: &Session, incident: &Incident, outgoing: &[Outgoing], telling: &Telling) -> Report {
    let mut report = View::now(incident.clone()).told(session, Vec::new());
    report.document["wouldSend"] = outgoing.iter().map(would_send).collect();
    report.blocks = telling.first.iter().cloned().chain(outgoing.iter().flat_map(preview)).collect();
    report.blocks.push(Block::line(0, [Span::plain("Nothing was sent.")]));
    report
}

/// Sends after a yes; gives the incident as it stands then, and a line for each that arrived.
pub(super) async fn send(
    session: &mut Session,
    incidents: &Incidents,
    incident: &Incident,
    outgoing: Vec<Outgoing>,
    telling: &Telling,
) -> Result<(Incident, Vec<Block>), Error> {
    let shown: Vec<Block> = telling.first.iter().cloned().chain(outgoing.iter().flat_map(preview)).collect();
    let ids: Vec<String> = outgoing.iter().map(|it| it.delivery.clone()).collect();
    let approved = approve(session, outgoing, &shown, &telling.assent).await?;
    incidents.send(&session.notifier(), approved).await?;
    let after = incidents.meant(Some(&incident.id))?;
    let open: Vec<&Delivery> = after.undelivered().filter(|it| ids.contains(&it.id)).collect();
    if let Some(error) = not_sent(&after, &open) {
        session.fails_with(error);
    }
    let lines = after.deliveries.iter().filter(|it| ids.contains(&it.id) && !it.is_open()).map(line).collect();
    Ok((after, lines))
}

fn line(delivery: &Delivery) -> Block {
    let words = format!("  {} to {} ({})", delivery.item, delivery.target.name, delivery.target.channel.word());
    Block::line(0, [Span::new(Tone::Good, delivery.state.word()), Span::plain(words)])
}

fn not_sent(incident: &Incident, open: &[&Delivery]) -> Option<Error> {
    let each = |it: &&Delivery| format!("{} to {}: {}", it.item, it.target.name, it.state.why().unwrap_or_default());
    let why = open.iter().map(each).collect::<Vec<_>>().join("; ");
    (!open.is_empty()).then(|| Error::NotSent {
        why: format!("not everything arrived: {why}"),
        hint: format!("it is kept; send it again: kubectl sre incident retry {}", incident.id),
    })
}

/// What would be sent, as it would be, and whether it could be now.
fn preview(one: &Outgoing) -> Vec<Block> {
    let head = format!("{} to {} ({})", one.message.item, one.target.name, one.target.channel.word());
    let mut blocks = vec![Block::heading(head), Block::line(1, [Span::faint(one.target.way())])];
    if let Err(why) = Notifier::ready(&one.target) {
        blocks.push(Block::line(1, [Span::new(Tone::Warning, format!("it cannot be sent now: {why}"))]));
    }
    let text = serde_json::to_string_pretty(&one.message.payload(&one.target.channel)).unwrap_or_default();
    blocks.extend(text.lines().map(|line| Block::line(1, [Span::plain(line)])));
    blocks
}

fn would_send(one: &Outgoing) -> Value {
    let mut fields = json!({
        "to": one.target.name,
        "channel": one.target.channel.word(),
        "payload": one.message.payload(&one.target.channel).to_string(),
    });
    if let Err(why) = Notifier::ready(&one.target) {
        fields["unready"] = Value::from(why);
    }
    fields
}

/// What somebody else sent has no address here: this machine sends to its own targets only.
pub(super) fn reachable(target: &NotifyTarget, known: &[NotifyTarget]) -> Result<NotifyTarget, Error> {
    if target.has_way() {
        return Ok(target.clone());
    }
    // An Alertmanager is asked by whoever asked it first.
    let is_own = |it: &&NotifyTarget| it.has_way() && it.is_same(target);
    let own = known.iter().filter(|it| !matches!(it.channel, Channel::Alertmanager(_))).find(is_own);
    own.cloned().ok_or_else(|| Error::Usage {
        message: format!("{} was sent from another machine, and nothing here says how it is reached", target.name),
        hint: "name the profile whose incident.notify has it: --profile NAME".to_owned(),
    })
}
