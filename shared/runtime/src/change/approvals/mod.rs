//! Approvals of a second person: made with `ssh-keygen`, found good against the signers of the policy, and used once.

mod in_cluster;

use super::acting::Acting;
use super::objects::Objects;
use super::rules::Rules;
use crate::cluster::connection::RequestFault;
use crate::error::Error;
use crate::state::State;
use in_cluster::Kept;
use jiff::Timestamp;
use sre_core::plan::{Address, Approval, Plan, sha256};
use sre_core::policy::SecondPerson;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What keeps signatures for this program from being used for another, and the other way round.
const NAMESPACE: &str = "kubectl-sre";

/// Signs a plan with a key, or with the agent that holds it, and writes the approval to a new file.
///
/// # Errors
/// Says that there is no `ssh-keygen`, that the key cannot be used, or that the file cannot be written.
pub fn approve(plan: &Plan, key: &Path, file: &Path) -> Result<Approval, Error> {
    let approval = signed(plan, key)?;
    let mut bytes = serde_json::to_vec_pretty(&approval).unwrap_or_default();
    bytes.push(b'\n');
    let written =
        fs::OpenOptions::new().write(true).create_new(true).open(file).and_then(|mut it| it.write_all(&bytes));
    written.map(|()| approval).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::Usage {
            message: format!("--out {}: there is such a file already", file.display()),
            hint: "choose another name".to_owned(),
        },
        _ => Error::Local { path: file.to_owned(), source },
    })
}

impl Acting {
    /// Signs a plan of this cluster, and keeps the approval there, for whoever carries the plan out; says where.
    ///
    /// # Errors
    /// As [`approve`]; that the plan is for another cluster, or that the approval cannot be kept there.
    pub async fn approve(&self, plan: &Plan, key: &Path) -> Result<(Approval, Address), Error> {
        self.is_for_this_cluster(plan)?;
        let nothing = || Error::Usage {
            message: "the plan does nothing, and needs no approval".to_owned(),
            hint: "see it: kubectl sre change apply FILE --dry-run".to_owned(),
        };
        let place = in_cluster::address(plan).ok_or_else(nothing)?.object_ref();
        let approval = signed(plan, key)?;
        match in_cluster::keep(self.objects(), plan, &approval).await {
            Ok(address) => Ok((approval, address.ok_or_else(nothing)?)),
            Err(RequestFault::Conflict { .. }) => Err(Error::Refused {
                why: format!("{place} is there already: the plan was approved before"),
                hint: format!(
                    "carry the plan out, or take that approval away first: kubectl delete configmap {} -n {}",
                    place.name,
                    place.namespace.unwrap_or_default()
                ),
            }),
            Err(fault @ RequestFault::Forbidden { .. }) => Err(Error::Refused {
                why: format!("the approval cannot be kept in the cluster: {fault}"),
                hint: "write it to a file instead: --out approval.json".to_owned(),
            }),
            Err(fault) => Err(self.no_answer(&fault)),
        }
    }
}

/// The approval of a plan, signed with a key, or with the agent that holds it.
fn signed(plan: &Plan, key: &Path) -> Result<Approval, Error> {
    let now = Timestamp::now();
    let statement = Approval::statement(plan, now);
    let made = run(Command::new("ssh-keygen").args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key), &statement)?;
    if !made.status.success() {
        return Err(Error::Usage {
            message: format!("--key {}: {}", key.display(), last_line(&made.stderr)),
            hint: "name a private SSH key, or the public one of a key that your agent holds".to_owned(),
        });
    }
    Ok(Approval::new(plan, now, String::from_utf8_lossy(&made.stdout).into_owned()))
}

/// An approval that was found good, and whose it is.
#[derive(Debug)]
pub(super) struct Approved {
    pub(super) signer: String,
    mark: PathBuf,
    kept: Option<Kept>,
}

/// An approval that somebody gave, and where it was found.
pub(super) struct Given {
    approval: Approval,
    kept: Option<Kept>,
    /// The file, or the ConfigMap.
    pub(super) place: String,
}

/// The approval of a file.
///
/// # Errors
/// Says that the file cannot be read, or holds none.
pub(super) fn in_file(file: &Path) -> Result<Given, Error> {
    Ok(Given { approval: read(file)?, kept: None, place: file.display().to_string() })
}

/// What a look for an approval in the cluster comes to.
pub(super) enum Looked {
    /// There is one.
    Found(Box<Given>),
    /// There is none.
    Nothing,
    /// Nobody knows: who asks may not look, for this reason.
    Unseen(String),
}

/// The approval that is kept in the cluster, if there is one.
///
/// # Errors
/// Says why the cluster gives no answer, or that what is kept is no approval.
pub(super) async fn in_cluster(acting: &Acting, plan: &Plan) -> Result<Looked, Error> {
    let kept = match in_cluster::kept(acting.objects(), plan).await {
        Err(fault @ RequestFault::Forbidden { .. }) => return Ok(Looked::Unseen(fault.to_string())),
        other => other.map_err(|fault| acting.no_answer(&fault))?,
    };
    let Some(kept) = kept else { return Ok(Looked::Nothing) };
    let place = kept.address.object_ref().to_string();
    let approval = parsed(kept.text.as_bytes()).map_err(|why| Error::Damaged { path: PathBuf::from(&place), why })?;
    Ok(Looked::Found(Box::new(Given { approval, kept: Some(kept), place })))
}

