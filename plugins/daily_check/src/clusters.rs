//! Several clusters in one run: each is looked at and judged for itself, some at a time, and one report joins what is
//! told of them. A snapshot is gone as soon as it is judged.

use crate::args::Request;
use crate::history::{self, Baseline, Run};
use crate::look;
use crate::report::{self, Answer, Cluster, Look};
use futures::stream::{self, StreamExt};
use sre_core::report::Report;
use sre_runtime::error::{Error, explain};
use sre_runtime::session::{Session, of_one_cluster};

/// Clusters that are read at the same time; of each of them up to eight lists are under way.
const AT_ONCE: usize = 4;

/// A cluster after the look at it.
struct Seen {
    session: Session,
    result: Result<(Answer, Option<Run>), Error>,
}

/// Looks at several clusters.
///
/// # Errors
/// Fails when none of them could be looked at, and for a baseline or an address that is one cluster's.
pub async fn run(request: &Request, session: &mut Session, clusters: Vec<Session>) -> Result<Report, Error> {
    if let Baseline::Named(name) = &request.baseline {
        return Err(of_one_cluster(&format!("--baseline {name}"), clusters.iter().filter_map(Session::place)));
    }
    if request.watch {
        return Err(of_one_cluster("--watch", clusters.iter().filter_map(Session::place)));
    }
    // A Service is asked in each cluster; what an address says is of one of them, and would be told of all.
    if let Some(address) = request.profile.addresses().next() {
        let flag = format!("{address}, which the profile names,");
        return Err(of_one_cluster(&flag, clusters.iter().filter_map(Session::place)));
    }
    let jobs = clusters.into_iter().enumerate().map(|(index, mut session)| async move {
        let result = look(request, &mut session).await;
        (index, Seen { session, result })
    });
    let mut seen: Vec<(usize, Seen)> = stream::iter(jobs).buffer_unordered(AT_ONCE).collect().await;
    seen.sort_by_key(|(index, _)| *index);
    let seen: Vec<Seen> = seen.into_iter().map(|(_, seen)| seen).collect();
    if seen.iter().all(|one| one.result.is_err()) {
        let failed = |one: Seen| Some((one.session.place()?.to_owned(), one.result.err()?));
        return Err(Error::Clusters { of_clusters: seen.into_iter().filter_map(failed).collect() });
    }
    let clusters: Vec<Cluster> = seen.into_iter().map(|one| told(session, one)).collect();
    Ok(report::of_several(request, &clusters))
}

/// Keeps the run of a cluster. That is done when all were compared with earlier ones: two contexts may lead to the same
/// cluster, and neither run is the other's yesterday.
fn told(whole: &mut Session, mut seen: Seen) -> Cluster {
    let name = seen.session.place().unwrap_or_default().to_owned();
    let alike = seen.session.alike().to_vec();
    let look = match seen.result {
        Ok((answer, run)) => {
            if let Some(run) = &run {
                history::keep(&mut seen.session, run);
            }
            Look::Made(Box::new(answer.of_cluster(&name)))
        }
        Err(error) => {
            let explained = explain(&error);
            Look::Failed { why: explained.message, next: explained.hint }
        }
    };
    whole.take_over(seen.session);
    Cluster { name, alike, look }
}
