//! What is shared of a record: joined with the cluster before a command, so that it knows what others wrote, and after it.
//!
//! The record of this machine is written first. Where the cluster does not answer, or does not let the caller, that is told,
//! and what it lacks it gets the next time.

use super::args::Asked;
use super::page;
use serde_json::{Value, json};
use sre_core::finding::quoted;
use sre_core::incident::{Incident, shared};
use sre_core::report::{Block, Report, Span, Tone};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::{Error, explain};
use sre_runtime::incident::{Board, Held, Incidents, Joint, SharedPlace};
use sre_runtime::session::Session;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What is joined of a run.
#[derive(Default)]
pub(super) struct Sharing {
    way: Way,
    joined: Vec<Joined>,
    /// Incidents of others, of which there is no record here.
    pub(super) others: Vec<Incident>,
    gaps: Vec<String>,
    /// Whether nothing is written to the cluster.
    takes_only: bool,
}

/// The way to the cluster.
#[derive(Default)]
enum Way {
    /// Nobody has asked for it yet.
    #[default]
    Untried,
    /// It is there.
    Open(Rc<Board>),
    /// It is not, and that was told.
    Closed,
}

struct Joined {
    id: String,
    place: SharedPlace,
    held: Held,
    joint: Joint,
}

impl Sharing {
    /// Joins what a command is about.
    pub(super) async fn before(session: &Session, incidents: &Incidents, asked: &Asked) -> Result<Self, Error> {
        let mut sharing = Self { takes_only: asked.is_dry_run(), ..Self::default() };
        match (asked, asked.id()) {
            // Where it is shared may be what is to be mended.
            (Asked::Share(_), id) if id.is_none_or(|id| incidents.has(id)) => {}
            (Asked::Declare(_), _) => {}
            (Asked::List(args), _) if args.shared => sharing.finds(session, incidents).await?,
            (_, Some(id)) if incidents.has(id) => sharing.joins(session, incidents, id).await?,
            (_, Some(id)) => sharing.adopts(session, incidents, id).await?,
            (_, None) => {
                // Of what is damaged the command itself tells.
                let all = incidents.all()?.incidents;
                let is_meant = |it: &&Incident| it.is_open() || matches!(asked, Asked::Sync(_) | Asked::Status(_));
                for incident in all.iter().filter(is_meant) {
                    sharing.joins(session, incidents, &incident.id).await?;
                }
            }
        }
        Ok(sharing)
    }

    /// What was joined, and what came of it.
    pub(super) fn joined(&self) -> impl Iterator<Item = (&str, Joint)> {
        self.joined.iter().map(|it| (it.id.as_str(), it.joint))
    }

