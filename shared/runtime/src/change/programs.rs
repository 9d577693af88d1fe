//! Programs of this machine: a step's own, and what asks them how things stand.
//!
//! They get the arguments that the plan shows, one by one and without a shell, no input, and their own process group, so
//! that Ctrl-C at the terminal ends the run after the step and not the program in the middle of it.

mod printed;

use serde_json::Value;
use sre_core::helm::history_without_messages;
use sre_core::plan::{Program, Run};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest that a program may take that only looks.
const LOOKS_FOR: Duration = Duration::from_secs(60);

/// More than any of these programs says of one group or release.
const MOST_BYTES: usize = 4 << 20;

/// Variables that keep a program from asking the person back.
const UNASKED: [(&str, &str); 2] = [("AWS_CLI_AUTO_PROMPT", "off"), ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1")];

/// Variables that would lead helm elsewhere, or to records that were not looked at.
const LEADS_HELM: [&str; 12] = [
    "HELM_DRIVER",
    "HELM_NAMESPACE",
    "HELM_KUBECONTEXT",
    "HELM_KUBETOKEN",
    "HELM_KUBEASUSER",
    "HELM_KUBEASGROUPS",
    "HELM_KUBEAPISERVER",
    "HELM_KUBECAFILE",
    "HELM_KUBETLS_SERVER_NAME",
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
    "HELM_MAX_HISTORY",
    "HELM_DEBUG",
];

/// Why a program does not say how things stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramFault {
    /// It is none of the commands that are run for this.
    #[error("{0}")]
    NotAllowed(String),
    /// It is not there.
    #[error("{name} is not on the PATH")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// The system does not start it.
    #[error("{name} cannot be run: {why}")]
    Unrunnable {
        /// Its name.
        name: &'static str,
        /// What the system says.
        why: String,
    },
    /// It says that it failed.
    #[error("{typed} ended with {how}: {said}")]
    Failed {
        /// What was run.
        typed: String,
        /// Its exit code, or the signal.
        how: String,
        /// What it printed last.
        said: String,
    },
    /// What it printed is no JSON.
    #[error("{typed} printed no JSON: {why}")]
    NoJson {
        /// What was run.
        typed: String,
        /// What is wrong with it.
        why: String,
    },
    /// It took too long.
    #[error("{name} was not done after {seconds} s, and was ended")]
    Slow {
        /// Its name.
        name: &'static str,
        /// How long it had.
        seconds: u64,
    },
}

/// A program that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Its exit code; none when it was ended by a signal.
    pub(crate) code: Option<i32>,
    /// What it printed last, as it may be shown and kept.
    pub(crate) output: String,
}

/// What a program that only looks says, as JSON.
///
/// # Errors
/// Says why it tells nothing.
pub async fn looked(program: Program, arguments: &[String]) -> Result<Value, ProgramFault> {
    let typed = || program.typed(arguments);
    if !program.only_looks(arguments) {
        return Err(ProgramFault::NotAllowed(format!("{} is not known to only look", typed())));
    }
    let raw = raw(program.name(), arguments, LOOKS_FOR).await?;
    if raw.code != Some(0) {
        return Err(ProgramFault::Failed { typed: typed(), how: ended(raw.code), said: printed::tail(&raw.stderr) });
    }
    let answer = serde_json::from_slice(&raw.stdout)
        .map_err(|error| ProgramFault::NoJson { typed: typed(), why: error.to_string() })?;
    Ok(if program == Program::Helm { history_without_messages(answer) } else { answer })
}

/// Starts the program of a step.
///
/// # Errors
/// Says why it does not run.
pub(crate) fn start(run: &Run) -> Result<Running, ProgramFault> {
    match run.forbidden() {
        Some(why) => Err(ProgramFault::NotAllowed(why)),
        None => Running::start(run.program.name(), &run.arguments),
    }
}

/// Whether a process of the caller still runs.
pub(crate) fn still_runs(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|it| rustix::process::test_kill_process(it).is_ok())
}

/// How a program ended, in words.
pub(crate) fn ended(code: Option<i32>) -> String {
    code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"))
}

