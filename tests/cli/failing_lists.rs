//! An API server that refuses one kind, and is otherwise empty: the only thing to say is what could not be seen.
//!
//! What else goes wrong with a list is tried on the bodies of a real server, in `live/proxy.rs`.

use super::recorder::{Pods, Recorder};
use super::sandbox::Sandbox;

#[test]
fn a_gap_and_nothing_else_is_exit_6() {
    let server = Recorder::plain(Pods::Forbidden);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Could not look at everything\n  Pod forbidden  not for you"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Nothing found"), "{}", ran.stdout);
}
