//! Something worth knowing.

use super::view::View;
use super::words::text;
use clap::{Args, ValueEnum};
use sre_core::incident::{Section, What};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident note 'the database answers after 9 s'
  kubectl sre incident note --pin 'rolled back to revision 14'

  # a part of the post-mortem
  kubectl sre incident note --section impact 'nobody could pay for 40 minutes'
  kubectl sre incident note inc-20261129-3f2a --section causes 'the pool was sized for one replica'";

/// What is written down.
#[derive(Args, Clone, Debug)]
pub(crate) struct NoteArgs {
    /// What, the id of the incident before it
    #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
    pub(super) words: Vec<String>,
    /// Let it stand out in the timeline
    #[arg(long)]
    pin: bool,
    /// Part of the post-mortem that it belongs to
    #[arg(long, value_enum, value_name = "PART")]
    section: Option<Part>,
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

pub(super) fn report(session: &Session, incidents: &Incidents, args: NoteArgs) -> Result<Report, Error> {
    let (id, text) = text(args.words, "a text")?;
    let meant = incidents.meant(id.as_deref())?;
    let note = What::Note { text, pinned: args.pin, section: args.section.map(Into::into) };
    let incident = incidents.add(&meant.id, |_, _| Ok(Some(note)))?;
    Ok(View::now(incident).told(session, Vec::new()))
}
