//! Tokens, passwords, certificates and impersonation, as the server sees them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::ConnectError;
use super::sandbox::{Sandbox, get};
use super::server::Server;

#[tokio::test]
async fn a_token_file_is_trimmed_read_again_and_wins_over_the_inline_token() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{token: inline, tokenFile: token}");
    let file = sandbox.write(".kube/token", "  first\n\n");
    let connection = sandbox.connect(&[]).await.expect("a connection");
    get(&connection, "/version").await.expect("an answer");
    std::fs::write(&file, "second\r\n").expect("a file");
    get(&connection, "/version").await.expect("an answer");
    std::fs::remove_file(&file).expect("the file");
    get(&connection, "/version").await.expect("an answer");
    let tokens: Vec<_> =
        server.seen().iter().filter_map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second", "Bearer second"], "the last token outlives its file");
}

#[tokio::test]
async fn a_password_is_sent_as_basic_authentication() {
    let server = Server::agreeable().await;
    Sandbox::with_user(&server, "{username: jane, password: 'p:w'}").get(&[]).await.expect("an answer");
    let expected = format!("Basic {}", STANDARD.encode("jane:p:w"));
    assert_eq!(server.seen()[0].header("authorization"), Some(expected.as_str()));
}

#[tokio::test]
async fn inline_certificate_data_wins_over_files() {
    let server = Server::agreeable().await;
    let jane = server.authority.person("jane", 2090);
    let (certificate, key) = (STANDARD.encode(&jane.certificate), STANDARD.encode(&jane.key));
    let user = format!(
        "{{client-certificate: /none, client-certificate-data: {certificate}, client-key: /none, client-key-data: {key}}}"
    );
    Sandbox::with_user(&server, &user).get(&[]).await.expect("an answer");
    assert_eq!(server.seen()[0].person.as_deref(), Some("jane"));
}

#[tokio::test]
async fn the_kubeconfigs_impersonation_is_sent_and_flags_replace_it() {
    let server = Server::agreeable().await;
    let user = "{as: kim, as-uid: '7', as-groups: [dev, ops], as-user-extra: {'a/b': [x]}}";
    let sandbox = Sandbox::with_user(&server, user);
    sandbox.get(&[]).await.expect("an answer");
    sandbox.get(&["--as", "lee", "--as-group", "sre"]).await.expect("an answer");
    let seen = server.seen();
    assert!(seen[0].headers.get_all("impersonate-group").iter().eq(["dev", "ops"]));
    assert_eq!(seen[0].header("impersonate-uid"), Some("7"));
    assert!(seen[0].headers.keys().any(|name| name.as_str().starts_with("impersonate-extra-a")));
    assert_eq!(seen[1].header("impersonate-user"), Some("lee"));
    assert!(seen[1].headers.get_all("impersonate-group").iter().eq(["sre"]));
}

#[tokio::test]
async fn an_expired_client_certificate_is_noticed_before_dialling() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{client-certificate: j.crt, client-key: j.key}");
    let jane = server.authority.person("jane", 2020);
    sandbox.write(".kube/j.crt", &jane.certificate);
    sandbox.write(".kube/j.key", &jane.key);
    let error = sandbox.refused(&[]).await;
    assert!(matches!(&error, ConnectError::CertificateExpired { place, .. } if place.ends_with("j.crt")), "{error}");
    assert!(error.to_string().contains("2020-12-31"), "{error}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn unusable_files_are_told_by_name_and_never_quoted() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{client-certificate: j.crt, client-key: j.key}");
    assert!(matches!(sandbox.refused(&[]).await, ConnectError::FileUnreadable { what: "client certificate", .. }));
    sandbox.write(".kube/j.crt", "hush");
    sandbox.write(".kube/j.key", "hush");
    let error = sandbox.refused(&[]).await;
    assert!(matches!(error, ConnectError::CertificateInvalid { what: "client certificate", .. }), "{error}");
    sandbox.write(".kube/j.crt", &server.authority.person("jane", 2090).certificate);
    let error = sandbox.refused(&[]).await;
    assert!(matches!(error, ConnectError::CertificateInvalid { what: "client key", .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("hush"));
    sandbox.write("ca.crt", "");
    let error = sandbox.refused(&[]).await;
    assert!(matches!(error, ConnectError::CertificateInvalid { what: "certificate authority", .. }), "{error}");
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_refused() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{client-certificate: j.crt, client-key: j.key}");
    sandbox.write(".kube/j.crt", &server.authority.person("jane", 2090).certificate);
    sandbox.write(".kube/j.key", &server.authority.person("kim", 2090).key);
    assert!(matches!(sandbox.refused(&[]).await, ConnectError::Setup { .. }));
}

#[tokio::test]
async fn settings_that_exclude_each_other_are_refused() {
    let server = Server::agreeable().await;
    let conflict = |user: &'static str, words: &'static [&'static str]| {
        let sandbox = Sandbox::with_user(&server, user);
        async move { sandbox.refused(words).await }
    };
    let insecure = ["--insecure-skip-tls-verify", "--certificate-authority", "ca.crt"];
    let error = Sandbox::with_user(&server, "{}").refused(&insecure).await;
    assert!(matches!(error, ConnectError::Conflict { .. }), "{error}");
    let error = conflict("{username: a, password: b, token: c}", &[]).await;
    assert!(matches!(error, ConnectError::Conflict { .. }), "{error}");
    let error = conflict("{}", &["--as-group", "g"]).await;
    assert!(matches!(error, ConnectError::Incomplete { .. }), "{error}");
    let error = conflict("{auth-provider: {name: gcp}}", &[]).await;
    assert!(matches!(&error, ConnectError::AuthProviderUnsupported { name, .. } if name == "gcp"), "{error}");
    let error = conflict("{}", &["--token", "a\nb"]).await;
    assert!(matches!(error, ConnectError::HeaderInvalid { .. }), "{error}");
}
