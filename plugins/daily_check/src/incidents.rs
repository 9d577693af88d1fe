//! What is recorded of incidents, beside what was seen of the cluster. Records are of the person who looks, and of now: what
//! was stored of a cluster has none.

use sre_core::incident::Incident;
use sre_core::snapshot::Snapshot;
use sre_runtime::error::explain;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

/// What there is.
#[derive(Debug, Default)]
pub struct Kept {
    /// Those that are about the cluster, the newest first.
    pub incidents: Vec<Incident>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// What is recorded of incidents that are about the cluster of a snapshot.
pub fn of(session: &Session, snapshot: &Snapshot) -> Kept {
    let origin = &snapshot.origin;
    // Where nothing says what the person's directory is, nothing was ever recorded in it.
    let (true, Ok(incidents)) = (session.is_live(), Incidents::of_process(session.run_id())) else {
        return Kept::default();
    };
    let all = match incidents.all() {
        Ok(all) => all,
        Err(error) => return Kept { incidents: Vec::new(), unread: vec![unread(&explain(&error).message)] },
    };
    let is_about = |it: &Incident| it.is_about(origin.context.as_deref(), origin.server.as_deref());
    Kept {
        incidents: all.incidents.into_iter().filter(is_about).collect(),
        unread: all.damaged.iter().map(|error| unread(&explain(error).message)).collect(),
    }
}

fn unread(why: &str) -> String {
    format!("record of an incident: {why}")
}
