//! The one place that turns errors into text, a hint and an exit code.

use crate::archive::ArchiveError;
use crate::cluster::connection::{ConnectError, ConnectionFacts, RequestFault};
use crate::directory::DirectoryError;
use crate::exit::Exit;
use sre_core::finding::aimed;
use sre_core::strict::Problem;
use std::io::ErrorKind;
use std::path::PathBuf;
use thiserror::Error;

/// Whatever ends a run without a report.
#[derive(Debug, Error)]
pub enum Error {
    /// Something that was typed makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to type instead.
        hint: String,
    },
    /// The command line does not parse.
    #[error(transparent)]
    Arguments(#[from] clap::Error),
    /// No way to the cluster.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The cluster does not answer, or not to this caller.
    #[error("{server}{}", user.as_ref().map_or(String::new(), |user| format!(" as {user}")))]
    NoAnswer {
        /// Address of the server.
        server: String,
        /// Who asked, as the kubeconfig calls it; absent without a kubeconfig.
        user: Option<String>,
        /// The flags that led there.
        reach: Vec<String>,
        /// Why there is no answer.
        #[source]
        fault: RequestFault,
    },
    /// An archive that cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A directory that cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A local file or stream that cannot be used.
    #[error("{}", path.display())]
    Local {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A profile that cannot be read.
    #[error("{}: {}", path.display(), counted(problems.len()))]
    Profile {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        problems: Vec<Problem>,
    },
    /// Something must not be done; nothing was.
    #[error("refused: {why}")]
    Refused {
        /// Why not.
        why: String,
        /// What to do instead.
        hint: String,
    },
    /// What was asked for could not be looked at.
    #[error("{message}")]
    Unseen {
        /// What was not seen, and why.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// A message did not arrive, as far as is known.
    #[error("{why}")]
    NotSent {
        /// To whom, and why not.
        why: String,
        /// How to go on.
        hint: String,
    },
    /// A plan or a record is damaged or was altered.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The record of an incident is damaged.
    #[error("{}: {why}", path.display())]
    IncidentDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Several clusters, none of which could be looked at, and why.
    #[error("none of {} clusters could be looked at", of_clusters.len())]
    Clusters {
        /// By the name of the context.
        of_clusters: Vec<(String, Error)>,
    },
    /// The person interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// An error as people see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// One line: what was attempted, on what, why it failed.
    pub message: String,
    /// A line for each of several things that are wrong.
    pub details: Vec<String>,
    /// What to type next.
    pub hint: Option<String>,
    /// How the process ends.
    pub exit: Exit,
}

impl Error {
    /// No answer from a server that a connection was set up to.
    pub fn no_answer(facts: &ConnectionFacts, fault: &RequestFault) -> Self {
        let (server, user, reach) = (facts.server.clone(), facts.user.clone(), facts.reach.clone());
        Self::NoAnswer { server, user, reach, fault: fault.clone() }
    }
}

/// Translates an error.
pub fn explain(error: &Error) -> Explained {
    let (exit, hint) = match error {
        Error::Usage { hint, .. } => (Exit::Usage, Some(hint.clone())),
        Error::Arguments(_) => (Exit::Usage, Some("try --help".to_owned())),
        Error::Connect(error) => (connect_exit(error), Some(error.hint())),
        Error::NoAnswer { fault, reach, .. } => (Exit::Unreachable, Some(aimed(fault_hint(fault), reach))),
        Error::Archive(error) => archive(error),
        Error::Directory(error) => (Exit::Usage, Some(error.hint())),
        Error::Local { source, .. } => (Exit::Internal, local_hint(source)),
        Error::Profile { .. } => (Exit::Usage, Some("docs/profile.md says what a profile may hold".to_owned())),
        Error::Clusters { of_clusters } => clusters(of_clusters),
        Error::Refused { hint, .. } => (Exit::Refused, Some(hint.clone())),
        Error::Unseen { hint, .. } => (Exit::Incomplete, Some(hint.clone())),
        Error::NotSent { hint, .. } => (Exit::ChangeFailed, Some(hint.clone())),
        Error::Damaged { .. } => (
            Exit::Integrity,
            Some("nothing of it was used; make the plan again, or see: kubectl sre change verify".to_owned()),
        ),
        Error::IncidentDamaged { .. } => (
            Exit::Integrity,
            Some("nothing was added to it; it is a text file, a JSON entry a line, to be looked at by hand".to_owned()),
        ),
        Error::Interrupted => (Exit::Interrupted, None),
    };
    Explained { message: message(error), details: details(error), hint, exit }
}

fn details(error: &Error) -> Vec<String> {
    match error {
        Error::Profile { problems, .. } => problems.iter().map(ToString::to_string).collect(),
        Error::Clusters { of_clusters } => {
            of_clusters.iter().map(|(name, error)| format!("{name}: {}", message(error))).collect()
        }
        _ => Vec::new(),
    }
}

fn counted(problems: usize) -> String {
    if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") }
}

/// The words of an error and of its sources, none repeated.
pub(crate) fn message(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}

/// What is wrong with all of them alike is wrong with what was typed; else there is no way in, for one reason or another.
fn clusters(of_clusters: &[(String, Error)]) -> (Exit, Option<String>) {
    let all: Vec<Explained> = of_clusters.iter().map(|(_, error)| explain(error)).collect();
    let Some(first) = all.first() else { return (Exit::Unreachable, None) };
    let is_alike = all.iter().all(|other| other.exit == first.exit);
    (if is_alike { first.exit } else { Exit::Unreachable }, first.hint.clone())
}

/// What is wrong in files that people wrote is wrong usage; what is wrong with getting in is no access.
fn connect_exit(error: &ConnectError) -> Exit {
    match error {
        ConnectError::KubeconfigUnreadable { .. }
        | ConnectError::KubeconfigBroken { .. }
        | ConnectError::NoContexts
        | ConnectError::UnknownName { .. }
        | ConnectError::Conflict { .. }
        | ConnectError::Incomplete { .. }
        | ConnectError::ServerInvalid { .. }
        | ConnectError::HeaderInvalid { .. }
        | ConnectError::ProxyInvalid { .. } => Exit::Usage,
        _ => Exit::Unreachable,
    }
}

fn fault_hint(fault: &RequestFault) -> &'static str {
    match fault {
        RequestFault::CertificateUntrusted { .. } => {
            "is this the right cluster? compare certificate-authority in the kubeconfig: kubectl config view --minify"
        }
        RequestFault::Unauthenticated => "log in again, or see who you are: kubectl auth whoami",
        RequestFault::Forbidden { message } if message.contains("at the cluster scope") => {
            "look at one namespace with -n NAMESPACE, or ask for the view role; what you may: kubectl auth can-i --list"
        }
        RequestFault::Forbidden { .. } => "ask for the view role, or see what you may: kubectl auth can-i --list",
        RequestFault::WrongContentType { .. } => {
            "something between here and the API server answers, a proxy or a login page: kubectl cluster-info"
        }
        _ => "see whether the address is right and the network lets you through: kubectl cluster-info",
    }
}

fn archive(error: &ArchiveError) -> (Exit, Option<String>) {
    match error {
        ArchiveError::Integrity { .. } => {
            (Exit::Integrity, Some("copy the archive again from where it was made; nothing of it was used".to_owned()))
        }
        ArchiveError::FullDisk { .. } => {
            (Exit::Internal, Some("make room, or save elsewhere with --save PATH".to_owned()))
        }
        ArchiveError::Exists { .. } => {
            (Exit::Usage, Some("archives are never overwritten: choose another name".to_owned()))
        }
        ArchiveError::NotFound { path } | ArchiveError::Unreadable { path, .. } => {
            let hint = format!(
                "check the path: ls -l {}; --from takes an archive, a support bundle, a file or directory of objects, or demo",
                path.display()
            );
            (Exit::Usage, Some(hint))
        }
        ArchiveError::Format { .. } => {
            (Exit::Usage, Some("open it with the version that wrote it, or a later one".to_owned()))
        }
        ArchiveError::Unwritable { .. } => (Exit::Internal, Some("save elsewhere with --save PATH".to_owned())),
    }
}

fn local_hint(error: &std::io::Error) -> Option<String> {
    (error.kind() == ErrorKind::StorageFull).then(|| "make room on the disk".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(message: &str) -> Error {
        Error::Usage { message: message.to_owned(), hint: format!("correct {message}") }
    }

    fn of_clusters(errors: Vec<Error>) -> Explained {
        let names = ["a", "b"].map(str::to_owned);
        explain(&Error::Clusters { of_clusters: names.into_iter().zip(errors).collect() })
    }

    #[test]
    fn what_is_wrong_with_all_clusters_alike_is_said_so_and_else_there_is_no_way_in() {
        let alike = of_clusters(vec![usage("one"), usage("other")]);
        assert_eq!((alike.exit, alike.hint.as_deref()), (Exit::Usage, Some("correct one")));
        assert_eq!(alike.message, "none of 2 clusters could be looked at");
        assert_eq!(alike.details, ["a: one", "b: other"]);
        assert_eq!(of_clusters(vec![usage("one"), Error::Interrupted]).exit, Exit::Unreachable);
    }
}
