use super::*;

/// A server's certificate and the root that signed it.
const CHAIN: &[u8] = include_bytes!("chain.pem");

fn chain() -> [CertificateFacts; 2] {
    CertificateFacts::read_pem(CHAIN).unwrap().try_into().unwrap()
}

#[test]
fn everything_that_is_kept_is_read() {
    let [server, root] = chain();
    assert_eq!((server.subject.as_str(), server.issuer.as_str()), ("CN=shop.example", "O=Example, CN=shop root"));
    assert_eq!(server.serial, "0a:1b:2c");
    assert_eq!(server.not_before.to_string(), "2026-11-25T14:51:27Z");
    assert_eq!(server.not_after.to_string(), "2027-11-25T14:51:27Z");
    assert_eq!(server.dns_names, ["shop.example", "*.shop.example"]);
    assert_eq!(server.ip_addresses, ["10.0.0.1".parse::<IpAddr>().unwrap(), "fd00::1".parse::<IpAddr>().unwrap()]);
    assert_eq!(server.public_key_digest, "a38f483fe952249a2d3118e0ba8163cf94a26157279bd834e3d1c419739fe392");
    assert_eq!((server.is_ca, server.self_signed, root.is_ca, root.self_signed), (false, false, true, true));
}

#[test]
fn a_chain_in_order_is_told_from_one_that_is_not() {
    let [server, root] = chain();
    assert!(server.is_issued_by(&root) && root.is_issued_by(&root));
    assert!(!root.is_issued_by(&server));
}

#[test]
fn hosts_are_covered_as_browsers_see_it() {
    let [server, root] = chain();
    for host in ["shop.example", "SHOP.example.", "api.shop.example", "10.0.0.1", "fd00::1"] {
        assert!(server.covers(host), "{host}");
    }
    for host in ["example", "a.b.shop.example", ".shop.example", "10.0.0.2", "shop.example.org"] {
        assert!(!server.covers(host), "{host}");
    }
    assert!(!root.covers("shop root"));
}

#[test]
fn what_cannot_be_read_says_why() {
    let problem = |text: &[u8]| CertificateFacts::read_pem(text).unwrap_err();
    assert_eq!(problem(b""), CertificateProblem::NoCertificate);
    assert_eq!(problem(b"hello"), CertificateProblem::NoCertificate);
    assert_eq!(problem(&CHAIN[..200]), CertificateProblem::BrokenPem);
    let other = b"-----BEGIN CERTIFICATE-----\nZm9vYmE=\n-----END CERTIFICATE-----\n";
    assert_eq!(problem(other), CertificateProblem::BrokenCertificate);
    let key_only = b"-----BEGIN PUBLIC KEY-----\nZm9vYmE=\n-----END PUBLIC KEY-----\n";
    assert_eq!(problem(key_only), CertificateProblem::NoCertificate);
}

#[test]
fn facts_survive_an_archive() {
    let [server, _] = chain();
    let text = serde_json::to_string(&server).unwrap();
    assert!(text.contains(r#""notAfter":"2027-11-25T14:51:27Z""#), "{text}");
    assert_eq!(serde_json::from_str::<CertificateFacts>(&text).unwrap(), server);
}
