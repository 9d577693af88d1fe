//! Promises about what the program is built from.

/// Two cryptography providers in one program make rustls panic; HTTP and TLS have one stack each.
#[test]
fn one_tls_stack_with_one_cryptography_provider() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(path).expect("the workspace's lock file");
    for banned in ["aws-lc-rs", "aws-lc-sys", "openssl", "native-tls", "reqwest"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"")), "{banned} has come into the dependency graph");
    }
    assert!(lock.contains("name = \"ring\""));
}

/// The client writes whole answers, Secrets among them, to whatever listens to its log.
#[test]
fn nothing_listens_to_the_clients_log() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(path).expect("the workspace's lock file");
    for listener in ["tracing-subscriber", "env_logger", "simple_logger", "fern"] {
        assert!(!lock.contains(&format!("name = \"{listener}\"")), "{listener} would log the bodies of answers");
    }
}

#[test]
fn ring_is_the_processs_provider() {
    super::super::transport::install_cryptography();
    super::super::transport::install_cryptography();
    assert!(rustls::crypto::CryptoProvider::get_default().is_some());
}
