//! Somebody has a role from now on.

use super::view::View;
use super::words::{said, split, usage, wanted};
use clap::Args;
use sre_core::incident::{Role, What};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident role commander oncall-shop
  kubectl sre incident role inc-20261129-3f2a scribe oncall-pay";

/// Who has a role.
#[derive(Args, Clone, Debug)]
pub(crate) struct RoleArgs {
    /// Role and person, the id of the incident before them
    #[arg(value_name = "[ID] ROLE PERSON", required = true, num_args = 2..)]
    pub(super) words: Vec<String>,
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: RoleArgs) -> Result<Report, Error> {
    let (id, role, person) = read(args.words)?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |now, _| {
        // To say it again changes nothing.
        let is_so = now.roles.get(&role) == Some(&person);
        Ok((!is_so).then_some(What::Role { role, person }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}

/// A role and a person behind the id.
fn read(words: Vec<String>) -> Result<(Option<String>, Role, String), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_a_person() {
        let read = |typed: &[&str]| {
            super::read(typed.iter().map(|word| (*word).to_owned()).collect())
                .map(|(_, role, person)| (role, person))
                .map_err(|it| it.to_string())
        };
        assert_eq!(read(&["commander", "jane", "doe"]), Ok((Role::Commander, "jane doe".to_owned())));
        assert!(read(&["inc-1-a", "comms", "joe"]).is_ok());
        assert!(read(&["boss", "jane"]).expect_err("no role").contains("commander, operations, comms, scribe"));
        assert!(read(&["inc-1-a", "comms"]).is_err());
    }
}
