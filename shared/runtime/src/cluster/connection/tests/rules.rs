//! Which files, contexts and servers count: kubectl's rules.

use super::super::{ConnectError, NameKind};
use super::sandbox::{Sandbox, get, kubeconfig};
use super::server::Server;

#[tokio::test]
async fn a_list_of_kubeconfigs_merges_and_missing_files_are_skipped() {
    let server = Server::agreeable().await;
    let mut sandbox = Sandbox::new();
    sandbox.write("ca.crt", &server.authority.pem);
    let one = sandbox.write("one", "current-context: here\nusers: [{name: u, user: {token: from-one}}]\n");
    let two = sandbox.write("two", &kubeconfig(&server.url(), "ca.crt", "{token: from-two}"));
    let list = std::env::join_paths([one, sandbox.path("missing"), "".into(), two]).expect("a list");
    sandbox.set("KUBECONFIG", list);
    sandbox.get(&[]).await.expect("an answer");
    let seen = server.seen().pop().expect("a request");
    assert_eq!(seen.header("authorization"), Some("Bearer from-one"), "the first file to name the user wins");
}

#[tokio::test]
async fn paths_in_a_kubeconfig_are_relative_to_it() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{client-certificate: ../keys/j.crt, client-key: ../keys/j.key}");
    let jane = server.authority.person("jane", 2090);
    sandbox.write("keys/j.crt", &jane.certificate);
    sandbox.write("keys/j.key", &jane.key);
    sandbox.get(&[]).await.expect("an answer");
    assert_eq!(server.seen()[0].person.as_deref(), Some("jane"));
}

#[tokio::test]
async fn a_kubeconfig_in_utf_16_is_read() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{token: wide}");
    let text = std::fs::read_to_string(sandbox.path(".kube/config")).expect("the kubeconfig");
    let wide: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(sandbox.path(".kube/config"), wide).expect("a file");
    sandbox.get(&[]).await.expect("an answer");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer wide"));
}

#[tokio::test]
async fn a_server_is_enough_without_any_context() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::new();
    let authority = sandbox.write("ca.crt", &server.authority.pem);
    let words = ["--server", &server.url(), "--token", "t", "--certificate-authority", &authority.to_string_lossy()];
    let connection = sandbox.connect(&words).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    assert_eq!(connection.facts.context, None);
    assert_eq!(connection.facts.server, server.url());
    assert_eq!(connection.facts.default_namespace, "default");
    assert_eq!(connection.facts.certificate_authority_digest.map(|digest| digest.len()), Some(64));
}

#[tokio::test]
async fn the_facts_name_what_was_chosen() {
    let server = Server::agreeable().await;
    let facts = Sandbox::with_user(&server, "{}").connect(&[]).await.expect("a connection").facts;
    assert_eq!((facts.context.as_deref(), facts.user.as_deref()), (Some("here"), Some("u")));
    assert_eq!(facts.default_namespace, "shop");
}

#[tokio::test]
async fn a_pod_uses_its_service_account_only_where_nothing_is_configured() {
    let server = Server::agreeable().await;
    let mut sandbox = pod(&server);
    let connection = sandbox.connect(&[]).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    assert_eq!(connection.facts.default_namespace, "monitoring");
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer pod-token"));
    let file = sandbox.write("config", &kubeconfig(&server.url(), "serviceaccount/ca.crt", "{token: configured}"));
    sandbox.set("KUBECONFIG", file);
    sandbox.get(&[]).await.expect("an answer");
    assert_eq!(server.seen()[1].header("authorization"), Some("Bearer configured"));
    let broken = sandbox.write("config", "clusters: {");
    sandbox.set("KUBECONFIG", broken);
    let error = sandbox.refused(&[]).await;
    assert!(
        matches!(error, ConnectError::KubeconfigBroken { .. }),
        "a broken file is no reason to be the pod: {error}"
    );
}

#[tokio::test]
async fn debugging_variables_of_the_client_have_no_effect() {
    let server = Server::agreeable().await;
    let mut sandbox = Sandbox::with_user(&server, "{token: mine}");
    for name in ["KUBE_RS_DEBUG_IMPERSONATE_USER", "KUBE_RS_DEBUG_IMPERSONATE_GROUP", "KUBE_RS_DEBUG_OVERRIDE_URL"] {
        sandbox.set(name, "https://127.0.0.1:1");
    }
    sandbox.get(&[]).await.expect("an answer from the configured server");
    assert_eq!(server.seen()[0].header("impersonate-user"), None);
    assert_eq!(server.seen()[0].header("impersonate-group"), None);
}

#[tokio::test]
async fn unknown_names_are_told_with_the_known_ones() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{}");
    for (flag, wanted) in
        [("--context", NameKind::Context), ("--cluster", NameKind::Cluster), ("--user", NameKind::User)]
    {
        let error = sandbox.refused(&[flag, "hera"]).await;
        assert!(matches!(&error, ConnectError::UnknownName { kind, .. } if *kind == wanted), "{error}");
    }
    assert_eq!(sandbox.refused(&["--context", "hera"]).await.hint(), "did you mean --context here? (there are: here)");
}

#[tokio::test]
async fn nothing_configured_and_nothing_chosen_are_two_errors() {
    let sandbox = Sandbox::new();
    assert!(matches!(sandbox.refused(&[]).await, ConnectError::NoCluster { .. }));
    sandbox.write(".kube/config", "contexts: [{name: a, context: {cluster: c}}]\n");
    assert!(matches!(sandbox.refused(&[]).await, ConnectError::NoContext { known } if known == ["a"]));
    sandbox.write(".kube/config", "current-context: a\ncontexts: [{name: a, context: {user: }}]\n");
    assert!(matches!(sandbox.refused(&[]).await, ConnectError::NoServer { .. }));
}

#[tokio::test]
async fn a_broken_kubeconfig_is_told_with_its_place_and_without_its_content() {
    let sandbox = Sandbox::new();
    sandbox.write(".kube/config", "apiVersion: v1\nusers:\n- name: u\n  user: {token: hush, exec: hush}\n");
    let error = sandbox.refused(&[]).await;
    assert!(matches!(&error, ConnectError::KubeconfigBroken { line: 4, column: 29, .. }), "{error:?}");
    assert!(error.to_string().ends_with("is broken at line 4, column 29: expected mapping start"), "{error}");
    assert!(!error.to_string().contains("hush"), "{error}");
    sandbox.write(".kube/config", "apiVersion: v1\nusers: [\n  {name: 'hush\n");
    let error = sandbox.refused(&[]).await;
    assert!(matches!(&error, ConnectError::KubeconfigBroken { line: 3.., .. }), "{error:?}");
    assert!(!error.to_string().contains("hush"), "{error}");
}

#[tokio::test]
async fn a_named_kubeconfig_must_exist() {
    let sandbox = Sandbox::new();
    let error = sandbox.refused(&["--kubeconfig", "/nowhere/config"]).await;
    assert_eq!(error.to_string(), "cannot read the kubeconfig /nowhere/config");
}

fn pod(server: &Server) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write("serviceaccount/token", "pod-token\n");
    sandbox.write("serviceaccount/ca.crt", &server.authority.pem);
    sandbox.write("serviceaccount/namespace", "monitoring\n");
    sandbox.set("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    sandbox.set("KUBERNETES_SERVICE_PORT", server.port.to_string());
    sandbox
}
