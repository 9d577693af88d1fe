//! A server that has much to do: what it puts off is asked again, and it never gets all requests at once.

use super::recorder::{Asked, Recorder};
use super::sandbox::Sandbox;

fn times(asked: &[Asked], path: &str) -> usize {
    asked.iter().filter(|asked| asked.path() == path).count()
}

#[test]
fn the_version_and_the_health_are_asked_again_and_each_try_is_told() {
    let server = Recorder::busy(&["/version", "/readyz"], 1);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url(), "-v", "6"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("v1.36.0"), "{}", ran.stdout);
    let asked = server.take();
    assert_eq!((times(&asked, "/version"), times(&asked, "/readyz"), times(&asked, "/livez")), (2, 2, 1));
    let told =
        |status: &str| ran.stderr.lines().filter(|line| line.contains("/version") && line.contains(status)).count();
    assert_eq!((told("429"), told("200")), (1, 1), "{}", ran.stderr);
}

#[test]
fn a_version_that_is_never_told_does_not_end_the_run() {
    let server = Recorder::busy(&["/version"], usize::MAX);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(times(&server.take(), "/version"), 3);
}

#[test]
fn at_most_eight_requests_are_under_way() {
    let (server, crowd) = Recorder::crowded(8);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(crowd.most(), 8);
}
