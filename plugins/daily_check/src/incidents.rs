//! What is recorded of incidents, beside what was seen of the cluster. Records are of the person who looks, and of now: what
//! was stored of a cluster has none.

use crate::args::Request;
use sre_core::incident::shared::news;
use sre_core::incident::{Entry, Incident};
use sre_core::snapshot::Origin;
use sre_runtime::error::explain;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;
use std::collections::BTreeSet;

/// What there is.
#[derive(Debug, Default)]
pub struct Kept {
    /// Those that are about the cluster, the newest first.
    pub incidents: Vec<Incident>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// What is recorded of incidents that are about the cluster of an origin, here and, where they are shared, in the cluster: in
/// the namespace of the profile, and in those where incidents of this machine are.
pub async fn of(request: &Request, session: &Session, origin: &Origin) -> Kept {
    let incidents = of_person(session);
    let mut kept = recorded(incidents.as_ref(), origin);
    // Of a cluster that is watched there is no look, and so no way at hand.
    let board = if request.watch { session.board().await.map(Some) } else { Ok(session.board_at_hand()) };
    let board = match board {
        Ok(Some(board)) => board,
        Ok(None) => return kept,
        Err(error) => {
            kept.unread.push(format!("incidents that are shared: {error}"));
            return kept;
        }
    };
    let place = |it: &Incident| incidents.as_ref()?.shared_place(&it.id).ok()?.filter(|place| board.is_of(place));
    let own = kept.incidents.iter().filter_map(place).map(|place| place.namespace);
    let namespaces: BTreeSet<String> = own.chain(request.profile.shared_in.clone()).collect();
    for namespace in namespaces {
        match board.seen(Some(&namespace), None).await {
            Ok(seen) => {
                kept.unread.extend(seen.unread.iter().map(|why| unread(why)));
                seen.held.iter().for_each(|(id, held)| kept.takes(id, &held.entries()));
            }
            Err(fault) => {
                let why = board.why("list", Some(&namespace), &fault);
                kept.unread.push(format!("incidents that are shared: {why}"));
            }
        }
    }
    kept.incidents.sort_by(Incident::newest_first);
    kept
}

/// Where nothing says what the person's directory is, nothing was ever recorded in it.
fn of_person(session: &Session) -> Option<Incidents> {
    Incidents::of_process(session.run_id()).ok().filter(|_| session.is_live())
}

impl Kept {
    /// Joins what is known of an incident with what others wrote.
    fn takes(&mut self, id: &str, entries: &[Entry]) {
        let at = self.incidents.iter().position(|it| it.id == id);
        let mut all = at.map_or(Vec::new(), |at| self.incidents.remove(at).entries);
        all.extend(news(&all, entries));
        self.incidents.extend(Incident::of(id, &all));
    }
}

fn recorded(incidents: Option<&Incidents>, origin: &Origin) -> Kept {
    let Some(incidents) = incidents else { return Kept::default() };
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
