//! The approval of a plan by a second person, and whether it holds.

use super::{API_VERSION, Plan};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The kind of an approval's document.
const KIND: &str = "Approval";

/// How far the clocks of two people may be apart.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Somebody's word that a plan may be carried out, signed over [`Approval::statement`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    api_version: String,
    kind: String,
    /// The id of the change.
    pub change: String,
    /// The digest of the plan.
    pub plan: String,
    /// When it was approved, by the clock of the approver.
    pub approved_at: Timestamp,
    /// The signature, as `ssh-keygen -Y sign` makes it.
    pub signature: String,
}

/// Why an approval does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// It is about something else.
    #[error("it approves another plan than this one, or this one before it was altered")]
    OtherPlan,
    /// It is too old.
    #[error("it was given at {at:.0} and held for {minutes} minutes")]
    Expired {
        /// When it was given.
        at: Timestamp,
        /// How long it held.
        minutes: u32,
    },
    /// It is not given yet.
    #[error("it was given at {at:.0}, which is still to come: the clocks of two machines differ")]
    NotYet {
        /// When it was given.
        at: Timestamp,
    },
    /// The file of signers does not say whose signature it is.
    #[error("{signer} stands for many people: the file of signers has to name each")]
    Nobody {
        /// What it says.
        signer: String,
    },
    /// Nobody else approved it.
    #[error("{signer} asked for the change, and nobody approves their own")]
    Own {
        /// Whose signature it is.
        signer: String,
    },
}

impl Approval {
    /// What is signed for a plan at a time.
    pub fn statement(plan: &Plan, at: Timestamp) -> String {
        format!("kubectl-sre approval\nchange {}\nplan {}\ntime {at}\n", plan.id, plan.digest())
    }

    /// The approval that a signature over the statement is.
    pub fn new(plan: &Plan, approved_at: Timestamp, signature: String) -> Self {
        let (api_version, kind) = (API_VERSION.to_owned(), KIND.to_owned());
        Self { api_version, kind, change: plan.id.clone(), plan: plan.digest(), approved_at, signature }
    }

    /// Whether it is a document that this program reads.
    pub fn is_known(&self) -> bool {
        self.api_version == API_VERSION && self.kind == KIND
    }

    /// Whether it holds for a plan that these people asked for, once the signature was found to be that of the signer, by
    /// all names that the file of signers gives them.
    ///
    /// # Errors
    /// Says why it does not.
    pub fn holds(
        &self,
        plan: &Plan,
        signer: &[&str],
        requesters: &[&str],
        now: Timestamp,
        minutes: u32,
    ) -> Result<(), Unacceptable> {
        if self.change != plan.id || self.plan != plan.digest() {
            return Err(Unacceptable::OtherPlan);
        }
        if self.approved_at > now + CLOCKS {
            return Err(Unacceptable::NotYet { at: self.approved_at });
        }
        if self.approved_at + SignedDuration::from_mins(i64::from(minutes)) < now {
            return Err(Unacceptable::Expired { at: self.approved_at, minutes });
        }
        if let Some(name) = signer.iter().find(|name| name.contains(['*', '?', '!'])) {
            return Err(Unacceptable::Nobody { signer: (*name).to_owned() });
        }
        let own = signer.iter().find(|name| requesters.iter().any(|requester| is_same_person(name, requester)));
        own.map_or(Ok(()), |name| Err(Unacceptable::Own { signer: (*name).to_owned() }))?;
        Ok(())
    }
}

/// Two names of a person: the part before the `@` decides, whatever its letters' case.
fn is_same_person(one: &str, other: &str) -> bool {
    let local = |name: &str| name.split('@').next().unwrap_or_default().to_ascii_lowercase();
    local(one) == local(other)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plan, step};
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-01-15T{time}Z").parse().expect("a time")
    }

    fn approval() -> Approval {
        Approval::new(&plan(vec![step("web")]), at("08:00:00"), String::new())
    }

    fn held(signer: &str, now: &str) -> Result<(), Unacceptable> {
        approval().holds(&plan(vec![step("web")]), &[signer], &["kubernetes-admin", "jane@laptop"], at(now), 60)
    }

    #[test]
    fn it_holds_for_its_plan_and_its_time() {
        assert_eq!(held("bob@example.com", "08:59:59"), Ok(()));
        assert_eq!(held("bob@example.com", "09:00:01"), Err(Unacceptable::Expired { at: at("08:00:00"), minutes: 60 }));
        assert_eq!(held("bob@example.com", "07:56:00"), Ok(()));
        assert_eq!(held("bob@example.com", "07:54:00"), Err(Unacceptable::NotYet { at: at("08:00:00") }));
        let other = approval().holds(&plan(vec![step("api")]), &["bob"], &[], at("08:00:01"), 60);
        assert_eq!(other, Err(Unacceptable::OtherPlan));
    }

    #[test]
    fn nobody_approves_their_own() {
        for signer in ["*@example.com", "?"] {
            assert_eq!(held(signer, "08:01:00"), Err(Unacceptable::Nobody { signer: signer.to_owned() }));
        }
        let two = approval().holds(&plan(vec![step("web")]), &["backup", "jane"], &["jane@laptop"], at("08:01:00"), 60);
        assert_eq!(two, Err(Unacceptable::Own { signer: "jane".to_owned() }));
        for signer in ["jane", "Jane@example.com", "kubernetes-admin"] {
            assert_eq!(held(signer, "08:01:00"), Err(Unacceptable::Own { signer: signer.to_owned() }));
        }
    }

    #[test]
    fn what_is_signed_names_the_plan_and_the_time() {
        let plan = plan(vec![step("web")]);
        let statement = Approval::statement(&plan, at("08:00:00"));
        let expected = format!("kubectl-sre approval\nchange c-1\nplan {}\ntime 2026-01-15T08:00:00Z\n", plan.digest());
        assert_eq!(statement, expected);
    }
}
