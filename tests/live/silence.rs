//! Alerts are kept quiet by a real Alertmanager, by its address and through the API server.

use super::monitoring::Monitoring;
use super::rig::{Rig, eventually};
use crate::cli::{Ran, Sandbox};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

struct Person<'a> {
    sandbox: Sandbox,
    monitoring: Monitoring<'a>,
}

impl Person<'_> {
    fn run(&self, words: &[&str]) -> Ran {
        self.sandbox.run(&[&["incident"], words, &["--profile", "./profile.yaml"]].concat())
    }

    fn document(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["-o", "json"]].concat());
        assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    }

    fn profile(&self, port: &str) {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nalertmanager: {{url: 'http://127.0.0.1:{port}'}}\n"
        );
        self.sandbox.write("profile.yaml", text);
    }

    fn hidden(&self, alert: &str) -> Value {
        self.document(&["silence", alert, "--reason", "a", "--dry-run"])["hides"].clone()
    }
}

/// Passes one connection after the other on, and keeps what is answered to a POST to itself.
fn forgetful(port: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (own, behind) = (listener.local_addr().expect("an address").port(), format!("127.0.0.1:{port}"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let behind = TcpStream::connect(&behind).expect("an Alertmanager");
            std::thread::spawn(move || passed_on(stream.expect("a connection"), behind));
        }
    });
    own
}

fn passed_on(mut near: TcpStream, mut far: TcpStream) {
    let mut piece = [0; 16 << 10];
    while let Ok(read @ 1..) = near.read(&mut piece) {
        let is_post = piece[..read].starts_with(b"POST");
        far.write_all(&piece[..read]).expect("passed on");
        let Ok(answer @ 1..) = far.read(&mut piece) else { return };
        if is_post {
            return;
        }
        near.write_all(&piece[..answer]).expect("passed back");
    }
}

#[test]
fn a_real_alertmanager_keeps_quiet_what_was_shown_until_the_incident_ends() {
    let rig = Rig::shared();
    let monitoring = Monitoring::start(&rig, "127.0.0.1");
    let port = monitoring.port("alertmanager");
    let person = Person { sandbox: Sandbox::new(), monitoring };
    person.profile(&person.monitoring.port("alertmanager"));
    person.document(&["declare", "--sev", "1", "--title", "checkout is down"]);
    let both =
        json!(["CheckoutIsDown{namespace=shop,pod=checkout-1}", "CheckoutIsDown{namespace=shop,pod=checkout-2}"]);
    let fires = eventually(60, || (person.hidden("CheckoutIsDown") == both).then_some(()));
    assert!(fires.is_some(), "{}", person.hidden("CheckoutIsDown"));
    assert_eq!(person.hidden("CheckoutIsDown{pod=~\".*-1\"}"), json!([both[0]]));
    assert_eq!(person.hidden("CheckoutIsDown{pod!~checkout-.}"), json!([]));

    // What is made and not told is looked for, and is there once.
    let forgetful = forgetful(&port).to_string();
    person.profile(&forgetful);
    let asked = ["silence", "CheckoutIsDown{pod=checkout-1}", "--for", "10m", "--reason", "a \"b\" \\ c", "--yes"];
    let made = person.document(&asked);
    assert_eq!(made["deliveries"][0]["state"], "sent", "{made:#}");
    let listed = person.document(&["silence", "list"]);
    assert_eq!(listed["silences"].as_array().map(Vec::len), Some(1), "{listed:#}");
    let comment = listed["silences"][0]["comment"].as_str().expect("a comment");
    assert!(comment.starts_with(made["id"].as_str().expect("an id")) && comment.contains("a \"b\" \\ c"), "{comment}");
    let quiet = eventually(60, || (person.hidden("CheckoutIsDown") == json!([both[1]])).then_some(()));
    assert!(quiet.is_some(), "{}", person.hidden("CheckoutIsDown"));

    person.profile(&port);
    let over = person.document(&["resolve", "--yes"]);
    assert_eq!(over["deliveries"][1]["item"], "expire", "{over:#}");
    let heard = eventually(60, || {
        let id = over["id"].as_str().expect("an id");
        let listed = person.document(&["silence", "list", id]);
        (listed["silences"] == json!([])).then_some(())
    });
    assert!(heard.is_some());
}
