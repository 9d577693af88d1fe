//! A list of 300 MB, in little memory.

use super::sandbox::{Ran, Sandbox};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Command;

#[test]
fn a_list_of_300_megabytes_is_read_in_a_fraction_of_its_size() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("large.json");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    let ballast = "x".repeat(100_000);
    write!(file, r#"{{"kind":"List","apiVersion":"v1","items":["#).expect("written");
    for number in 0..3_000 {
        let comma = if number > 0 { "," } else { "" };
        write!(
            file,
            r#"{comma}{{"kind":"Namespace","apiVersion":"v1","metadata":{{"name":"n{number:04}","annotations":{{"ballast":"{ballast}"}}}}}}"#
        )
        .expect("written");
    }
    write!(file, "]}}").expect("written");
    file.into_inner().expect("flushed").sync_all().expect("synced");
    assert!(path.metadata().expect("the file").len() > 300_000_000);
    // The limit is on address space, of which the program itself takes a part.
    let limited =
        format!("ulimit -v 250000; exec {} daily-check --from large.json -o json", env!("CARGO_BIN_EXE_kubectl-sre"));
    let output = Command::new("sh").args(["-c", &limited]).current_dir(sandbox.path(".")).output().expect("it runs");
    let ran = Ran::of(output);
    assert!([0, 1].contains(&ran.code), "{}", ran.stderr);
    assert!(ran.stdout.contains("\"objects\": 3000"), "{}", ran.stdout);
}
