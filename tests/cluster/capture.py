#!/usr/bin/env python3
"""Brings a fault about on a throwaway cluster and keeps what the API server then shows, as a fixture.

    KUBECONFIG=... tests/cluster/capture.py POD-02 [--keep]
    KUBECONFIG=... tests/cluster/capture.py GAP-10 --health   keeps what /readyz and /livez say, and nothing else
    KUBECONFIG=... tests/cluster/capture.py healthy           keeps what tests/cluster/healthy.yaml makes
    KUBECONFIG=... tests/cluster/capture.py POD-02 --live NAMESPACE   only brings it about, in a namespace that is there
    KUBECONFIG=... tests/cluster/capture.py POD-02 --forget NAMESPACE   deletes what --live made

Reads tests/cluster/faults/POD-02.yaml, applies it in a namespace of its own, runs its steps, waits, and writes
tests/fixtures/checks/POD-02.json: {"takenAt": server time, "items": [...]} without managedFields. What the file
made is deleted afterwards, cluster-scoped objects included.

Comment lines at the head of the fault file steer it; the word NS stands for the namespace everywhere in the file,
NOW for the time (RFC 3339, UTC), FILLER for 124,900 letters:
    # wait: <kubectl get arguments> => <text>   polls until the output holds the text (120 s), before the steps
    # run: <kubectl arguments>                  a step after the first wait, in order
    # settle: <kubectl get arguments> => <text> polls again after the steps
    # clean: <kubectl arguments>                a step after the capture, before everything is deleted
    # install: GROUP/VERSION KIND PLURAL SCOPE   defines a kind that takes any content, before all else; it stays
    # capture: nodes,nodes/NAME,leases -n OTHER more objects to keep besides the namespace's
    # slow: <why>                               takes longer than a test may wait: judged from the fixture only
    # cluster: own                              hurts others: wants a control plane of its own
    # without: <program>                        and that program of it ended
    # also: <check> <why>                       another check that warns of it as well, and is not explained by it
"""
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
KUBECTL = pathlib.Path(os.environ.get("SRE_RIG") or CACHE / "kubectl-sre-rig") / "bin/kubectl"
HEALTHY = "healthy"
# The version of the server in the files of the faults.
WRITTEN_FOR = "v1.36.4"
NAMESPACED = [
    "pods", "events", "deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch",
    "cronjobs.batch", "horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy", "services",
    "endpointslices.discovery.k8s.io", "ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io",
    "configmaps", "secrets", "serviceaccounts", "resourcequotas", "limitranges", "persistentvolumeclaims",
    "leases.coordination.k8s.io", "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io",
]