struct Raw {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

async fn raw(name: &'static str, arguments: &[String], limit: Duration) -> Result<Raw, ProgramFault> {
    Running::start(name, arguments)?.raw(limit).await
}

/// A program that runs.
pub(crate) struct Running {
    name: &'static str,
    child: tokio::process::Child,
}

impl Running {
    fn start(name: &'static str, arguments: &[String]) -> Result<Self, ProgramFault> {
        let mut command = std::process::Command::new(name);
        command.args(arguments).envs(UNASKED).process_group(0);
        if name == Program::Helm.name() {
            for variable in LEADS_HELM {
                command.env_remove(variable);
            }
            command.env("HELM_DRIVER", "secret");
        }
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().map_err(|error| fault(name, &error))?;
        Ok(Self { name, child })
    }

    /// Its process.
    pub(crate) fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end; one that is not done in time is ended.
    ///
    /// # Errors
    /// Says that it took too long, or cannot be waited for.
    pub(crate) async fn ended(self, limit: Duration) -> Result<Ran, ProgramFault> {
        let raw = self.raw(limit).await?;
        Ok(Ran { code: raw.code, output: printed::both(&raw.stdout, &raw.stderr) })
    }

    async fn raw(self, limit: Duration) -> Result<Raw, ProgramFault> {
        let Self { name, mut child } = self;
        let group = child.id();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let whole = async {
            let (stdout, stderr) = futures::future::join(all_of(stdout), all_of(stderr)).await;
            Ok(Raw { code: child.wait().await?.code(), stdout: stdout?, stderr: stderr? })
        };
        match tokio::time::timeout(limit, whole).await {
            Ok(ended) => ended.map_err(|error| fault(name, &error)),
            Err(_) => {
                end(group);
                Err(ProgramFault::Slow { name, seconds: limit.as_secs() })
            }
        }
    }
}

fn fault(name: &'static str, error: &std::io::Error) -> ProgramFault {
    match error.kind() {
        std::io::ErrorKind::NotFound => ProgramFault::Missing { name },
        _ => ProgramFault::Unrunnable { name, why: error.to_string() },
    }
}

/// All that comes, of which the last is kept where it is too much.
async fn all_of(from: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let (mut all, mut chunk) = (Vec::new(), [0; 8192]);
    let Some(mut from) = from else { return Ok(all) };
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return Ok(all);
        }
        all.extend_from_slice(&chunk[..length]);
        if all.len() > 2 * MOST_BYTES {
            all.drain(..all.len() - MOST_BYTES);
        }
    }
}

/// Ends a program and what it started.
fn end(group: Option<u32>) {
    let group = group.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended just now.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> [String; 2] {
        ["-c".to_owned(), script.to_owned()]
    }

    #[tokio::test]
    async fn a_program_gets_no_input_and_what_it_prints_is_read() {
        let ran = raw("sh", &words("read line; printf out; printf err >&2; exit 3"), LOOKS_FOR).await.expect("it ran");
        assert_eq!((ran.code, ran.stdout, ran.stderr), (Some(3), b"out".to_vec(), b"err".to_vec()));
    }

    #[tokio::test]
    async fn what_takes_too_long_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("mark");
        let script = format!("(trap 'echo ended > {}; exit' TERM; sleep 30 & wait) & wait", mark.display());
        let fault = raw("sh", &words(&script), Duration::from_millis(300)).await.err();
        assert_eq!(fault, Some(ProgramFault::Slow { name: "sh", seconds: 0 }));
        for _ in 0..100 {
            if mark.exists() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("what it started goes on");
    }

    #[tokio::test]
    async fn what_is_not_there_and_what_must_not_be_run_are_told_apart() {
        let fault = raw("no-such-program", &[], LOOKS_FOR).await.err();
        assert_eq!(fault, Some(ProgramFault::Missing { name: "no-such-program" }));
        let arguments = ["delete", "nodegroup"].map(str::to_owned);
        let fault = looked(Program::Eksctl, &arguments).await.expect_err("it does not only look");
        assert_eq!(fault.to_string(), "eksctl delete nodegroup is not known to only look");
        let text = "a".repeat(3 * MOST_BYTES) + "end";
        let kept = all_of(Some(text.as_bytes())).await.expect("it reads");
        assert!(kept.ends_with(b"end") && kept.len() <= 2 * MOST_BYTES);
    }
}
