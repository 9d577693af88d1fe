//! What is no target or no client is said before anything is asked.

use super::sandbox::Sandbox;

fn wrong(words: &[&str], said: &[&str]) {
    let ran = Sandbox::new().run(&[&["incident", "probe"], words].concat());
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    ran.fails(2, said);
}

#[test]
fn what_is_no_target_or_no_client_says_what_to_type() {
    let client = ["--client", "deployment/api"];
    let ask = |protocol, target| [&[protocol, target], &client[..]].concat();
    wrong(&["tcp", "db:5432"], &["--client TYPE/NAME", "next: "]);
    wrong(&["tcp", "db:5432", "--from", "deployment/api"], &["--from deployment/api", "--client TYPE/NAME"]);
    wrong(&["tcp", "db:5432", "--client", "service/api"], &["\"service\" runs no pods"]);
    wrong(&["tcp", "db:5432", "--client", "deployment/a$(id)"], &["is no name of a Deployment"]);
    wrong(&ask("tcp", "db"), &["\"db\" is no target; HOST:PORT is wanted"]);
    wrong(&ask("dns", "a;id"), &["\"a;id\" is no name of a host"]);
    wrong(&ask("http", "file:///etc/passwd"), &["is no address"]);
    wrong(&ask("http", "http://bob:hunter2@web/"), &["the address holds a login"]);
    wrong(&ask("http", "http://web/?api_key=hunter2"), &["the value of api_key would be seen"]);
    wrong(&ask("udp", "db:53"), &["udp", "dns, http, tcp, postgres, redis"]);
}
