//! People are told: paged, kept up to date; and again, where it did not arrive.

use super::args::{RetryArgs, SureArgs, TellArgs, said, split, text, usage};
use super::view::View;
use serde_json::{Value, json};
use sre_core::incident::{Delivery, Incident, Message, NotifyTarget, OURS, What, routed};
use sre_core::report::{Block, Report, Span, Tone};
use sre_runtime::error::Error;
use sre_runtime::incident::{Assent, Incidents, Notifier, Outgoing, approve};
use sre_runtime::session::Session;
use std::collections::BTreeSet;

pub(super) async fn page(
    session: &mut Session,
    incidents: &Incidents,
    words: Vec<String>,
    tell: &TellArgs,
) -> Result<Report, Error> {
    let (id, rest) = split(words);
    let incident = incidents.meant(id.as_deref())?;
    if !incident.is_open() {
        let hint = format!("if it is back: kubectl sre incident reopen {} --reason 'it is back'", incident.id);
        return Err(Error::Usage { message: format!("{} is over, so nobody is paged", incident.id), hint });
    }
    let typed = rest.join(" ");
    let words = if typed.trim().is_empty() { incident.declaration.title.clone() } else { said(&typed, "a text")? };
    fresh(session, incidents, &incident, "page", &words, tell).await
}

pub(super) async fn update(
    session: &mut Session,
    incidents: &Incidents,
    words: Vec<String>,
    item: &str,
    tell: &TellArgs,
) -> Result<Report, Error> {
    let (id, words) = text(words, "how it stands")?;
    if OURS.contains(&item) {
        let hint = format!("{item} means something to a service; name another one, which status lists");
        return Err(Error::Usage { message: format!("--item {item} is no update"), hint });
    }
    let incident = incidents.meant(id.as_deref())?;
    fresh(session, incidents, &incident, item, &words, tell).await
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

pub(super) async fn retry(session: &mut Session, incidents: &Incidents, args: &RetryArgs) -> Result<Report, Error> {
    let incident = incidents.meant(args.id.as_deref())?;
    let is_meant = |it: &&Delivery| args.to.is_empty() || args.to.contains(&it.target.name);
    let open: Vec<&Delivery> = incident.undelivered().filter(is_meant).collect();
    let known: BTreeSet<&str> = incident.deliveries.iter().map(|it| it.target.name.as_str()).collect();
    if let Some(wrong) = args.to.iter().find(|name| !known.contains(name.as_str())) {
        let message = format!("nothing was sent to {wrong:?} for {}", incident.id);
        let known: Vec<&str> = known.into_iter().collect();
        let hint = match known.is_empty() {
            true => "nothing was sent to anybody yet: kubectl sre incident page".to_owned(),
            false => format!("something was sent to {}", known.join(", ")),
        };
        return Err(Error::Usage { message, hint });
    }
    if open.is_empty() {
        let to = if args.to.is_empty() { String::new() } else { format!(" to {}", args.to.join(", ")) };
        return Err(usage(format!("nothing of {} waits to be sent again{to}", incident.id)));
    }
    if args.give_up {
        return given_up(session, incidents, &incident, &open);
    }
    let again = open.into_iter().filter(|it| args.unknown || it.is_safe_again());
    let outgoing: Vec<Outgoing> = again.map(|it| once_more(&incident, it)).collect();
    if outgoing.is_empty() {
        return Err(Error::Refused {
            why: "what was sent may have arrived, and would be there twice; nothing was sent".to_owned(),
            hint: format!(
                "look there; then kubectl sre incident retry {} --unknown, or --give-up when it is there",
                incident.id
            ),
        });
    }
    sent(session, incidents, &incident, outgoing, Telling::of(&args.sure)).await
}

fn given_up(
    session: &Session,
    incidents: &Incidents,
    incident: &Incident,
    open: &[&Delivery],
) -> Result<Report, Error> {
    let mut last = incident.clone();
    for delivery in open {
        last = incidents.add(&incident.id, |now, _| {
            let is_open = now.undelivered().any(|it| it.id == delivery.id);
            Ok(is_open.then(|| What::GivenUp { delivery: delivery.id.clone() }))
        })?;
    }
    Ok(View::now(last).told(session, Vec::new()))
}

/// The same message as before: who reads it twice must see that it is one.
fn once_more(incident: &Incident, delivery: &Delivery) -> Outgoing {
    Outgoing {
        delivery: delivery.id.clone(),
        target: delivery.target.clone(),
        attempts: delivery.attempts,
        message: Message {
            incident: incident.id.clone(),
            id: delivery.message.clone(),
            item: delivery.item.clone(),
            level: incident.level,
            title: incident.declaration.title.clone(),
            place: incident.place(),
            text: delivery.text.clone(),
            silence: delivery.silence.clone(),
            by: delivery.first.by.clone(),
            at: delivery.first.at,
        },
    }
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
