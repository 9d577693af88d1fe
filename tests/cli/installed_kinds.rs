//! Kinds that no cluster has by itself: what nobody installed is not asked for, and is no gap.

use super::recorder::{Pods, Recorder};
use super::sandbox::Sandbox;

#[test]
fn only_what_is_served_is_asked_for() {
    let server = Recorder::plain(Pods::Empty);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let asked = server.take();
    let times = |start: &str| asked.iter().filter(|asked| asked.path().starts_with(start)).count();
    assert_eq!((times("/apis/gateway.networking.k8s.io/v1/"), times("/apis/cert-manager.io/")), (3, 0));
    let versions = ["/apis/external-secrets.io/v1beta1/", "/apis/external-secrets.io/v1/"];
    assert_eq!(versions.map(times), [3, 0], "the version that is served was not the one that was asked for");
    let line = ran.stdout.lines().find(|line| line.starts_with("not installed: ")).unwrap_or_default();
    assert!(line.contains("Certificate") && !line.contains("Gateway"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
}

#[test]
fn a_version_in_which_only_others_of_the_group_are_served_is_passed_over() {
    let server = Recorder::plain(Pods::Empty);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    let asked = server.take();
    let paths = asked.iter().map(|asked| asked.path()).filter(|path| path.ends_with("/volumesnapshots"));
    let group = "/apis/snapshot.storage.k8s.io";
    let wanted = ["v1", "v1beta1"].map(|version| format!("{group}/{version}/volumesnapshots"));
    assert_eq!(paths.collect::<Vec<_>>(), wanted);
    let line = ran.stdout.lines().find(|line| line.starts_with("not installed: ")).unwrap_or_default();
    assert!(line.contains("SealedSecret") && !line.contains("VolumeSnapshot"), "{}", ran.stdout);
}

#[test]
fn sections_without_them_ask_for_no_groups() {
    let server = Recorder::plain(Pods::Empty);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url(), "--only", "quotas"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(server.take().iter().all(|asked| asked.path() != "/apis"));
}
