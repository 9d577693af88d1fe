//! What was typed about the record of an incident.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use sre_core::incident::{Role, Said, Section};
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use std::path::PathBuf;

const DECLARE: &str = "\
Examples:
  kubectl sre incident declare --sev 1 --title 'checkout is down' -n shop

  # unsure: the worse one counts, and is lowered later
  kubectl sre incident declare --sev 2-3 --title 'slow search'
  kubectl sre incident declare --sev '?' --title 'logins fail'

  # with the times that your team promises
  kubectl sre incident declare --sev 1 --title 'checkout is down' --profile kubilitics";

const LIST: &str = "\
Examples:
  kubectl sre incident list
  kubectl sre incident list --open -o json";

const SHOW: &str = "\
Examples:
  kubectl sre incident show
  kubectl sre incident show inc-20261129-3f2a -o json";

const STATUS: &str = "\
Examples:
  # of everything that is open, or waits for its review; exit code 1 when something is overdue
  kubectl sre incident status
  kubectl sre incident status inc-20261129-3f2a";

const SEVERITY: &str = "\
Examples:
  kubectl sre incident severity 2 --reason 'only one region'
  kubectl sre incident severity inc-20261129-3f2a 1 --reason 'orders are lost'";

const ROLE: &str = "\
Examples:
  kubectl sre incident role commander oncall-shop
  kubectl sre incident role inc-20261129-3f2a scribe oncall-pay";

const NOTE: &str = "\
Examples:
  kubectl sre incident note 'the database answers after 9 s'
  kubectl sre incident note --pin 'rolled back to revision 14'

  # a part of the post-mortem
  kubectl sre incident note --section impact 'nobody could pay for 40 minutes'
  kubectl sre incident note inc-20261129-3f2a --section causes 'the pool was sized for one replica'";

const EVIDENCE: &str = "\
Examples:
  # once more, an hour later, and what triage makes of it
  kubectl sre incident evidence
  kubectl sre incident triage --from ~/.local/state/kubectl-sre/incidents/inc-20261129-3f2a/evidence-2.tar.zst";

const DONE: &str = "\
Examples:
  kubectl sre incident done page
  kubectl sre incident done inc-20261129-3f2a status-page --text 'https://status.example.com/42'

  # it was not done, after all
  kubectl sre incident done page --undo --text 'the pager was down'";

const ACTION: &str = "\
Examples:
  kubectl sre incident action add 'alert on the pool' --owner team-shop --due 2026-12-10
  kubectl sre incident action done a-3f2a91";

const PAGE: &str = "\
Examples:
  # what would be sent, and to whom
  kubectl sre incident page --dry-run
  kubectl sre incident page
  kubectl sre incident page inc-20261129-3f2a --to oncall 'please join the bridge' --yes";

const UPDATE: &str = "\
Examples:
  kubectl sre incident update 'rolled back, half of the logins work again'
  kubectl sre incident update inc-20261129-3f2a --item executives 'back in 20 minutes' --dry-run";

const RETRY: &str = "\
Examples:
  # what was certainly not sent, or cannot arrive twice
  kubectl sre incident retry

  # what may have arrived, too: look there first
  kubectl sre incident retry --to channel --unknown
  kubectl sre incident retry inc-20261129-3f2a --to channel --give-up";

const RESOLVE: &str = "\
Examples:
  kubectl sre incident resolve
  kubectl sre incident resolve inc-20261129-3f2a --resolution 'rolled back'";

const REOPEN: &str = "\
Examples:
  kubectl sre incident reopen inc-20261129-3f2a --reason 'it is back'";

const EXPORT: &str = "\
Examples:
  kubectl sre incident export inc-20261129-3f2a
  kubectl sre incident export inc-20261129-3f2a --format html --out postmortem.html";

