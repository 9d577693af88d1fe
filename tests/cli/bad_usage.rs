//! Wrong words on the command line, and files that people wrote wrongly: exit 2, with what to type.

use super::sandbox::{Ran, Sandbox};

#[test]
fn an_unknown_flag_command_section_or_format_offers_the_nearest() {
    let sandbox = Sandbox::new();
    sandbox.run(&["daily-check", "--form", "demo"]).fails(2, &["--form", "--from"]);
    sandbox.run(&["daly-check"]).fails(2, &["daly-check", "daily-check"]);
    sandbox.run(&["daily-check", "--only", "worklods"]).fails(2, &["worklods", "workloads"]);
    sandbox.run(&["daily-check", "-o", "jsn"]).fails(2, &["jsn", "json"]);
    sandbox.run(&["incident", "list", "--ask-database"]).fails(2, &["--ask-database is for a triage", "next: "]);
    let ran = sandbox.run(&["explain", "POD-2"]);
    assert!(!ran.stderr.contains("WRK-01"), "words that nobody meant: {}", ran.stderr);
    ran.fails(2, &["POD-2", "a similar value exists"]);
}

#[test]
fn an_unknown_context_offers_the_nearest_and_lists_the_known() {
    let sandbox = Sandbox::new();
    let config = sandbox.kubeconfig("https://127.0.0.1:1", "", "");
    let config = config.to_str().expect("a path");
    sandbox.run(&["daily-check", "--kubeconfig", config, "--context", "tset"]).fails(2, &["tset", "test"]);
}

#[test]
fn a_broken_kubeconfig_is_named_by_line_and_column() {
    let sandbox = Sandbox::new();
    let config = sandbox.write("kubeconfig", "apiVersion: v1\nkind: Config\nclusters:\n- name: [a\n");
    let ran = sandbox.run(&["daily-check", "--kubeconfig", config.to_str().expect("a path")]);
    ran.fails(2, &["kubeconfig", "line ", "column "]);
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    sandbox.run(&["daily-check", "--from", "nowhere"]).fails(2, &["there is no nowhere", "next: "]);
}

#[test]
fn a_path_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink("circle", sandbox.path("circle")).expect("a link");
    sandbox.run(&["daily-check", "--from", "circle"]).fails(2, &["cannot read circle", "next: "]);
}

#[test]
fn a_selector_that_cannot_be_read_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", super::sandbox::objects());
    sandbox.run(&["daily-check", "--from", "o.json", "-l", "a in b"]).fails(2, &["a in b", "brackets"]);
}

#[test]
fn saving_what_is_read_from_a_file_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.run(&["daily-check", "--from", "demo", "--save", "x.tar.zst"]).fails(2, &["--save", "--from"]);
}

#[test]
fn flags_of_a_cluster_are_refused_where_none_is_asked() {
    let sandbox = Sandbox::new();
    let typed = [
        "--kubeconfig=x",
        "--context=x",
        "--cluster=x",
        "--user=x",
        "--server=https://x",
        "--as=x",
        "--as-group=x",
        "--as-uid=x",
        "--token=s3cret",
        "--client-certificate=x",
        "--client-key=x",
        "--certificate-authority=x",
        "--tls-server-name=x",
        "--insecure-skip-tls-verify",
        "--request-timeout=1s",
    ];
    for flag in typed {
        let name = flag.split('=').next().unwrap_or_default();
        let ran = sandbox.run(&["daily-check", "--from", "demo", flag]);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        ran.fails(2, &[&format!("{name} chooses how a cluster is asked"), "--from demo", "leave it out"]);
    }
    let several = sandbox.run(&["daily-check", "--from", "demo", "--context", "x", "-v", "6", "--as", "y"]);
    several.fails(2, &["--context, --as choose", "leave them out"]);
}

