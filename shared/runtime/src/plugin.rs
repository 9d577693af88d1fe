//! What a command of the family is.

use crate::error::Error;
use crate::session::Session;
use clap::{ArgMatches, Command};
use futures::future::LocalBoxFuture;
use sre_core::report::Report;

/// A command of the family: `daily-check`, `incident` ...
pub trait Plugin: Sync {
    /// Its name, with dashes.
    fn name(&self) -> &'static str;

    /// Its arguments, without those that every command has.
    fn command(&self) -> Command;

    /// The page about an id that it knows (a check, a class), for `explain`.
    fn page(&self, _id: &str) -> Option<String> {
        None
    }

    /// Every id that it has a page for.
    fn pages(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Does the work.
    fn run<'a>(
        &'a self,
        session: &'a mut Session,
        matches: &'a ArgMatches,
    ) -> LocalBoxFuture<'a, Result<Report, Error>>;
}
