//! From the command line to the exit code.

use crate::args::ReportFlags;
use crate::change::{Interrupt, Meaning};
use crate::completion;
use crate::error::{self, Error};
use crate::exit::Exit;
use crate::flags::{ClusterFlags, of_stored};
use crate::plugin::Plugin;
use crate::session::Session;
use crate::ui;
use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::json;
use sre_core::plan::Ended;
use sre_core::report::{Report, Verdict};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

/// Prefix of the executables that kubectl finds.
const PREFIX: &str = "kubectl-sre";

/// Runs the command that was typed and says how the process ends.
pub fn run(plugins: &'static [&'static dyn Plugin]) -> Exit {
    crate::panic::install();
    let words = words(std::env::args_os().collect());
    if words.get(1).is_some_and(|word| word == completion::COMPLETE) {
        return say(&completion::for_kubectl(family(plugins), &words[2..]));
    }
    match family(plugins).try_get_matches_from(words) {
        Ok(matches) => dispatch(plugins, &matches),
        Err(mut error) => {
            shorten(&mut error);
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    }
}

/// Hundreds of words that were possible hide the one that was meant, which is offered anyhow.
fn shorten(error: &mut clap::Error) {
    let many = matches!(error.get(ContextKind::ValidValue), Some(ContextValue::Strings(words)) if words.len() > MANY);
    if many {
        error.remove(ContextKind::ValidValue);
    }
}

/// More words than anybody reads.
const MANY: usize = 40;

/// `kubectl-sre-daily_check x` means `kubectl-sre daily-check x`: kubectl spells dashes as underscores.
fn words(mut typed: Vec<OsString>) -> Vec<OsString> {
    let stem = typed.first().and_then(|first| Path::new(first).file_stem()).and_then(|stem| stem.to_str());
    let name = stem.and_then(|stem| stem.strip_prefix(PREFIX)?.strip_prefix('-')).map(|name| name.replace('_', "-"));
    if let Some(name) = name {
        typed.insert(1, name.into());
    }
    typed
}

/// The command line of the whole family.
pub fn family(plugins: &'static [&'static dyn Plugin]) -> Command {
    let mut family = Command::new(PREFIX)
        .bin_name("kubectl sre")
        .about("Operations runbooks as commands: looks, says what is wrong and why, and never says fine when it could not look")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(explain_command(plugins))
        .subcommand(
            Command::new("version")
                .about("Print the version, and the servers that it is tested with")
                .arg(output(["text", "json", "yaml"])),
        );
    for plugin in plugins {
        family = family.subcommand(with_common_flags(plugin.command()));
    }
    family
}

/// Adds the flags that every command has; what the command says of itself stays.
fn with_common_flags(command: Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    ReportFlags::augment_args(ClusterFlags::augment_args(command)).about(about).long_about(None)
}

fn explain_command(plugins: &'static [&'static dyn Plugin]) -> Command {
    let ids = plugins.iter().flat_map(|plugin| plugin.pages());
    Command::new("explain").about("Print the page of a check, a cause class or an action").arg(output(["text"])).arg(
        clap::Arg::new("ID")
            .help("Id of a check, as it stands in [brackets] in a report, of a cause class or of an action; without it all are listed")
            .ignore_case(true)
            .hide_possible_values(true)
            .value_parser(clap::builder::PossibleValuesParser::new(ids.collect::<std::collections::BTreeSet<_>>())),
    )
}

/// `-o` of a command that knows few formats: whoever asks for another is told, and gets nothing else.
fn output<const N: usize>(formats: [&'static str; N]) -> clap::Arg {
    clap::Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FORMAT")
        .value_parser(formats)
        .default_value("text")
        .help("Output format")
}

fn dispatch(plugins: &'static [&'static dyn Plugin], matches: &ArgMatches) -> Exit {
    match matches.subcommand() {
        Some(("explain", matches)) => explain(plugins, matches),
        Some(("version", matches)) => say(&version(matches)),
        Some((name, matches)) => match plugins.iter().find(|plugin| plugin.name() == name) {
            Some(plugin) => carry_out(*plugin, matches),
            None => Exit::Internal,
        },
        None => Exit::Usage,
    }
}

fn explain(plugins: &'static [&'static dyn Plugin], matches: &ArgMatches) -> Exit {
    let Some(id) = matches.get_one::<String>("ID") else { return say(&contents(plugins)) };
    match plugins.iter().find_map(|plugin| plugin.page(id)) {
        Some(page) => say(&page),
        None => Exit::Usage,
    }
}

/// What there are pages of, with the first words of each.
fn contents(plugins: &'static [&'static dyn Plugin]) -> String {
    let pages = plugins.iter().flat_map(|plugin| plugin.pages().into_iter().map(|id| (id, plugin.page(id))));
    let pages: Vec<(&str, String)> = pages.filter_map(|(id, page)| Some((id, page?))).collect();
    let width = pages.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
    let line = |(id, page): &(&str, String)| {
        let mut lines = page.lines().map(|line| line.strip_prefix(id).unwrap_or(line).trim());
        format!("{id:width$}  {}\n", lines.find(|line| !line.is_empty()).unwrap_or_default())
    };
    pages.iter().map(line).collect()
}

