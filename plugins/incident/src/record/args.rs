//! What was typed about the record of an incident.

use super::{
    action, declare, done, evidence, export, list, note, resolve, role, severity, share, show, silence, sync, tell,
};
use clap::Subcommand;
use sre_runtime::incident::Incidents;

/// What is asked of the record.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum Asked {
    /// Declare an incident: from now on it has an id, a timeline and things that are due
    #[command(after_help = declare::EXAMPLES)]
    Declare(declare::DeclareArgs),
    /// List the incidents of this machine, with --shared those of colleagues too, the newest first
    #[command(after_help = list::EXAMPLES)]
    List(list::ListArgs),
    /// Show an incident: who does what, what is due, and its timeline
    #[command(after_help = show::EXAMPLES)]
    Show(show::ShowArgs),
    /// Say what is due and overdue; exit code 1 when something is overdue
    #[command(after_help = list::STATUS_EXAMPLES)]
    Status(list::StatusArgs),
    /// Make it worse or less bad, and say why
    #[command(after_help = severity::EXAMPLES)]
    Severity(severity::SeverityArgs),
    /// Give somebody a role: commander, operations, comms, scribe
    #[command(after_help = role::EXAMPLES)]
    Role(role::RoleArgs),
    /// Write down something worth knowing, with the time
    #[command(after_help = note::EXAMPLES)]
    Note(note::NoteArgs),
    /// Page who is on call, by the targets of the profile that take `page`
    #[command(after_help = tell::PAGE_EXAMPLES)]
    Page(tell::PageArgs),
    /// Tell people how it stands, by the targets of the profile that take `update`
    #[command(after_help = tell::UPDATE_EXAMPLES)]
    Update(tell::UpdateArgs),
    /// Send again what did not arrive
    #[command(after_help = tell::RETRY_EXAMPLES)]
    Retry(tell::RetryArgs),
    /// Keep alerts of Alertmanager quiet for an incident, list that, and end it
    #[command(after_help = silence::EXAMPLES)]
    Silence(silence::SilenceArgs),
    /// Share it in the cluster from now on: others see it there, and write on the same timeline
    #[command(after_help = share::EXAMPLES)]
    Share(share::ShareArgs),
    /// Join what is recorded here with what others wrote in the cluster, both ways
    #[command(after_help = sync::EXAMPLES)]
    Sync(sync::SyncArgs),
    /// Keep what is seen of the cluster now: events, objects, ends of logs, measurements, without secrets; with --heap the
    /// memory of a program
    #[command(after_help = evidence::EXAMPLES)]
    Evidence(evidence::EvidenceArgs),
    /// Tick something that is due
    #[command(after_help = done::EXAMPLES)]
    Done(done::DoneArgs),
    /// Action items: what is to be done so that it does not happen again
    #[command(after_help = action::EXAMPLES)]
    Action(action::ActionArgs),
    /// Say that it is over, to PagerDuty too where it was paged, and let alerts be heard again
    #[command(after_help = resolve::EXAMPLES)]
    Resolve(resolve::ResolveArgs),
    /// Say that it is not over, after all
    #[command(after_help = resolve::REOPEN_EXAMPLES)]
    Reopen(resolve::ReopenArgs),
    /// Write the post-mortem, with a TODO where nobody has written yet
    #[command(after_help = export::EXAMPLES)]
    Export(export::ExportArgs),
}

impl Asked {
    /// Whether nothing is to be written but what others wrote.
    pub(super) fn is_dry_run(&self) -> bool {
        match self {
            Self::Page(args) => args.is_dry_run(),
            Self::Update(args) => args.is_dry_run(),
            Self::Retry(args) => args.is_dry_run(),
            Self::Silence(args) => args.is_dry_run(),
            Self::Evidence(args) => args.is_dry_run(),
            Self::Resolve(args) => args.is_dry_run(),
            _ => false,
        }
    }

    /// The id of an incident that was typed, if one was.
    pub(super) fn id(&self) -> Option<&str> {
        let words = match self {
            Self::Declare(_) | Self::List(_) => return None,
            Self::Show(args) => return args.id.as_deref(),
            Self::Status(args) => return args.id.as_deref(),
            Self::Evidence(args) => return args.id.as_deref().or(args.change.incident.as_deref()),
            Self::Retry(args) => return args.id.as_deref(),
            Self::Resolve(args) => return args.id.as_deref(),
            Self::Reopen(args) => return Some(&args.id),
            Self::Export(args) => return args.id.as_deref(),
            Self::Share(args) => return args.id.as_deref(),
            Self::Sync(args) => return args.id.as_deref(),
            Self::Severity(args) => args.words.as_slice(),
            Self::Role(args) => args.words.as_slice(),
            Self::Note(args) => args.words.as_slice(),
            Self::Page(args) => args.words.as_slice(),
            Self::Update(args) => args.words.as_slice(),
            Self::Done(args) => args.words.as_slice(),
            Self::Action(args) => args.asked.words(),
            Self::Silence(args) => args.words_or_id(),
        };
        words.first().map(String::as_str).filter(|word| Incidents::is_id(word))
    }
}
