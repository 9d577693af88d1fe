//! The database that was named: which pod runs its server, and how it is asked.

use super::{look, target};
use serde_json::Value;
use sre_core::container_command::{ContainerCommand, ReadOnlyCommand};
use sre_core::postgres::Server;
use sre_runtime::change::{Acting, default_container};
use sre_runtime::error::Error;
use sre_runtime::exec::Limits;

/// What may run a server.
const KINDS: [&str; 3] = ["StatefulSet", "Deployment", "Pod"];

/// Which server, and as whom it is spoken to.
#[derive(clap::Args, Debug)]
pub(crate) struct Database {
    /// StatefulSet or Deployment that runs the server (its primary is taken), or the pod
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// The container of the server, where its pod has several
    #[arg(short, long, value_name = "CONTAINER")]
    container: Option<String>,
    /// The role to log in as, inside the container
    #[arg(long, value_name = "ROLE", default_value = "postgres")]
    db_user: String,
    /// The database to log in to
    #[arg(long, value_name = "NAME", default_value = "postgres")]
    database: String,
}

/// A pod that runs a server.
pub(crate) struct Found {
    pub(crate) pod: Value,
    pub(crate) server: Server,
}

impl Found {
    /// How plans call it.
    pub(crate) fn title(&self) -> String {
        format!("Pod {}/{}", self.server.namespace, self.server.pod)
    }
}

/// Finds the pod of a server: of several the one that is not a standby.
///
/// # Errors
/// Says what is not there, what may not be asked, or between which pods a person has to choose.
pub(crate) async fn found(acting: &Acting, wanted: &Database) -> Result<Found, Error> {
    let named = target::named(&wanted.target, &KINDS)?;
    let object = look::object(acting, &named).await?;
    if named.resource.kind == "Pod" {
        return Ok(of_pod(acting, wanted, object));
    }
    let pods = acting.pods_of(acting.namespace(), &object).await?;
    let running = pods.into_iter().filter(|pod| pod.pointer("/status/phase").is_some_and(|it| it == "Running"));
    let mut all: Vec<Found> = running.map(|pod| of_pod(acting, wanted, pod)).collect();
    if all.len() > 1 {
        let mut primaries = Vec::new();
        for one in all {
            if ask(acting, &one.server.look("select pg_is_in_recovery()")).await?.trim() == "f" {
                primaries.push(one);
            }
        }
        all = primaries;
    }
    match all.pop() {
        Some(one) if all.is_empty() => Ok(one),
        last => {
            let names: Vec<&str> = all.iter().chain(&last).map(|one| one.server.pod.as_str()).collect();
            let title = named.title(acting.namespace());
            let why = match names.is_empty() {
                true => format!("no pod of {title} runs a primary"),
                false => format!("several pods of {title} run a server that is no standby: {}", names.join(", ")),
            };
            Err(Error::Refused { why, hint: "name the pod: pod/NAME".to_owned() })
        }
    }
}

fn of_pod(acting: &Acting, wanted: &Database, pod: Value) -> Found {
    let text = |path: &str| pod.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let server = Server {
        namespace: text("/metadata/namespace").unwrap_or_else(|| acting.namespace().to_owned()),
        pod: text("/metadata/name").unwrap_or_default(),
        container: wanted.container.clone().or_else(|| default_container(&pod).map(str::to_owned)),
        user: wanted.db_user.clone(),
        database: wanted.database.clone(),
    };
    Found { pod, server }
}

/// What a command says that only looks.
///
/// # Errors
/// Says why it said nothing, in words for whoever has to do something about it.
pub(crate) async fn ask(acting: &Acting, command: &ContainerCommand) -> Result<String, Error> {
    let question = ReadOnlyCommand::declared(command.clone());
    let place = command.pod();
    let refused = |why: String, hint: &str| Error::Refused { why, hint: hint.to_owned() };
    let said = acting.objects().ask_container(&question, Limits::default()).await;
    let said = said.map_err(|fault| {
        acting.not_asked(&fault, &command.namespace, &place, "name the container of the server: -c NAME")
    })?;
    match said.failure() {
        None if said.is_cut => {
            Err(refused(format!("the answer of {place} is longer than is read"), "look there with kubectl exec"))
        }
        None => Ok(said.stdout),
        Some(why) => Err(refused(
            format!("{} in {place} failed: {why}", command.program()),
            "name another role or database: --db-user ROLE, --database NAME",
        )),
    }
}
