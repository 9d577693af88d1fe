//! Runs a plugin's process: its output is read, its words are passed on, its time is bounded.

use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::super::environment::Terminal;
use super::super::error::ConnectError;
use super::super::notice::{Notice, WarningSink};
use super::Plugin;

/// An error message quotes no more than this much of a plugin's stderr, from its end.
const QUOTED: usize = 2000;

/// Returns what the plugin printed on stdout.
pub(super) async fn run(plugin: &Plugin) -> Result<Vec<u8>, ConnectError> {
    let mut child = command(plugin).spawn().map_err(|source| missing(plugin, source))?;
    let mut words = String::new();
    let ended = tokio::time::timeout(plugin.limit, collect(&mut child, &plugin.notices, &mut words)).await;
    let (status, output) = match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(source)) => return Err(missing(plugin, source)),
        Err(_) => return Err(hung(plugin, &words)),
    };
    if status.success() {
        return Ok(output);
    }
    Err(ConnectError::PluginFailed {
        command: plugin.settings.command.clone(),
        status: status.to_string(),
        stderr: tail(&words),
    })
}

fn command(plugin: &Plugin) -> Command {
    let settings = &plugin.settings;
    let mut command = Command::new(&settings.command);
    command
        .args(settings.args.iter().flatten())
        .env_clear()
        .envs(&plugin.environment.variables)
        .envs(settings.env.iter().flatten().map(|variable| (&variable.name, &variable.value)))
        .env("KUBERNETES_EXEC_INFO", &plugin.request)
        .stdin(stdin(plugin.environment.terminal))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A pipe on our stdin belongs to the command that the user typed, never to a plugin.
fn stdin(terminal: Terminal) -> Stdio {
    match terminal {
        Terminal::Interactive => Stdio::inherit(),
        Terminal::Absent => Stdio::null(),
    }
}

async fn collect(
    child: &mut Child,
    notices: &WarningSink,
    words: &mut String,
) -> std::io::Result<(std::process::ExitStatus, Vec<u8>)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut output = Vec::new();
    let reading = async {
        match stdout {
            Some(mut stdout) => stdout.read_to_end(&mut output).await,
            None => Ok(0),
        }
    };
    let (read, told) = futures::future::join(reading, relay(stderr, notices, words)).await;
    read.and(told)?;
    Ok((child.wait().await?, output))
}

/// Passes stderr on as it comes, because it may tell the user where to log in.
async fn relay(
    stderr: Option<impl AsyncRead + Unpin>,
    notices: &WarningSink,
    words: &mut String,
) -> std::io::Result<usize> {
    let Some(mut stderr) = stderr else { return Ok(0) };
    let mut chunk = [0; 1024];
    loop {
        let length = stderr.read(&mut chunk).await?;
        if length == 0 {
            return Ok(0);
        }
        let text = String::from_utf8_lossy(&chunk[..length]);
        words.push_str(&text);
        notices(Notice::PluginOutput(text.into_owned()));
    }
}

fn missing(plugin: &Plugin, source: std::io::Error) -> ConnectError {
    let settings = &plugin.settings;
    ConnectError::PluginMissing {
        command: settings.command.clone(),
        install_hint: settings.install_hint.clone(),
        source,
    }
}

fn hung(plugin: &Plugin, words: &str) -> ConnectError {
    ConnectError::PluginHung { command: plugin.settings.command.clone(), limit: plugin.limit, stderr: tail(words) }
}

fn tail(words: &str) -> String {
    let words = words.trim();
    let start = words.char_indices().rev().nth(QUOTED).map_or(0, |(at, _)| at);
    words[start..].to_owned()
}
