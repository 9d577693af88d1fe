//! The read path on a real API server: both encodings, archives, and the report that comes of them.

use super::rig::{Rig, eventually};
use crate::cli::Sandbox;
use sre_core::slim::usage::ContainerMetrics;
use sre_core::slim::{KINDS, Kind, KindOrigin, ResourceAmount};
use sre_core::snapshot::{NamespaceScope, Reads, Shelves, Snapshot};
use sre_runtime::cluster::connection::{Identity, connect, stderr_sink};
use sre_runtime::cluster::live::Reading;
use sre_runtime::cluster::stream::Encoding;
use sre_runtime::flags::ClusterFlags;
use sre_runtime::ui::Bars;
use std::collections::BTreeSet;
use std::time::Duration;

async fn read(rig: &Rig, encoding: Encoding, namespace: &str) -> Snapshot {
    let flags = ClusterFlags { kubeconfig: Some(rig.kubeconfig("admin").into()), ..ClusterFlags::default() };
    let identity = Identity { version: "0".into(), command: "test".into(), run_id: "encodings".into() };
    let connection = connect(&flags, &identity, stderr_sink()).await.expect("a connection");
    let reading = Reading {
        connection: &connection,
        deadline: Duration::from_secs(60),
        archive: None,
        encoding,
        bars: Bars::default(),
    };
    let reads = Reads::everything(NamespaceScope::One(namespace.to_owned()));
    reading.observe(&reads).await.expect("a snapshot").snapshot
}

#[test]
fn both_encodings_of_every_kind_give_equal_objects() {
    let rig = Rig::shared();
    let namespace = rig.namespace("encodings");
    let objects = include_str!("../cluster/every-field.yaml").replace("NS", &namespace.name);
    rig.apply(&namespace.name, &objects);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Measurements may come between the two reads, and controllers may write: a kind was equal once, not all at once.
    let mut unequal: BTreeSet<Kind> = KINDS.iter().map(|row| row.kind).collect();
    let last = eventually(120, || {
        let mut protobuf = runtime.block_on(read(&rig, Encoding::Protobuf, &namespace.name));
        let mut json = runtime.block_on(read(&rig, Encoding::Json, &namespace.name));
        let is_measured_alike = measured(&mut protobuf) == measured(&mut json);
        let is_measured = |kind: Kind| kind.info().origin == KindOrigin::Aggregated;
        let is_alike = |kind: Kind| {
            (!is_measured(kind) || is_measured_alike) && alone(kind, &protobuf.objects) == alone(kind, &json.objects)
        };
        unequal.retain(|kind| !is_alike(*kind));
        unequal.is_empty().then_some(protobuf)
    });
    rig.delete(&namespace.name, &objects);
    let snapshot = last.unwrap_or_else(|| panic!("the two encodings never gave the same objects: {unequal:?}"));
    // What somebody installs is JSON in both.
    for row in KINDS.iter().filter(|row| row.origin == KindOrigin::BuiltIn) {
        assert!(snapshot.objects.count(row.kind) > 0, "no {} to compare; add one to every-field.yaml", row.name);
    }
}

/// The objects of one kind.
fn alone(kind: Kind, objects: &Shelves) -> Shelves {
    let mut alone = objects.clone();
    KINDS.iter().map(|row| row.kind).filter(|other| *other != kind).for_each(|other| alone.clear(other));
    alone
}

/// What was measured, by the name of what it was measured of.
type Named<T> = Vec<(String, Vec<T>)>;

/// Takes out what was measured: it is made at each request, with the time of that, whose fractions JSON does not tell.
fn measured(snapshot: &mut Snapshot) -> (Named<ResourceAmount>, Named<ContainerMetrics>) {
    let nodes = std::mem::take(&mut snapshot.objects.node_metrics);
    let pods = std::mem::take(&mut snapshot.objects.pod_metrics);
    (
        nodes.into_iter().map(|node| (node.metadata.name, node.usage)).collect(),
        pods.into_iter().map(|pod| (pod.metadata.name, pod.containers)).collect(),
    )
}

#[test]
fn an_archive_gives_the_report_that_was_made_live_byte_for_byte() {
    let rig = Rig::shared();
    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("viewer");
    let namespace = rig.namespace("full");
    rig.kubectl(&["create", "quota", "all", "--hard=count/configmaps=1", "-n", &namespace.name]);
    let full =
        || rig.run_as("viewer", &["daily-check", "--only", "quotas", "-n", &namespace.name]).stdout.contains("CFG-14");
    assert!(eventually(60, || full().then_some(())).is_some(), "no finding whose commands could be looked at");
    // The viewer may not run the command that is printed for this.
    let _changes = super::access::with_a_change(&rig);
    for (format, name) in [("text", "a.tar.zst"), ("json", "b.tar.zst"), ("wide", "folder")] {
        let live =
            sandbox.run(&["daily-check", "--kubeconfig", &config, "--save", name, "-o", format, "--baseline", "none"]);
        let again = sandbox.run(&["daily-check", "--from", name, "-o", format]);
        assert!(live.stdout.contains(&format!(" --kubeconfig {config}")), "{}{}", live.stdout, live.stderr);
        assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}", again.stderr);
        let denied = if format == "json" { "\"allowed\": false" } else { "the caller may not patch daemonsets in " };
        assert!(live.stdout.contains(denied), "{}", live.stdout);
    }
}

#[test]
fn an_archive_holds_no_value_of_a_secret() {
    let rig = Rig::shared();
    let namespace = rig.namespace("sealed");
    let literal = "--from-literal=password=correct-horse-battery";
    rig.kubectl(&["create", "secret", "generic", "db", "-n", &namespace.name, literal]);
    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("admin");
    let ran =
        sandbox.run(&["daily-check", "--kubeconfig", &config, "-n", &namespace.name, "--save", "folder", "-o", "json"]);
    assert!(!ran.stdout.is_empty(), "{}", ran.stderr);
    let entry = sandbox.path(&format!("folder/objects/v1/secrets/{}/db.json", namespace.name));
    let text = std::fs::read_to_string(entry).expect("the Secret's entry");
    assert!(text.contains("\"name\":\"password\",\"size\":21"), "{text}");
    for value in ["correct-horse", "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"] {
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn a_full_disk_is_named_and_nothing_half_stays() {
    let rig = Rig::shared();
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("disk")).expect("a folder");
    let script = format!(
        "mount -t tmpfs -o size=8k tmpfs disk && {} daily-check --kubeconfig {} --save disk/a.tar.zst; code=$?; ls -A disk; exit $code",
        env!("CARGO_BIN_EXE_kubectl-sre"),
        rig.kubeconfig("viewer")
    );
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).current_dir(sandbox.path("."));
    let ran = crate::cli::Ran::of(command.output().expect("unshare runs"));
    ran.fails(70, &["no room on the disk for disk/a.tar.zst", "next: "]);
}