/// Finds an approval good for a plan, or says what is wrong with it.
///
/// # Errors
/// Says that the file of signers cannot be read, or that there is no `ssh-keygen`.
pub(super) fn examined(
    given: Given,
    plan: &Plan,
    rules: &Rules,
    second: &SecondPerson,
    requesters: &[&str],
    now: Timestamp,
) -> Result<Result<Approved, String>, Error> {
    let Given { approval, kept, .. } = given;
    let signers = rules.beside(&second.signers);
    if let Err(error) = fs::File::open(&signers) {
        return Err(Error::Usage {
            message: format!("{}: {error}", signers.display()),
            hint: format!("{} names it as the file of those who may approve (secondPerson.signers)", rules.place()),
        });
    }
    let names = match signer(&approval, plan, &signers)? {
        Ok(names) => names,
        Err(why) => return Ok(Err(why)),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Err(why) = approval.holds(plan, &names, requesters, now, second.minutes) {
        return Ok(Err(why.to_string()));
    }
    let mark = State::of_process()?.folder("approvals").join(sha256(approval.signature.as_bytes()));
    if mark.exists() {
        return Ok(Err("it was used already, and holds for one run only".to_owned()));
    }
    Ok(Ok(Approved { signer: names.join(", "), mark, kept }))
}

impl Approved {
    /// Marks it as used; of two runs only one gets it.
    ///
    /// # Errors
    /// Says that it was used meanwhile, or that the mark cannot be written.
    pub(super) async fn use_up(&self, acting: &Acting) -> Result<(), Error> {
        let used = || Error::Refused {
            why: "the approval was used already, and holds for one run only".to_owned(),
            hint: "have the second person approve the plan again".to_owned(),
        };
        if let Some(kept) = &self.kept
            && !kept.take(acting.objects()).await.map_err(|fault| acting.no_answer(&fault))?
        {
            return Err(used());
        }
        let folder = self.mark.parent().unwrap_or(Path::new("."));
        let local = |source| Error::Local { path: self.mark.clone(), source };
        fs::create_dir_all(folder).map_err(local)?;
        match fs::OpenOptions::new().write(true).create_new(true).open(&self.mark) {
            Ok(file) => file.sync_all().map_err(local),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(used()),
            Err(source) => Err(local(source)),
        }
    }
}

/// Whether an Event tells that a change was carried out already, by whoever it was.
///
/// # Errors
/// Says why the cluster gives no answer.
pub(super) async fn was_carried_out(objects: &Objects, plan: &Plan) -> Result<bool, RequestFault> {
    let selector = format!("fieldSelector=source={}", super::event::COMPONENT);
    let namespace = plan.steps.first().and_then(|step| step.object.address.namespace.as_deref()).unwrap_or("default");
    let events = objects.list(&format!("/api/v1/namespaces/{namespace}/events"), &selector).await?;
    Ok(events.iter().filter_map(super::event::told).any(|it| it.change == plan.id))
}

fn read(file: &Path) -> Result<Approval, Error> {
    let bytes = fs::read(file).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::PermissionDenied => Error::Usage {
            message: format!("--approval {}: {source}", file.display()),
            hint: "name the file that the second person wrote".to_owned(),
        },
        _ => Error::Local { path: file.to_owned(), source },
    })?;
    parsed(&bytes).map_err(|why| Error::Damaged { path: file.to_owned(), why })
}

fn parsed(bytes: &[u8]) -> Result<Approval, String> {
    let approval: Approval = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    approval.is_known().then_some(approval).ok_or_else(|| "it is no approval".to_owned())
}

/// Whose signature it is, by all names that the file of allowed signers gives them.
fn signer(approval: &Approval, plan: &Plan, signers: &Path) -> Result<Result<Vec<String>, String>, Error> {
    let mut signature = tempfile::NamedTempFile::new().map_err(temporary)?;
    signature.write_all(approval.signature.as_bytes()).map_err(temporary)?;
    let statement = Approval::statement(plan, approval.approved_at);
    let mut named = Command::new("ssh-keygen");
    named.args(["-Y", "find-principals", "-s"]).arg(signature.path()).arg("-f").arg(signers);
    let named = run(&mut named, "")?;
    let unknown = || format!("its signature is by nobody who stands in {}", signers.display());
    if !named.status.success() {
        return Ok(Err(unknown()));
    }
    let text = String::from_utf8_lossy(&named.stdout).into_owned();
    let names: Vec<String> = text.lines().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let Some(principal) = names.first() else { return Ok(Err(unknown())) };
    let mut verify = Command::new("ssh-keygen");
    verify
        .args(["-Y", "verify", "-n", NAMESPACE, "-I", principal.as_str(), "-s"])
        .arg(signature.path())
        .arg("-f")
        .arg(signers);
    let verified = run(&mut verify, &statement)?;
    if verified.status.success() {
        return Ok(Ok(names));
    }
    Ok(Err("its signature is not one over this plan".to_owned()))
}

fn temporary(source: std::io::Error) -> Error {
    Error::Local { path: std::env::temp_dir(), source }
}

/// Runs a program that reads text and gives an answer.
fn run(command: &mut Command, input: &str) -> Result<Output, Error> {
    let missing = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => Error::Usage {
            message: "ssh-keygen is not installed, and approvals are signed and verified with it".to_owned(),
            hint: "install the OpenSSH client".to_owned(),
        },
        _ => Error::Local { path: "ssh-keygen".into(), source },
    };
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().map_err(missing)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that needs no input may have ended; its exit status tells.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output().map_err(missing)
}

fn last_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim().lines().last().unwrap_or("it cannot be used").to_owned()
}