#[test]
fn a_cluster_that_nobody_typed_stands_in_no_ones_way() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", super::sandbox::objects());
    let mut command = sandbox.command(&["daily-check", "--from", "o.json", "-A", "-n", "shop", "-l", "a!=b"]);
    let ran = super::sandbox::Ran::of(command.env("KUBECONFIG", "nowhere").output().expect("it runs"));
    assert!([0, 1].contains(&ran.code) && ran.stdout.starts_with("daily-check"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn an_archive_is_never_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("x.tar.zst", "mine");
    let config = sandbox.kubeconfig("https://127.0.0.1:1", "", "");
    let ran = sandbox.run(&["daily-check", "--kubeconfig", config.to_str().expect("a path"), "--save", "x.tar.zst"]);
    ran.fails(2, &["x.tar.zst exists already"]);
    assert_eq!(std::fs::read_to_string(sandbox.path("x.tar.zst")).expect("the file"), "mine");
}

#[test]
fn both_names_of_the_command_are_the_command() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", super::sandbox::objects());
    let link = sandbox.path("kubectl-sre-daily_check");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-sre"), &link).expect("a link");
    let mut command = std::process::Command::new(&link);
    command.args(["--from", "o.json"]).env_clear().current_dir(sandbox.path("."));
    let ran = super::sandbox::Ran::of(command.output().expect("the link runs"));
    assert!(ran.stdout.starts_with("daily-check"), "{}", ran.stderr);
    assert_eq!(ran.stdout, sandbox.run(&["daily-check", "--from", "o.json"]).stdout);
}

#[test]
fn kubectl_gets_its_completions() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["__complete", "dai"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("daily-check\t"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with(":4\n"), "{}", ran.stdout);
    let ran = sandbox.run(&["__complete", "daily-check", "--only", "work"]);
    assert!(ran.stdout.starts_with("workloads"), "{}", ran.stdout);
}

#[test]
fn every_shell_gets_a_script_for_our_own_name() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = sandbox.command(&[]).env("COMPLETE", shell).output().expect("it runs");
        let script = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && script.contains("kubectl-sre"), "{shell}: {script}");
        assert!(!script.contains("complete -o default kubectl "), "kubectl's own completion stays: {script}");
    }
}

#[test]
fn what_no_namespace_can_be_called_is_never_asked_for() {
    let sandbox = Sandbox::new();
    for name in ["Shop", "../x", "a_b", "-a"] {
        let name_flag = format!("--namespace={name}");
        sandbox.run(&["daily-check", "--from", "demo", &name_flag]).fails(2, &["no namespace can be called", name]);
    }
}

#[test]
fn a_mistyped_namespace_is_not_a_quiet_one() {
    let sandbox = Sandbox::new();
    let mistyped = sandbox.run(&["daily-check", "--from", "demo", "-n", "kubilitcs"]);
    mistyped.fails(2, &["there is no namespace \"kubilitcs\"", "did you mean kubilitics?"]);
}

#[test]
fn an_empty_answer_passes_no_check() {
    let sandbox = Sandbox::new();
    sandbox.write("one/namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    let ran = sandbox.run(&["daily-check", "--from", "one", "-n", "shop", "--show-ok"]);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Nothing was seen"), "{}", ran.stdout);
}

#[test]
fn a_kept_run_that_cannot_be_read_hides_no_other() {
    let sandbox = Sandbox::new();
    sandbox.write(".local/state/kubectl-sre/daily-check/cluster/scope/20260101T000000Z-1.json", "{");
    let ran = sandbox.run(&["daily-check", "history"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("Warning: ") && ran.stderr.contains("20260101T000000Z-1.json"), "{}", ran.stderr);
    sandbox.run(&["daily-check", "history", "-n", "shop"]).fails(2, &["--namespace has no meaning for history"]);
}

#[test]
fn without_a_place_for_earlier_runs_the_report_stands() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["daily-check", "--from", "demo", "--baseline", "last"]);
    let ran = Ran::of(command.env_remove("HOME").output().expect("the binary runs"));
    assert_eq!(ran.code, 70, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("daily-check  demo"), "{}", ran.stdout);
    assert!(ran.stderr.contains("neither XDG_STATE_HOME nor HOME") && ran.stderr.contains("--baseline none"));
}
