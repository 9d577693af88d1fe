#!/usr/bin/env python3
"""Brings histories of rollouts about on a throwaway cluster and keeps what the API server then shows, as fixtures.

    KUBECONFIG=... tests/cluster/rollback.py [SCENARIO...]   all of them, or these

Wants simulated nodes (nodes.py). Writes tests/fixtures/rollback/SCENARIO.json:
{"takenAt": server time, "workload": {...}, "owned": [...], "pods": [...], "events": [...]}.
managedFields stay on workloads and on what they own: they tell when a ReplicaSet was scaled last.
"""
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
KUBECTL = pathlib.Path(os.environ.get("SRE_RIG") or CACHE / "kubectl-sre-rig") / "bin/kubectl"
NAMESPACE = "rollback"


def kubectl(*arguments, given=None):
    done = subprocess.run([str(KUBECTL), "-n", NAMESPACE, *arguments], capture_output=True, text=True, input=given)
    if done.returncode != 0:
        sys.exit(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def items(kind, *arguments):
    return json.loads(kubectl("get", kind, "-o", "json", "--show-managed-fields", *arguments))["items"]


def until(what, holds):
    deadline = time.time() + 60
    while not holds():
        if time.time() > deadline:
            sys.exit(f"not in a minute: {what}")
        time.sleep(0.3)


def template(version, mode):
    labels = {"app": "web", **({"rig.test/mode": mode} if mode else {})}
    container = {
        "name": "app", "image": f"registry.example/web:{version}",
        "env": [{"name": "VERSION", "value": str(version)}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    return {"metadata": {"labels": labels}, "spec": {"containers": [container], "terminationGracePeriodSeconds": 0}}


def apply(kind, version, mode=None, cause=None, **spec):
    """Applies a version as `kubectl apply` does, and waits until its pods are there, ready unless they cannot be."""
    annotations = {"kubernetes.io/change-cause": cause} if cause else {}
    wanted = {
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": "web", "annotations": annotations},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template(version, mode), **spec},
    }
    kubectl("apply", "-f", "-", given=json.dumps(wanted))
    settled(kind, version, bool(mode))


def settled(kind, version, is_broken):
    image = f"registry.example/web:{version}"

    def has_pod():
        return any(pod["spec"]["containers"][0]["image"] == image and pod.get("status", {}).get("containerStatuses")
                   for pod in items("pods"))

    if is_broken:
        until(f"a pod of {version}", has_pod)
    else:
        kubectl("rollout", "status", f"{kind}/web", "--timeout=60s")
    time.sleep(2.5)


def deployment(version, mode=None, cause=None, **more):
    apply("Deployment", version, mode, cause, replicas=2, progressDeadlineSeconds=3, minReadySeconds=1, **more)


def good_then_broken():
    for version in (1, 2, 3):
        deployment(version, cause=f"release {version}" if version != 2 else None)
    keep("three-good", "deployment", "replicasets")
    deployment(4, "imagepull")
    until("its deadline", lambda: "ProgressDeadlineExceeded" in kubectl("get", "deployment", "web", "-o", "json"))
    keep("broken-image", "deployment", "replicasets")
    kubectl("rollout", "undo", "deployment/web", "--to-revision=3")
    settled("Deployment", 3, False)
    keep("rolled-back", "deployment", "replicasets")
    kubectl("rollout", "undo", "deployment/web", "--to-revision=2")
    settled("Deployment", 2, False)
    keep("rolled-back-twice", "deployment", "replicasets")


def broken_twice():
    """Two broken ones in a row: the second one lets the first go at once, because the good one still serves."""
    deployment(1)
    deployment(2, "crashloop")
    deployment(3, "crashloop")
    deployment(4)
    keep("broken-twice", "deployment", "replicasets")


def recreated():
    for version in (1, 2, 3):
        deployment(version, strategy={"type": "Recreate"})
    keep("recreate", "deployment", "replicasets")


def stateful_set():
    for version, mode in ((1, None), (2, None), (3, "crashloop")):
        apply("StatefulSet", version, mode, f"release {version}", replicas=3, serviceName="web")
    keep("stuck-stateful-set", "statefulset", "controllerrevisions")


def daemon_set():
    for version, mode in ((1, None), (2, None), (3, "crashloop")):
        apply("DaemonSet", version, mode)
    keep("daemon-set", "daemonset", "controllerrevisions")


def keep(name, kind, owned):
    pods = items("pods")
    for pod in pods:
        pod["metadata"].pop("managedFields", None)
    events = items("events")
    for event in events:
        event["metadata"].pop("managedFields", None)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    warnings = [event for event in events if event["type"] == "Warning" or event["reason"] == "ScalingReplicaSet"]
    seen = {"takenAt": now, "workload": items(kind)[0], "owned": items(owned), "pods": pods, "events": warnings}
    target = HERE.parent / "fixtures" / "rollback" / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(seen, indent=1) + "\n")
    print(f"{target}: {target.stat().st_size} bytes")


SCENARIOS = [good_then_broken, broken_twice, recreated, stateful_set, daemon_set]


def main():
    chosen = sys.argv[1:]
    for scenario in SCENARIOS:
        if chosen and scenario.__name__ not in chosen:
            continue
        subprocess.run([str(KUBECTL), "delete", "namespace", NAMESPACE, "--ignore-not-found"], capture_output=True)
        subprocess.run([str(KUBECTL), "create", "namespace", NAMESPACE], capture_output=True, check=True)
        scenario()
    subprocess.run([str(KUBECTL), "delete", "namespace", NAMESPACE], capture_output=True)


if __name__ == "__main__":
    main()