/// What is asked of the record.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Asked {
    /// Declare an incident: from now on it has an id, a timeline and things that are due
    #[command(after_help = DECLARE)]
    Declare(DeclareArgs),
    /// List the incidents of this machine, the newest first
    #[command(after_help = LIST)]
    List {
        /// Only those that are open
        #[arg(long)]
        open: bool,
    },
    /// Show an incident: who does what, what is due, and its timeline
    #[command(after_help = SHOW)]
    Show {
        /// Id of the incident; without it the only one that is open
        id: Option<String>,
    },
    /// Say what is due and overdue; exit code 1 when something is overdue
    #[command(after_help = STATUS)]
    Status {
        /// Id of the incident; without it everything that is open or waits for something
        id: Option<String>,
    },
    /// Make it worse or less bad, and say why
    #[command(after_help = SEVERITY)]
    Severity {
        /// Severity from 1, the worst, to 5, the id of the incident before it
        #[arg(value_name = "[ID] N", required = true, num_args = 1..=2)]
        words: Vec<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Give somebody a role: commander, operations, comms, scribe
    #[command(after_help = ROLE)]
    Role {
        /// Role and person, the id of the incident before them
        #[arg(value_name = "[ID] ROLE PERSON", required = true, num_args = 2..)]
        words: Vec<String>,
    },
    /// Write down something worth knowing, with the time
    #[command(after_help = NOTE)]
    Note {
        /// What, the id of the incident before it
        #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
        words: Vec<String>,
        /// Let it stand out in the timeline
        #[arg(long)]
        pin: bool,
        /// Part of the post-mortem that it belongs to
        #[arg(long, value_enum, value_name = "PART")]
        section: Option<Part>,
    },
    /// Page who is on call, by the targets of the profile that take `page`
    #[command(after_help = PAGE)]
    Page {
        /// What to say besides the title, the id of the incident before it
        #[arg(value_name = "[ID] [TEXT]", num_args = 0..)]
        words: Vec<String>,
        #[command(flatten)]
        tell: TellArgs,
    },
    /// Tell people how it stands, by the targets of the profile that take `update`
    #[command(after_help = UPDATE)]
    Update {
        /// What to say, the id of the incident before it
        #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
        words: Vec<String>,
        /// What is done by it, as status lists it
        #[arg(long, value_name = "ITEM", default_value = "update")]
        item: String,
        #[command(flatten)]
        tell: TellArgs,
    },
    /// Send again what did not arrive
    #[command(after_help = RETRY)]
    Retry(RetryArgs),
    /// Keep alerts of Alertmanager quiet for an incident, list that, and end it
    #[command(after_help = super::silence::EXAMPLES)]
    Silence(super::silence::SilenceArgs),
    /// Keep what is seen of the cluster now: events, objects, ends of logs, measurements, without secrets
    #[command(after_help = EVIDENCE)]
    Evidence {
        /// Id of the incident; without it the only one that is open
        id: Option<String>,
    },
    /// Tick something that is due
    #[command(after_help = DONE)]
    Done {
        /// Its word, as status lists it, the id of the incident before it
        #[arg(value_name = "[ID] ITEM", required = true, num_args = 1..=2)]
        words: Vec<String>,
        /// What is to be said of it: a link, a number
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        /// Take the tick back: it was not done, after all
        #[arg(long)]
        undo: bool,
    },
    /// Action items: what is to be done so that it does not happen again
    #[command(after_help = ACTION)]
    Action {
        #[command(subcommand)]
        asked: ActionAsked,
    },
    /// Say that it is over, to PagerDuty too where it was paged, and let alerts be heard again
    #[command(after_help = RESOLVE)]
    Resolve {
        /// Id of the incident; without it the only one that is open
        id: Option<String>,
        /// What ended it, for the post-mortem
        #[arg(long, value_name = "TEXT")]
        resolution: Option<String>,
        #[command(flatten)]
        sure: SureArgs,
    },
    /// Say that it is not over, after all
    #[command(after_help = REOPEN)]
    Reopen {
        /// Id of the incident
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Write the post-mortem, with a TODO where nobody has written yet
    #[command(after_help = EXPORT)]
    Export {
        /// Id of the incident; without it the only one that is open
        id: Option<String>,
        /// How
        #[arg(long, value_enum, value_name = "FORMAT")]
        format: Option<ExportFormat>,
        /// New file for it; without it standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// How an incident begins.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeclareArgs {
    /// Severity from 1, the worst, to 5; unsure: 2-3 takes the worse one, ? the worst
    #[arg(long, value_name = "N", value_parser = Said::parse)]
    pub(super) sev: Said,
    /// What it is called, in a few words
    #[arg(long, value_name = "TEXT")]
    pub(super) title: String,
    /// Who decides
    #[arg(long, value_name = "PERSON")]
    pub(super) commander: Option<String>,
    /// Keep nothing of what is seen of the cluster now
    #[arg(long)]
    pub(super) no_evidence: bool,
}

/// To whom something is sent, and whether it is.
#[derive(Args, Clone, Debug)]
pub(crate) struct TellArgs {
    /// Target of the profile, instead of those that take it; may be repeated
    #[arg(long, value_name = "TARGET")]
    pub(super) to: Vec<String>,
    #[command(flatten)]
    pub(super) sure: SureArgs,
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

/// What is sent again.
#[derive(Args, Clone, Debug)]
pub(crate) struct RetryArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
    /// Only what goes to this target; may be repeated
    #[arg(long, value_name = "TARGET")]
    pub(super) to: Vec<String>,
    /// Also what may have arrived: it may then be there twice
    #[arg(long, conflicts_with = "give_up")]
    pub(super) unknown: bool,
    /// Send nothing, and say that it is not to be sent any more
    #[arg(long, conflicts_with_all = ["dry_run", "yes", "confirm"])]
    pub(super) give_up: bool,
    #[command(flatten)]
    pub(super) sure: SureArgs,
}

/// What is asked of action items.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum ActionAsked {
    /// Write one down
    #[command(after_help = ACTION)]
    Add {
        /// What is to be done, the id of the incident before it
        #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
        words: Vec<String>,
        /// Who does it
        #[arg(long, value_name = "PERSON")]
        owner: Option<String>,
        /// Last day for it, in UTC
        #[arg(long, value_name = "DATE", value_parser = date)]
        due: Option<Date>,
    },
    /// Tick one
    #[command(after_help = ACTION)]
    Done {
        /// Id of the action item, the id of the incident before it
        #[arg(value_name = "[ID] ACTION", required = true, num_args = 1..=2)]
        words: Vec<String>,
    },
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// To be pasted into a wiki or an issue
    Markdown,
    /// One page for a browser, complete in itself
    Html,
    /// The document of `show -o json`
    Json,
}

/// What `--section` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// What happened, in two sentences
    Overview,
    /// Who could not do what, for how long
    Impact,
    /// What contributed to it
    Causes,
    /// What ended it
    Resolution,
    /// What shows it
    Evidence,
    /// What went well
    Well,
    /// What went badly
    Badly,
}