/// The minor versions of the API server that the tests build; one of them compares it with what they pin.
const TESTED_WITH: [&str; 2] = ["1.34", "1.36"];

/// For people, or as a document that `docs/schema/version.schema.json` describes.
fn version(matches: &ArgMatches) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let document = json!({
        "apiVersion": "kubectl-sre/v1alpha1",
        "kind": "Version",
        "version": version,
        "testedWith": TESTED_WITH,
    });
    match matches.get_one::<String>("output").map(String::as_str) {
        Some("json") => ui::json(&document),
        Some("yaml") => ui::yaml(&document),
        _ => {
            let tested = TESTED_WITH.join(" and ");
            format!("kubectl-sre {version}\ntested with Kubernetes {tested}; other versions are not tested yet\n")
        }
    }
}

fn say(text: &str) -> Exit {
    written(ui::print_text(text))
}

/// A reader that went away has seen what it wanted.
fn written(result: std::io::Result<()>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => fail(&Error::Local { path: "standard output".into(), source: error }),
    }
}

fn fail(error: &Error) -> Exit {
    let explained = error::explain(error);
    ui::complain(&explained.message, &explained.details, explained.hint.as_deref());
    explained.exit
}

fn carry_out(plugin: &dyn Plugin, matches: &ArgMatches) -> Exit {
    let flags = ClusterFlags::from_arg_matches(matches)
        .and_then(|cluster| Ok((cluster, ReportFlags::from_arg_matches(matches)?)));
    let (cluster, report) = match flags {
        Ok(flags) => flags,
        Err(error) => error.exit(),
    };
    if let Some(error) = report.from.as_deref().and_then(|from| of_stored(&cluster, from)) {
        return fail(&error);
    }
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Error::Local { path: "runtime".into(), source: error }),
    };
    if report.from.is_some()
        && let Err(error) = end_at_interrupt()
    {
        return fail(&Error::Local { path: "the thread that waits for Ctrl-C".into(), source: error });
    }
    let exit = runtime.block_on(async {
        let mut session = Session::new(plugin.name(), cluster, report);
        let interrupt = session.interrupt();
        tokio::select! {
            biased;
            exit = interrupted(&interrupt) => exit,
            result = plugin.run(&mut session, matches) => finish(result, &session),
        }
    });
    // A question that nobody answered would be waited for.
    runtime.shutdown_background();
    exit
}

/// Waits until the person interrupts, and until the step has ended that is being done.
async fn interrupted(interrupt: &Interrupt) -> Exit {
    loop {
        // Without the signal there is nothing to wait for, and the process ends as it always does.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        match interrupt.raise() {
            Meaning::End => return fail(&Error::Interrupted),
            Meaning::EndAfterStep => ui::warn("it stops after this step; Ctrl-C again stops at once"),
            Meaning::EndNow => {
                ui::warn("stopped in the middle of a step; what became of it: kubectl sre change list");
                return fail(&Error::Interrupted);
            }
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Reading files holds the thread of the run, and leaves nothing to tidy up: another thread ends the process.
fn end_at_interrupt() -> std::io::Result<()> {
    let runtime = runtime()?;
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        runtime.block_on(async {
            let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).ok();
            let _ = ready.send(());
            if let Some(interrupt) = &mut interrupt {
                interrupt.recv().await;
                std::process::exit(i32::from(fail(&Error::Interrupted) as u8));
            }
        });
    })?;
    // Without the other thread there is nothing to wait for.
    let _ = is_ready.recv();
    Ok(())
}

/// Prints the report and turns its verdict into the exit code.
fn finish(result: Result<Report, Error>, session: &Session) -> Exit {
    let report = match result {
        Ok(report) => report,
        // A reader that went away while reports followed each other has seen what it wanted.
        Err(Error::Local { source, .. }) if source.kind() == ErrorKind::BrokenPipe => return Exit::Done,
        Err(error) => return fail(&error),
    };
    let flags = session.report_flags();
    let Some(text) = ui::compose(&report, flags.output.into(), &ui::Layout::of_process(flags.color)) else {
        let message = "this command has no report in the format that -o names".to_owned();
        return fail(&Error::Usage { message, hint: "-o text, wide, json, yaml and markdown always work".to_owned() });
    };
    match ui::print_text(&text) {
        Ok(()) => session.failure().map_or_else(|| exit_of(&report), fail),
        Err(error) => written(Err(error)),
    }
}

fn exit_of(report: &Report) -> Exit {
    match &report.change {
        None => exit_of_verdict(report.verdict),
        Some(Ended::NothingToDo | Ended::DryRun | Ended::Done) => Exit::Done,
        Some(Ended::Refused { .. } | Ended::Declined) => Exit::Refused,
        Some(Ended::Waiting { .. }) => Exit::WaitingForHuman,
        Some(Ended::Stale { .. } | Ended::Failed { .. }) => Exit::ChangeFailed,
        Some(Ended::Interrupted) => Exit::Interrupted,
    }
}

fn exit_of_verdict(verdict: Verdict) -> Exit {
    match verdict {
        Verdict { failing: true, .. } => Exit::Findings,
        Verdict { incomplete: true, .. } => Exit::Incomplete,
        Verdict { .. } => Exit::Done,
    }
}