def kubectl(*arguments, check=True):
    done = subprocess.run([str(KUBECTL), *arguments], capture_output=True, text=True)
    if check and done.returncode != 0:
        sys.exit(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def directives(text, word):
    prefix = f"# {word}: "
    return [line[len(prefix):] for line in text.splitlines() if line.startswith(prefix)]


def poll(condition):
    command, _, wanted = condition.partition(" => ")
    deadline = time.time() + 120
    while time.time() < deadline:
        shown = kubectl("get", *shlex.split(command), check=False)
        if wanted.strip() in shown and shown:
            return
        time.sleep(0.5)
    sys.exit(f"never came true: {condition}\nlast: {shown}")


def items_of(answer):
    document = json.loads(answer)
    return document["items"] if "items" in document else [document]


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def feed(verb, namespace, fault, *options):
    """Applies or deletes document by document: kubectl refuses -n for objects that name a namespace."""
    for document in fault.split("\n---\n"):
        if not re.search(r"^kind: ", document, re.MULTILINE):
            continue
        named = re.search(r"^metadata: \{.*\bnamespace: ", document, re.MULTILINE)
        place = [] if named else ["-n", namespace]
        command = [str(KUBECTL), verb, *place, "-f", "-", *options]
        done = subprocess.run(command, input=document, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)


def forget_pods(namespace):
    """Pods of a node without a kubelet would hold their namespace for ever."""
    kubectl("delete", "pods", "--all", "-n", namespace, "--force", "--grace-period=0", check=False)


def keep(check, document):
    target = HERE.parent / "fixtures" / "checks" / f"{check}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=1) + "\n")
    print(f"{target}: {len(document['items'])} objects, {target.stat().st_size} bytes")


def health():
    """kubectl quotes the answer of a failing endpoint in its own error."""
    answers = {}
    for endpoint in ["readyz", "livez"]:
        done = subprocess.run([str(KUBECTL), "get", "--raw", f"/{endpoint}?verbose"], capture_output=True, text=True)
        quoted = done.stderr.partition('("')[2].rpartition('")')[0]
        answers[endpoint] = done.stdout or quoted.replace("\\n", "\n")
    return answers


def clean(item):
    item["metadata"].pop("managedFields", None)
    annotations = item["metadata"].get("annotations", {})
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if item.get("type") == "kubernetes.io/service-account-token":
        # A credential, though the cluster that it opens is gone.
        item["data"]["token"] = ""
    return item


def server_version():
    """Of the server that is there; without one, the one that the files are written for."""
    answer = json.loads(kubectl("version", "-o", "json", check=False) or "{}")
    return answer.get("serverVersion", {}).get("gitVersion", WRITTEN_FOR)


def fault_of(check, namespace):
    folder = HERE if check == HEALTHY else HERE / "faults"
    # Kubelets newer than an older server would be a fault of their own.
    text = (folder / f"{check}.yaml").read_text().replace(WRITTEN_FOR, server_version())
    words = {"NS": namespace, "NOW": now(), "FILLER": "x" * 124_900}
    return re.sub(r"\b(NS|NOW|FILLER)\b", lambda found: words[found.group()], text)


def definition(group, version, kind, plural, scope):
    anything = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            # Groups of Kubernetes itself want to know who approved of it.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
        },
        "spec": {
            "group": group, "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [{"name": version, "served": True, "storage": True, "schema": anything}],
        },
    }


def install(fault):
    for line in directives(fault, "install"):
        api_version, kind, plural, scope = line.split()
        group, version = api_version.split("/")
        made = json.dumps(definition(group, version, kind, plural, scope))
        command = [str(KUBECTL), "apply", "--server-side", "-f", "-"]
        done = subprocess.run(command, input=made, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        kubectl("wait", "--for=condition=Established", f"crd/{plural}.{group}", "--timeout=60s")


def bring_about(fault, namespace):
    install(fault)
    feed("apply", namespace, fault)
    for condition in directives(fault, "wait"):
        poll(condition)
    for step in directives(fault, "run"):
        kubectl(*shlex.split(step))
    for condition in directives(fault, "settle"):
        poll(condition)


def capture(check):
    namespace = f"fault-{check.lower()}"
    fault = fault_of(check, namespace)
    forget_pods(namespace)
    kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=true")
    kubectl("create", "namespace", namespace)
    bring_about(fault, namespace)
    items = [item for kind in NAMESPACED for item in items_of(kubectl("get", kind, "-n", namespace, "-o", "json"))]
    items += items_of(kubectl("get", "namespaces", namespace, "-o", "json"))
    for kinds in directives(fault, "capture"):
        for kind in kinds.split(","):
            items += items_of(kubectl("get", *shlex.split(kind), "-o", "json"))
    keep(check, {"takenAt": now(), "items": [clean(item) for item in items]})
    return fault, namespace


def forget(fault, namespace):
    for step in directives(fault, "clean"):
        kubectl(*shlex.split(step))
    feed("delete", namespace, fault, "--ignore-not-found", "--wait=false")
    forget_pods(namespace)
    kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    check = sys.argv[1]
    if "--health" in sys.argv:
        return keep(check, {"takenAt": now(), "items": [], **health()})
    if "--live" in sys.argv:
        namespace = sys.argv[sys.argv.index("--live") + 1]
        return bring_about(fault_of(check, namespace), namespace)
    if "--forget" in sys.argv:
        namespace = sys.argv[sys.argv.index("--forget") + 1]
        return forget(fault_of(check, namespace), namespace)
    fault, namespace = capture(check)
    if "--keep" not in sys.argv:
        forget(fault, namespace)


if __name__ == "__main__":
    main()
