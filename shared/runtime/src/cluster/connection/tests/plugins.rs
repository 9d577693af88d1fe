//! Credential plugins: run once, bounded, heard, and asked again when it helps.

use std::time::Duration;

use super::super::{ConnectError, Notice, RequestFault};
use super::sandbox::{Sandbox, get};
use super::server::{Answer, Server};

/// A plugin that counts its runs, reads its stdin, and prints a token with the number of the run.
const COUNTING: &str = r#"#!/bin/sh
dir=$(dirname "$0")
cat >> "$dir/stdin"
echo run >> "$dir/runs"
n=$(wc -l < "$dir/runs" | tr -d ' ')
printf '%s' "$KUBERNETES_EXEC_INFO" > "$dir/info"
echo "please log in" >&2
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s"%s}}' "$n" "$EXTRA"
"#;

const USER: &str =
    "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: IfAvailable}}";

fn sandbox(server: &Server, user: &str, script: &str) -> Sandbox {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with_user(server, user);
    let plugin = sandbox.write(".kube/plugin", script);
    std::fs::set_permissions(&plugin, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    sandbox
}

fn runs(sandbox: &Sandbox) -> usize {
    std::fs::read_to_string(sandbox.path(".kube/runs")).map_or(0, |runs| runs.lines().count())
}

#[tokio::test]
async fn a_plugin_runs_once_for_many_requests_and_never_eats_our_input() {
    let server = Server::agreeable().await;
    let sandbox = sandbox(&server, USER, COUNTING);
    let connection = sandbox.connect(&[]).await.expect("a connection");
    let answers = futures::future::join_all((0..20).map(|_| get(&connection, "/version"))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer t1")));
    assert_eq!(runs(&sandbox), 1);
    assert_eq!(std::fs::read_to_string(sandbox.path(".kube/stdin")).expect("a file"), "");
    assert_eq!(sandbox.told(), [Notice::PluginOutput("please log in\n".into())]);
}

/// Runs the test above in a process whose input holds something to eat.
#[test]
fn a_plugin_never_eats_what_is_piped_to_us() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let name = concat!(module_path!(), "::a_plugin_runs_once_for_many_requests_and_never_eats_our_input");
    let name = name.split_once("::").map_or(name, |(_crate, path)| path);
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    child.stdin.take().expect("a pipe").write_all(b"precious\n").expect("room in the pipe");
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn an_expired_credential_is_renewed_once_for_all() {
    let server = Server::agreeable().await;
    let mut sandbox = sandbox(&server, USER, COUNTING);
    sandbox.set("EXTRA", r#","expirationTimestamp":"2020-01-01T00:00:00Z""#);
    let connection = sandbox.connect(&[]).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer t2"));
}

#[tokio::test]
async fn a_credential_that_is_still_good_is_kept() {
    let server = Server::agreeable().await;
    let mut sandbox = sandbox(&server, USER, COUNTING);
    sandbox.set("EXTRA", r#","expirationTimestamp":"2090-01-01T00:00:00Z""#);
    let connection = sandbox.connect(&[]).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    assert_eq!(runs(&sandbox), 1);
}

#[tokio::test]
async fn a_refused_credential_is_renewed_once_and_the_request_repeated() {
    let server = Server::start(&["127.0.0.1"], |_, seen| {
        let status = if seen.header("authorization") == Some("Bearer t1") { 401 } else { 200 };
        Answer { status, ..Answer::default() }
    });
    let server = server.await;
    let sandbox = sandbox(&server, USER, COUNTING);
    let connection = sandbox.connect(&[]).await.expect("a connection");
    let answers = futures::future::join_all((0..10).map(|_| get(&connection, "/version"))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status() == 200)));
    assert_eq!(runs(&sandbox), 2, "ten refusals of one credential are one reason to renew it");
}

#[tokio::test]
async fn a_refusal_that_stays_is_passed_on_after_one_repetition() {
    let server = Server::start(&["127.0.0.1"], |_, _| Answer { status: 401, ..Answer::default() }).await;
    let sandbox = sandbox(&server, USER, COUNTING);
    assert_eq!(sandbox.get(&[]).await.expect("an answer").status(), 401);
    assert_eq!((runs(&sandbox), server.seen().len()), (2, 2));
}

#[tokio::test]
async fn a_certificate_from_a_plugin_is_used() {
    let server = Server::agreeable().await;
    let jane = server.authority.person("jane", 2090);
    let quoted = |pem: &str| serde_json::to_string(pem).expect("JSON");
    let mut sandbox = sandbox(&server, USER, COUNTING);
    let extra =
        format!(r#","clientCertificateData":{},"clientKeyData":{}"#, quoted(&jane.certificate), quoted(&jane.key));
    sandbox.set("EXTRA", extra);
    sandbox.get(&[]).await.expect("an answer");
    assert_eq!(server.seen()[0].person.as_deref(), Some("jane"));
    assert_eq!(runs(&sandbox), 1);
}

#[tokio::test]
async fn a_renewed_certificate_replaces_the_old_one() {
    let server = Server::agreeable().await;
    let script = "#!/bin/sh\ndir=$(dirname \"$0\")\necho run >> \"$dir/runs\"\ncat \"$dir/answer$(wc -l < \"$dir/runs\" | tr -d ' ')\"\n";
    let sandbox = sandbox(&server, USER, script);
    for (run, name, expires) in [(1, "old", "2020-01-01T00:00:00Z"), (2, "new", "2090-01-01T00:00:00Z")] {
        let person = server.authority.person(name, 2090);
        let status = serde_json::json!({
            "clientCertificateData": person.certificate, "clientKeyData": person.key, "expirationTimestamp": expires,
        });
        let version = "client.authentication.k8s.io/v1";
        let answer = serde_json::json!({ "apiVersion": version, "kind": "ExecCredential", "status": status });
        sandbox.write(&format!(".kube/answer{run}"), &answer.to_string());
    }
    let connection = sandbox.connect(&[]).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    get(&connection, "/version").await.expect("an answer");
    let people: Vec<_> = server.seen().into_iter().filter_map(|seen| seen.person).collect();
    assert_eq!((people, runs(&sandbox)), (vec!["new".to_owned(), "new".to_owned()], 2));
}

#[tokio::test]
async fn a_plugin_learns_the_cluster_if_it_asks_to() {
    let server = Server::agreeable().await;
    let user = USER.replace("interactiveMode", "provideClusterInfo: true, env: [{name: X, value: y}], interactiveMode");
    let sandbox = sandbox(&server, &user, COUNTING);
    sandbox.connect(&[]).await.expect("a connection");
    let text = std::fs::read_to_string(sandbox.path(".kube/info")).expect("the plugin's input");
    let info: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(info["kind"], "ExecCredential");
    assert_eq!(info["spec"]["interactive"], false);
    assert_eq!(info["spec"]["cluster"]["server"], server.url());
    assert!(info["spec"]["cluster"]["certificate-authority-data"].is_string());
}

#[tokio::test]
async fn a_typed_token_spares_the_plugin() {
    let server = Server::agreeable().await;
    let sandbox = sandbox(&server, USER, COUNTING);
    sandbox.get(&["--token", "typed"]).await.expect("an answer");
    assert_eq!((runs(&sandbox), server.seen()[0].header("authorization")), (0, Some("Bearer typed")));
}

#[tokio::test]
async fn each_way_to_fail_is_told() {
    let server = Server::agreeable().await;
    let missing = USER
        .replace("./plugin", "no-such-plugin")
        .replace("interactiveMode", "installHint: brew install it, interactiveMode");
    let error = Sandbox::with_user(&server, &missing).refused(&[]).await;
    assert!(matches!(error, ConnectError::PluginMissing { .. }), "{error}");
    assert_eq!(error.hint(), "brew install it");

    let error = sandbox(&server, USER, "#!/bin/sh\necho session over >&2\nexit 3\n").refused(&[]).await;
    assert!(matches!(error, ConnectError::PluginFailed { .. }), "{error}");
    assert!(error.to_string().ends_with("failed with exit status: 3: session over"), "{error}");

    let slow = sandbox(&server, USER, "#!/bin/sh\necho waiting >&2\nexec sleep 20\n");
    let error = slow.refused(&["--request-timeout", "300ms"]).await;
    assert!(
        matches!(&error, ConnectError::PluginHung { limit, stderr, .. }
        if *limit == Duration::from_millis(300) && stderr == "waiting"),
        "{error}"
    );

    let asking = sandbox(&server, &USER.replace("IfAvailable", "Always"), COUNTING);
    assert!(matches!(asking.refused(&[]).await, ConnectError::PluginNeedsTerminal { .. }));
    assert_eq!(runs(&asking), 0);
}

#[tokio::test]
async fn garbage_from_a_plugin_is_never_quoted() {
    let server = Server::agreeable().await;
    let head = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential""#;
    for output in [
        String::new(),
        "hush hush".into(),
        "{\"token\":\"hush\"}".into(),
        format!("{head}}}"),
        format!("{head},\"status\":{{}}}}"),
        format!("{head},\"status\":{{\"token\":\"hush\",\"expirationTimestamp\":\"hush\"}}}}"),
        format!("{head},\"status\":{{\"token\":[\"hush\"]}}}}"),
        format!("{head},\"status\":{{\"clientCertificateData\":\"hush\"}}}}"),
        head.replace("/v1\"", "/v1beta1\"") + ",\"status\":{\"token\":\"hush\"}}",
    ] {
        let error = sandbox(&server, USER, &format!("#!/bin/sh\ncat <<'END'\n{output}\nEND\n")).refused(&[]).await;
        assert!(matches!(error, ConnectError::PluginGarbage { .. }), "{output}: {error}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn a_plugin_that_fails_in_the_middle_of_a_run_is_named() {
    let server = Server::start(&["127.0.0.1"], |_, _| Answer { status: 401, ..Answer::default() }).await;
    let sandbox = sandbox(&server, USER, &COUNTING.replace("printf '%s'", "[ \"$n\" = 1 ] || exit 9\nprintf '%s'"));
    let connection = sandbox.connect(&[]).await.expect("a connection");
    let fault = get(&connection, "/version").await.expect_err("no credential");
    assert!(matches!(&fault, RequestFault::Other { message } if message.contains("exit status: 9")), "{fault:?}");
}