impl From<Part> for Section {
    fn from(part: Part) -> Self {
        match part {
            Part::Overview => Self::Overview,
            Part::Impact => Self::Impact,
            Part::Causes => Self::Causes,
            Part::Resolution => Self::Resolution,
            Part::Evidence => Self::Evidence,
            Part::Well => Self::Well,
            Part::Badly => Self::Badly,
        }
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} is no date; write for example 2026-12-31"))
}

/// The id that words begin with, if they do, and the others.
pub(super) fn split(words: Vec<String>) -> (Option<String>, Vec<String>) {
    let mut words = words;
    let has_id = words.first().is_some_and(|word| Incidents::is_id(word));
    let id = has_id.then(|| words.remove(0));
    (id, words)
}

/// The one word that is wanted behind the id.
pub(super) fn one(words: Vec<String>, what: &str) -> Result<(Option<String>, String), Error> {
    let (id, rest) = split(words);
    match <[String; 1]>::try_from(rest) {
        Ok([word]) => Ok((id, word)),
        Err(rest) => Err(wanted(&rest, what)),
    }
}

/// The text that is wanted behind the id.
pub(super) fn text(words: Vec<String>, what: &str) -> Result<(Option<String>, String), Error> {
    let (id, rest) = split(words);
    let text = said(&rest.join(" "), what)?;
    Ok((id, text))
}

/// A role and a person behind the id.
pub(super) fn role(words: Vec<String>) -> Result<(Option<String>, Role, String), Error> {
    let (id, rest) = split(words);
    let roles = Role::ALL.map(Role::word).join(", ");
    let known = |word: &String| Role::ALL.into_iter().find(|role| role.word() == word.as_str());
    match rest.split_first() {
        Some((word, person)) if !person.is_empty() => {
            let role = known(word).ok_or_else(|| usage(format!("{word:?} is no role: {roles}")))?;
            Ok((id, role, said(&person.join(" "), "a person")?))
        }
        _ => Err(wanted(&rest, &format!("a role ({roles}) and a person"))),
    }
}

/// The longest text that is written down.
const LONGEST: usize = 16 << 10;

/// A text that is neither empty nor a file that somebody pasted.
pub(super) fn said(text: &str, what: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(usage(format!("{what} is wanted, and nothing stands there")));
    }
    if text.len() > LONGEST {
        return Err(usage(format!(
            "a text of {} bytes is too long: {LONGEST} at the most; keep a link to it",
            text.len()
        )));
    }
    Ok(text.to_owned())
}

fn wanted(rest: &[String], what: &str) -> Error {
    let typed = rest.join(" ");
    usage(format!("{what} is wanted, and before it at most the id of an incident (inc-...), not {typed:?}"))
}

pub(super) fn usage(message: String) -> Error {
    Error::Usage { message, hint: "see which incidents there are: kubectl sre incident list".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn an_id_may_stand_before_what_is_said() {
        let said = |typed: &[&str]| text(words(typed), "a text").map_err(|error| error.to_string());
        let id = Some("inc-20261129-3f2a".to_owned());
        assert_eq!(said(&["inc-20261129-3f2a", "it", "is slow"]), Ok((id, "it is slow".to_owned())));
        assert_eq!(said(&["it is slow"]), Ok((None, "it is slow".to_owned())));
        assert!(
            said(&["inc-20261129-3f2a"]).is_err() && said(&["  "]).is_err() && said(&[&"x".repeat(20_000)]).is_err()
        );
        assert!(one(words(&["in-1", "2"]), "a severity").is_err());
    }

    #[test]
    fn a_role_has_a_person() {
        let read =
            |typed: &[&str]| role(words(typed)).map(|(_, role, person)| (role, person)).map_err(|it| it.to_string());
        assert_eq!(read(&["commander", "jane", "doe"]), Ok((Role::Commander, "jane doe".to_owned())));
        assert!(read(&["inc-1-a", "comms", "joe"]).is_ok());
        assert!(read(&["boss", "jane"]).expect_err("no role").contains("commander, operations, comms, scribe"));
        assert!(read(&["inc-1-a", "comms"]).is_err());
    }
}
