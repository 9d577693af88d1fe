//! Ctrl-C while files are read, which holds the thread of the run.

use super::sandbox::{Ran, Sandbox};
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn an_interrupt_while_objects_are_read_is_130_and_no_report() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["daily-check", "--from", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // A pipe holds less than this: once it is written, somebody reads, and waits for more.
    let mut objects = child.stdin.take().expect("a pipe");
    objects.write_all(&vec![b' '; 1 << 20]).expect("it reads");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let output = child.wait_with_output().expect("it ends");
    drop(objects);
    Ran::of(output).fails(130, &["interrupted"]);
}
