//! Alerts are kept quiet for an incident, and heard again.

use super::tell::{self, SureArgs, Telling};
use super::view::View;
use super::words::{must_be_open, said, split, usage};
use crate::alert::{listed, written};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sre_core::check::Sight;
use sre_core::incident::{
    AlertmanagerPlace, Channel, EXPIRE, Incident, NotifyTarget, SILENCE, SilenceCall, SilenceLimits, SilenceMatcher,
    moment,
};
use sre_core::inquiry::{Alert, Inquiry, Silence, Target, questions};
use sre_core::profile::Profile;
use sre_core::report::{Block, Report, Span, Tone};
use sre_core::slim::Kind;
use sre_core::snapshot::{NamespaceScope, ReadState, Reads};
use sre_core::units::seconds_of;
use sre_runtime::error::Error;
use sre_runtime::incident::{Incidents, Outgoing, now};
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  # which alerts that fire now would be hidden
  kubectl sre incident silence CheckoutIsDown --for 1h --reason 'being rolled back' --dry-run

  # by labels: all of them must be so
  kubectl sre incident silence 'PodCrashes{namespace=shop}' --for 30m --reason 'known'
  kubectl sre incident silence namespace=shop 'pod=~web-.*' --reason 'the node is replaced'

  kubectl sre incident silence list
  kubectl sre incident silence expire";

/// What is typed of silences.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SilenceArgs {
    #[command(subcommand)]
    asked: Option<SilenceAsked>,
    /// Alert, with labels where there are several of it, or matchers; the id of the incident before them
    #[arg(value_name = "[ID] ALERT|LABEL=VALUE", required = true, num_args = 1..)]
    words: Vec<String>,
    /// How long: two hours at the most, unless the profile says more
    #[arg(long = "for", value_name = "DURATION", value_parser = length)]
    length: Option<SignedDuration>,
    /// Why
    #[arg(long, value_name = "TEXT", required = true)]
    reason: Option<String>,
    #[command(flatten)]
    sure: SureArgs,
}

impl SilenceArgs {
    /// Whether it is only shown.
    pub(super) fn is_dry_run(&self) -> bool {
        match &self.asked {
            Some(SilenceAsked::List { .. }) => false,
            Some(SilenceAsked::Expire { sure, .. }) => sure.dry_run,
            None => self.sure.dry_run,
        }
    }

    /// The words that may begin with the id of an incident.
    pub(super) fn words_or_id(&self) -> &[String] {
        match &self.asked {
            Some(SilenceAsked::List { id }) => id.as_slice(),
            Some(SilenceAsked::Expire { words, .. }) => words,
            None => &self.words,
        }
    }
}

#[derive(Subcommand, Clone, Debug)]
enum SilenceAsked {
    /// List what is silenced for an incident, as Alertmanager tells it
    #[command(after_help = EXAMPLES)]
    List {
        /// Id of the incident; without it the only one that is open
        id: Option<String>,
    },
    /// Let alerts be heard again
    #[command(after_help = EXAMPLES)]
    Expire {
        /// Ids of silences, without any all of the incident, whose id stands before them
        #[arg(value_name = "[ID] [SILENCE]", num_args = 0..)]
        words: Vec<String>,
        #[command(flatten)]
        sure: SureArgs,
    },
}

pub(super) async fn report(session: &mut Session, incidents: &Incidents, args: SilenceArgs) -> Result<Report, Error> {
    match args.asked {
        Some(SilenceAsked::List { id }) => list(session, incidents, id.as_deref()).await,
        Some(SilenceAsked::Expire { words, sure }) => expire(session, incidents, words, &sure).await,
        None => make(session, incidents, args).await,
    }
}