    /// Whether something could not be joined.
    pub(super) fn has_gaps(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// Shares an incident from now on: in the namespace of the profile, else of `-n`, else of the context.
    pub(super) async fn begin(&mut self, session: &Session, incidents: &Incidents, id: &str) -> Result<(), Error> {
        let of_profile = session.profile(&[])?.shared_in;
        let typed = session.namespaces().one().map(str::to_owned);
        if let Some(there) = incidents.shared_place(id)? {
            let is_there = |name: &String| *name == there.namespace;
            return match typed.filter(|name| !is_there(name) && !of_profile.as_ref().is_some_and(is_there)) {
                Some(namespace) => self.moves(session, incidents, (id, &there), &namespace).await,
                None => self.joins(session, incidents, id).await,
            };
        }
        let named = of_profile.or(typed);
        let Some(board) = self.board(session).await else {
            self.gaps
                .push(format!("{id} is not shared; once the cluster can be named: kubectl sre incident share {id}"));
            return Ok(());
        };
        let place = board.place(named.as_deref().unwrap_or_else(|| board.default_namespace()));
        incidents.is_shared_at(id, &place)?;
        session.mention(&format!("{id} is shared: ConfigMap {}/{}", place.namespace, shared::page_name(id, 1)));
        self.joins(session, incidents, id).await
    }

    /// Shares an incident in another namespace, where nothing of it is in the one where it is shared: that was mistyped.
    async fn moves(
        &mut self,
        session: &Session,
        incidents: &Incidents,
        (id, there): (&str, &SharedPlace),
        namespace: &str,
    ) -> Result<(), Error> {
        let Some(board) = self.board(session).await else { return Ok(()) };
        if !board.is_of(there) {
            return incidents.is_shared_at(id, &board.place(namespace));
        }
        let old = there.namespace.as_str();
        match board.seen(Some(old), Some(id)).await {
            Ok(seen) if seen.held.is_empty() && seen.unread.is_empty() => {}
            Ok(_) => {
                return Err(Error::Usage {
                    message: format!(
                        "{id} is shared in namespace {old}, where its ConfigMap is, and colleagues may know it there"
                    ),
                    hint: format!(
                        "to move it all the same, delete that first, and share it again: kubectl delete configmaps -n {} -l {}={id}",
                        quoted(old),
                        shared::LABEL
                    ),
                });
            }
            Err(RequestFault::NotFound) => {}
            Err(fault @ RequestFault::Forbidden { .. }) => {
                // A namespace that is mistyped is refused too, so it moves; colleagues may know it where it was.
                self.gaps.push(format!(
                    "whether something of {id} is in namespace {old}: {}",
                    board.why("list", Some(old), &fault)
                ));
            }
            Err(fault) => {
                self.gaps.push(kept_here(id, &board.why("list", Some(old), &fault)));
                return Ok(());
            }
        }
        incidents.moves_to(id, &board.place(namespace))?;
        session.mention(&format!("{id} is shared in namespace {namespace} from now on, and not in {old}"));
        self.joins(session, incidents, id).await
    }

    /// Writes what the command wrote to where it is shared.
    pub(super) async fn after(&mut self, incidents: &Incidents) -> Result<(), Error> {
        let Way::Open(board) = &self.way else { return Ok(()) };
        if self.takes_only {
            return Ok(());
        }
        for one in &mut self.joined {
            match incidents.join(board, &one.id, &one.place, &mut one.held).await? {
                Ok(joint) => one.joint.given += joint.given,
                Err(why) => self.gaps.push(kept_here(&one.id, &why)),
            }
        }
        Ok(())
    }

    /// Says beside an error, or beside a page, what could not be joined.
    pub(super) fn mentions(&self, session: &Session) {
        self.gaps.iter().for_each(|gap| session.mention(gap));
    }

    /// Puts into a report what could not be joined; the page of `export` is for others, and told beside it.
    pub(super) fn tells(&self, session: &Session, report: &mut Report, is_page: bool) {
        if self.gaps.is_empty() {
            return;
        }
        report.verdict.incomplete = true;
        let mut known = report.document["notLookedAt"].as_array().cloned().unwrap_or_default();
        known.extend(self.gaps.iter().map(|gap| json!(gap)));
        report.document["notLookedAt"] = Value::Array(known);
        if is_page {
            self.mentions(session);
            return;
        }
        let lines = self.gaps.iter().map(|gap| Block::line(0, [Span::new(Tone::Unknown, gap.as_str())]));
        report.blocks.splice(0..0, lines);
        if let Some(own) = &mut report.own {
            *own = page::of(report.document["title"].as_str().unwrap_or("incidents"), &report.blocks);
        }
    }

    async fn joins(&mut self, session: &Session, incidents: &Incidents, id: &str) -> Result<(), Error> {
        let Some(place) = incidents.shared_place(id)? else { return Ok(()) };
        let Some(board) = self.board(session).await else { return Ok(()) };
        if !board.is_of(&place) {
            let context = place.context.as_ref().map_or(String::new(), |name| format!(", context {name}"));
            let why = format!("it is shared at {}{context}, which is another cluster", place.server);
            self.gaps.push(kept_here(id, &why));
            return Ok(());
        }
        let seen = match board.seen(Some(&place.namespace), Some(id)).await {
            Ok(seen) => seen,
            Err(fault) => {
                self.gaps.push(kept_here(id, &board.why("list", Some(&place.namespace), &fault)));
                // Nobody waits for it twice.
                self.way = Way::Closed;
                return Ok(());
            }
        };
        let mut held = seen.held.get(id).cloned().unwrap_or_default();
        let joined = match self.takes_only {
            true => Ok(incidents.take_only(id, &held)?),
            false => incidents.join(&board, id, &place, &mut held).await?,
        };
        match joined {
            Ok(joint) => self.joined.push(Joined { id: id.to_owned(), place, held, joint }),
            Err(why) => self.gaps.push(kept_here(id, &why)),
        }
        let unread = seen.unread.iter().map(|why| format!("not taken from the cluster: {why}"));
        let new: Vec<String> = unread.filter(|gap| !self.gaps.contains(gap)).collect();
        self.gaps.extend(new);
        Ok(())
    }

    /// Begins a record of what somebody else shares, where it is there.
    async fn adopts(&mut self, session: &Session, incidents: &Incidents, id: &str) -> Result<(), Error> {
        if !Incidents::is_id(id) || session.server_at_hand().is_none() {
            return Ok(());
        }
        let Some(board) = self.board(session).await else { return Ok(()) };
        match board.seen_anywhere(known(session, incidents, &board)?, Some(id)).await {
            Ok(seen) => {
                seen.strays.iter().for_each(|stray| session.mention(stray));
                match (seen.held.get(id), seen.partly) {
                    (Some(held), _) => incidents.adopt(&board, id, held)?,
                    (None, Some(partly)) => session.mention(&format!("{id} was looked for {partly}")),
                    (None, None) => {}
                }
            }
            Err(fault) => {
                session.mention(&format!("not looked for in the cluster: {}", board.why("list", None, &fault)))
            }
        }
        if incidents.has(id) { self.joins(session, incidents, id).await } else { Ok(()) }
    }

    /// Finds what others share.
    async fn finds(&mut self, session: &Session, incidents: &Incidents) -> Result<(), Error> {
        let Some(board) = self.board(session).await else { return Ok(()) };
        let seen = match board.seen_anywhere(known(session, incidents, &board)?, None).await {
            Ok(seen) => seen,
            Err(fault) => {
                self.gaps.push(format!("what others share is not known: {}", board.why("list", None, &fault)));
                return Ok(());
            }
        };
        self.gaps.extend(seen.unread.iter().map(|why| format!("not taken from the cluster: {why}")));
        self.gaps.extend(seen.partly.iter().map(|partly| format!("what others share was looked for {partly}")));
        seen.strays.iter().for_each(|stray| session.mention(stray));
        for (id, held) in &seen.held {
            if incidents.has(id) {
                self.joins(session, incidents, id).await?;
            } else {
                self.others.extend(Incident::of(id, &held.entries()));
            }
        }
        Ok(())
    }

    /// The way to the cluster, tried once.
    async fn board(&mut self, session: &Session) -> Option<Rc<Board>> {
        if matches!(self.way, Way::Untried) {
            self.way = match session.board().await {
                Ok(board) => Way::Open(Rc::new(board)),
                Err(error) => {
                    self.gaps.push(format!("not joined with the cluster: {}", explain(&error).message));
                    Way::Closed
                }
            };
        }
        match &self.way {
            Way::Open(board) => Some(Rc::clone(board)),
            Way::Untried | Way::Closed => None,
        }
    }
}

/// The namespaces that are known where not all may be looked into: of the profile, of `-n`, and of what is shared from here.
fn known(session: &Session, incidents: &Incidents, board: &Board) -> Result<BTreeSet<String>, Error> {
    let place = |it: &Incident| incidents.shared_place(&it.id).ok()?.filter(|place| board.is_of(place));
    let all = incidents.all()?.incidents;
    let typed = session.namespaces().one().map(str::to_owned);
    let named = session.profile(&[])?.shared_in.into_iter().chain(typed);
    Ok(all.iter().filter_map(place).map(|place| place.namespace).chain(named).collect())
}

fn kept_here(id: &str, why: &str) -> String {
    format!(
        "{id} is not joined with the cluster: {why}; what is written here goes there later (kubectl sre incident sync {id})"
    )
}