async fn make(session: &mut Session, incidents: &Incidents, args: SilenceArgs) -> Result<Report, Error> {
    let (id, words) = split(args.words);
    let reason = said(args.reason.as_deref().unwrap_or_default(), "a reason")?;
    let matchers = SilenceMatcher::read_all(&words).map_err(|message| Error::Usage {
        message,
        hint: "type for example: kubectl sre incident silence 'CheckoutIsDown{namespace=shop}' --reason 'known'"
            .to_owned(),
    })?;
    let incident = incidents.meant(id.as_deref())?;
    must_be_open(&incident, "nothing is silenced for it")?;
    let profile = session.profile(&[])?;
    let until = end(args.length, &profile.silences)?;
    let place = alertmanager(session, &profile).await?;
    let hidden = session.notifier().alertmanager(&place).await?.alerts(&matchers).await?;
    let call = SilenceCall::Make { matchers, until };
    let outgoing = incidents.asking(&incident, SILENCE, &reason, call, &NotifyTarget::alertmanager(place));
    let mut telling = Telling::of(&args.sure);
    let most = usize::try_from(profile.silences.alerts).unwrap_or(usize::MAX);
    telling.assent.name = (hidden.len() > most).then(|| incident.id.clone());
    telling.first = preview(&hidden, most, &incident);
    telling.fields = vec![("hides", hidden.iter().map(written).collect())];
    tell::sent(session, incidents, &incident, vec![outgoing], telling).await
}

/// The end of a silence that begins now.
fn end(length: Option<SignedDuration>, limits: &SilenceLimits) -> Result<Timestamp, Error> {
    let length = length.unwrap_or_else(|| limits.longest.min(SilenceLimits::default().longest));
    if length > limits.longest {
        return Err(Error::Usage {
            message: format!("--for {length:#} is too long: a silence lasts {:#} at the most", limits.longest),
            hint: "make it again when it ends, or let the profile say more: incident.silences.longest".to_owned(),
        });
    }
    let end = now().checked_add(length).unwrap_or(Timestamp::MAX);
    Ok(end)
}

fn preview(hidden: &[Alert], most: usize, incident: &Incident) -> Vec<Block> {
    let head = match hidden.len() {
        0 => "No alert that fires now would be hidden".to_owned(),
        count => format!("Alerts that fire now and would be hidden: {count}"),
    };
    let mut blocks = vec![Block::heading(head)];
    blocks.extend(listed(hidden.iter().map(|alert| Block::line(1, [Span::plain(written(alert))]))));
    if hidden.len() > most {
        let words =
            format!("more than {most}, so it is confirmed by the id of the incident: --confirm {}", incident.id);
        blocks.push(Block::line(1, [Span::new(Tone::Warning, words)]));
    }
    blocks
}

async fn list(session: &mut Session, incidents: &Incidents, id: Option<&str>) -> Result<Report, Error> {
    let incident = incidents.meant(id)?;
    let mut silences = Vec::new();
    for place in &whom(session, &incident).await? {
        silences.extend(session.notifier().alertmanager(place).await?.silences(&format!("{}: ", incident.id)).await?);
    }
    let mut blocks: Vec<Block> = silences.iter().map(line).collect();
    if blocks.is_empty() {
        blocks.push(Block::line(0, [Span::plain(format!("Nothing is silenced for {}", incident.id))]));
    }
    let mut report = View::now(incident).told(session, Vec::new());
    report.document["silences"] = silences.iter().map(document).collect();
    report.blocks = blocks;
    Ok(report)
}

async fn expire(
    session: &mut Session,
    incidents: &Incidents,
    words: Vec<String>,
    sure: &SureArgs,
) -> Result<Report, Error> {
    let (id, named) = split(words);
    let incident = incidents.meant(id.as_deref())?;
    let mut outgoing = Vec::new();
    for place in whom(session, &incident).await? {
        let target = NotifyTarget::alertmanager(place);
        outgoing.extend(ends(session, incidents, &incident, &target, &named).await?);
    }
    let is_there = |id: &String| {
        outgoing.iter().any(|it| matches!(&it.message.silence, Some(SilenceCall::Expire { id: known }) if known == id))
    };
    if let Some(wrong) = named.iter().find(|id| !is_there(id)) {
        return Err(usage(format!("no silence {wrong} is there for {}", incident.id)));
    }
    if outgoing.is_empty() {
        return Err(usage(format!("nothing is silenced for {}", incident.id)));
    }
    tell::sent(session, incidents, &incident, outgoing, Telling::of(sure)).await
}

/// What ends the silences of an incident; of all of them, where none is named. Those of others are none of its business.
pub(super) async fn ends(
    session: &Session,
    incidents: &Incidents,
    incident: &Incident,
    target: &NotifyTarget,
    named: &[String],
) -> Result<Vec<Outgoing>, Error> {
    let Channel::Alertmanager(place) = &target.channel else { return Ok(Vec::new()) };
    let silences = session.notifier().alertmanager(place).await?.silences(&format!("{}: ", incident.id)).await?;
    let meant = silences.into_iter().filter(|it| named.is_empty() || named.contains(&it.id));
    let end = |it: Silence| {
        let call = SilenceCall::Expire { id: it.id };
        incidents.asking(incident, EXPIRE, &it.comment, call, target)
    };
    Ok(meant.map(end).collect())
}

/// The Alertmanagers that were asked for an incident, else the one that would be.
async fn whom(session: &mut Session, incident: &Incident) -> Result<Vec<AlertmanagerPlace>, Error> {
    let mut known: Vec<AlertmanagerPlace> = Vec::new();
    for delivery in incident.deliveries.iter().filter(|it| it.item == SILENCE && it.target.has_way()) {
        if let Channel::Alertmanager(place) = &delivery.target.channel
            && !known.contains(place)
        {
            known.push(place.clone());
        }
    }
    if known.is_empty() {
        let profile = session.profile(&[])?;
        known.push(alertmanager(session, &profile).await?);
    }
    Ok(known)
}

/// The one that the profile names, else the one that is found in the cluster.
async fn alertmanager(session: &mut Session, profile: &Profile) -> Result<AlertmanagerPlace, Error> {
    let target = match &profile.alertmanager {
        Some(target) => target.clone(),
        None => found(session).await?,
    };
    let context = if matches!(target, Target::Url(_)) { None } else { session.context_at_hand() };
    Ok(AlertmanagerPlace { target, context })
}

async fn found(session: &mut Session) -> Result<Target, Error> {
    let reads = Reads::of([Sight::Alertmanager, Sight::Of(Kind::Service)], NamespaceScope::All);
    let reads = reads.with_inquiry(Inquiry::default());
    let snapshot = session.observe(&reads).await?;
    let asked = questions(&reads, &snapshot).into_iter().find(|it| it.sight == Sight::Alertmanager);
    let message = match snapshot.coverage.state(Sight::Of(Kind::Service)) {
        ReadState::Gap(gap) => format!("no Alertmanager could be looked for: {}", gap.detail),
        _ => "no Alertmanager was found in the cluster".to_owned(),
    };
    let hint = "name it in a profile (alertmanager, see docs/profile.md), and the profile with --profile".to_owned();
    asked.map(|it| it.target).ok_or(Error::Usage { message, hint })
}

fn line(silence: &Silence) -> Block {
    let matchers: Vec<String> = silence.matchers.iter().map(ToString::to_string).collect();
    let spans = [
        Span::new(Tone::Strong, silence.id.as_str()),
        Span::plain(format!(
            "  {}  until {}  {{{}}}  ",
            silence.status.state,
            moment(silence.ends_at),
            matchers.join(",")
        )),
        Span::faint(format!("{}: {}", silence.created_by, silence.comment)),
    ];
    Block::line(0, spans)
}

fn document(silence: &Silence) -> Value {
    json!({
        "id": silence.id,
        "state": silence.status.state,
        "until": silence.ends_at,
        "by": silence.created_by,
        "comment": silence.comment,
        "matchers": silence.matchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn length(text: &str) -> Result<SignedDuration, String> {
    let seconds = seconds_of(text).filter(|it| *it >= 60.0);
    let wrong = || "a duration of a minute at least is wanted, such as 30m or 2h".to_owned();
    seconds.and_then(|it| SignedDuration::try_from_secs_f64(it).ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_never_longer_than_the_team_says() {
        let limits = SilenceLimits { longest: SignedDuration::from_hours(4), alerts: 1 };
        let hours = |count| Some(SignedDuration::from_hours(count));
        assert!(end(hours(2), &SilenceLimits::default()).is_ok() && end(hours(4), &limits).is_ok());
        for (length, limits) in [(hours(3), &SilenceLimits::default()), (hours(5), &limits)] {
            let Err(Error::Usage { message, .. }) = end(length, limits) else { panic!("refused") };
            assert!(message.contains("at the most"), "{message}");
        }
        let short = SilenceLimits { longest: SignedDuration::from_mins(30), alerts: 1 };
        assert!(
            end(None, &short).is_ok(),
            "without a word it is as long as it may be, and never longer than two hours"
        );
    }
}
