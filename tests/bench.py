#!/usr/bin/env python3
"""Measures and prints.
  bench.py BINARY KUBECTL CLUSTER RUNS RESULT [SMALLER-RESULT]   one cluster, and ratios
  bench.py BINARY archive ARCHIVE RUNS                           one archive

Paired: in each round our run, then eight parallel curls that fetch the same lists as JSON and throw them away. The
lists are those that the API server's audit log has of our run. Then plans of changes beside curl. Last, twelve faults are
placed, each must be found and nothing else, and triage is measured again, of everything and of each. CPU and memory are
the operating system's account.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

binary, kubectl, cluster, runs = sys.argv[1:5]
runs, cluster = int(runs), pathlib.Path(cluster)


def run(command, **more):
    """Wall seconds, CPU seconds, peak MB, stderr of one process."""
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, **more)
        _, _, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = 0
        said.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.read()


def judged(said):
    return int(re.search(r"judged in (\d+) ms of CPU", said).group(1))


def spread(values):
    return f"{statistics.median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"


def measure_archive():
    def check():
        return run([binary, "daily-check", "--from", str(cluster), "-o", "json", "-v", "6"])

    check()
    ours = [check() for _ in range(runs)]
    text = subprocess.run([binary, "daily-check", "--from", str(cluster), "-o", "json"], capture_output=True, text=True).stdout
    report = json.loads(text)
    pods = next(read["objects"] for read in report["coverage"]["reads"] if read["what"] == "Pod")
    objects, findings = report["coverage"]["objects"], len(report["findings"])
    print(f"an archive of {pods} pods, {objects} objects, {cluster.stat().st_size / 1e6:.0f} MB; {runs} runs; median (min to max)")
    print(f"  daily-check wall          {spread([one[0] for one in ours])}   goal 15 s")
    print(f"  daily-check CPU           {spread([one[1] for one in ours])}, of that all checks "
          f"{statistics.median(judged(one[3]) for one in ours):.0f} ms, {findings} findings")
    print(f"  daily-check peak memory   {max(one[2] for one in ours):.0f} MB   goal 700 MB")


if kubectl == "archive":
    measure_archive()
    sys.exit()

result = sys.argv[5]
config = str(cluster / "viewer.conf")
# Our runs and curl's are the same user's, with the same certificate.
pki = cluster / "pki"
server = json.loads(subprocess.check_output([kubectl, "--kubeconfig", config, "config", "view", "-o", "json"]))
server = server["clusters"][0]["cluster"]["server"]


def check():
    return run([binary, "daily-check", "--kubeconfig", config, "-o", "json", "-v", "6"])


def triage():
    return [binary, "incident", "triage", "--kubeconfig", config]


def one_deployment():
    """A Deployment, as it is named on the command line."""
    listed = json.loads(subprocess.check_output([kubectl, "--kubeconfig", config, "get", "deployments", "-A", "-o", "json"]))
    metadata = listed["items"][0]["metadata"]
    return [f"deployment/{metadata['name']}", "-n", metadata["namespace"]]


def settle():
    """A restored cluster is busy until its nodes have sent their heartbeats and nothing changes any more."""
    end = time.time() + 240
    while time.time() < end:
        shown = subprocess.run([kubectl, "--kubeconfig", str(cluster / "admin.conf"), "get", "nodes", "--no-headers"],
                               capture_output=True, text=True).stdout
        if shown and "NotReady" not in shown:
            break
        time.sleep(3)
    # The metrics server answers 503 until it has measured once.
    metrics = [kubectl, "--kubeconfig", str(cluster / "admin.conf"), "get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"]
    while time.time() < end and subprocess.run(metrics, capture_output=True).returncode != 0:
        time.sleep(3)
    time.sleep(30)


def lists():
    """The lists of our last run, from the audit log, without our way of asking for them."""
    time.sleep(1)
    agent, uris = None, []
    for line in (cluster / "audit.log").read_text().splitlines():
        event = json.loads(line)
        if event.get("verb") == "list" and event.get("userAgent", "").startswith("kubectl-sre/"):
            if event["userAgent"] != agent:
                agent, uris = event["userAgent"], []
            uris.append(event["requestURI"])
    return sorted(set(uris))


def curls(uris):
    urls = "\n".join(server + uri for uri in uris)
    command = ["xargs", "-P", "8", "-n", "1", "curl", "-sf", "-A", "bench", "-o", "/dev/null", "-H", "Accept: application/json",
               "--cacert", str(pki / "ca.crt"), "--cert", str(pki / "viewer.crt"), "--key", str(pki / "viewer.key")]
    start = time.perf_counter()
    subprocess.run(command, input=urls, text=True, check=True)
    return time.perf_counter() - start


def above_info():
    """What a report warns of on a cluster where nothing is wrong."""
    command = [binary, "daily-check", "--kubeconfig", config, "-o", "json", "--baseline", "none"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    gaps = [read for read in report["coverage"]["reads"] if "detail" in read and read["state"] != "not asked for"]
    warned = [one for one in report["findings"] if one["severity"] != "info"]
    return len(report["findings"]), [f"{one['check']} {one['severity']}: {one['title']}" for one in warned] + gaps


def curl_pods_and_nodes():
    """Seconds for the lists of pods and nodes as protobuf, one after the other."""
    protobuf = ["curl", "-sf", "-o", "/dev/null", "-H", "Accept: application/vnd.kubernetes.protobuf", "--cacert",
                str(pki / "ca.crt"), "--cert", str(pki / "admin.crt"), "--key", str(pki / "admin.key")]
    start = time.perf_counter()
    for path in ["/api/v1/pods?resourceVersion=0", "/api/v1/nodes?resourceVersion=0"]:
        subprocess.run([*protobuf, server + path], check=True)
    return time.perf_counter() - start


def plans():
    """Plans of a rollback and of scaling, as the admin and without a change, beside the lists of pods and nodes as
    protobuf, one curl after the other."""
    admin = [kubectl, "--kubeconfig", str(cluster / "admin.conf")]
    listed = json.loads(subprocess.check_output([*admin, "get", "deployments", "-A", "-o", "json", "--chunk-size=0"]))
    # One that is rolled out, so that there is a revision to go back to once it has another.
    chosen = next(one for one in listed["items"]
                  if one["status"].get("availableReplicas") == one["spec"]["replicas"] > 1)
    name, space, replicas = chosen["metadata"]["name"], chosen["metadata"]["namespace"], chosen["spec"]["replicas"]
    subprocess.run([*admin, "set", "env", f"deployment/{name}", "-n", space, "BENCH=1"], check=True, capture_output=True)
    subprocess.run([*admin, "rollout", "status", f"deployment/{name}", "-n", space, "--timeout=120s"], check=True,
                   capture_output=True)
    common = ["-n", space, "--kubeconfig", str(cluster / "admin.conf"), "--dry-run", "-o", "json"]
    commands = {
        "rollback": [binary, "rollback", f"deployment/{name}", "--to-revision", "1", *common],
        "scale": [binary, "scale", f"deployment/{name}", "--replicas", str(replicas + 5), *common],
    }
    for what, command in commands.items():
        made = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
        if made["kind"] != "Plan" or not made["steps"]:
            sys.exit(f"no plan to {what} was made: {made}")
        mine, others = [], []
        for _ in range(max(runs, 5)):
            mine.append(run(command))
            others.append(curl_pods_and_nodes())
        parts = [one[0] / other for one, other in zip(mine, others)]
        print(f"  plan to {what:<17} {spread([one[0] for one in mine])}, {max(one[2] for one in mine):.0f} MB   goal 90 MB"
              + (", 0.5 s" if what == "rollback" else ""))
        print(f"  curl pods, nodes          {spread(others)}; ratio {statistics.median(parts):.2f} "
              f"({min(parts):.2f} to {max(parts):.2f})   goal 2")


# One of each family; none of a node, which takes longer to be seen than this wants to wait.
FAULTS = ["image-not-found", "config-object-missing", "container-oom-killed", "liveness-probe-kill", "init-container-failed",
          "unschedulable-node-selector", "unschedulable-request-too-large", "pvc-storageclass-missing", "quota-exceeded",
          "webhook-unavailable", "service-selector-mismatch", "certificate-expired"]
TRIAGED = {"Deployment", "Service", "PersistentVolumeClaim"}


def named(one):
    return " ".join([one["class"], one["object"]["kind"], one["object"].get("namespace", "-"), one["object"]["name"]])


def triaged():
    """What triage of everything names above info."""
    text = subprocess.run([*triage(), "-o", "json"], capture_output=True, text=True).stdout
    return {named(one) for one in json.loads(text)["causes"] if one["severity"] != "info"}


def faults():
    """Twelve faults at once: each is found and nothing else, then triage of everything beside daily-check, and of single
    objects; where pods wait for the scheduler beside the lists of pods and nodes."""
    place = [sys.executable, str(pathlib.Path(__file__).parent / "cluster/place.py"), kubectl, str(cluster / "admin.conf")]
    placed = json.loads(subprocess.check_output([*place, "1", str(len(FAULTS)), ",".join(FAULTS)]))
    expected, found, end = {named(one) for one in placed}, set(), time.time() + 300
    while found != expected and time.time() < end:
        time.sleep(5)
        found = triaged()
    if found != expected:
        sys.exit(f"of twelve faults not found: {sorted(expected - found)}; found besides: {sorted(found - expected)}")
    # What rolls out goes on for a while.
    time.sleep(30)
    whole, parts = [], []
    for _ in range(runs):
        ours = check()
        whole.append(run([*triage(), "-o", "json"]))
        parts.append(whole[-1][0] / ours[0])
    if triaged() != expected:
        sys.exit("what triage names has changed while it was measured")
    print(f"  {len(placed)} faults                 all found, nothing besides")
    print(f"  incident wall             {spread([one[0] for one in whole])}; ratio to daily-check {statistics.median(parts):.2f} "
          f"({min(parts):.2f} to {max(parts):.2f})   goal 1.2")
    print(f"  incident peak memory      {max(one[2] for one in whole):.0f} MB   goal 100 MB")
    for one in placed:
        if one["object"]["kind"] not in TRIAGED:
            continue
        target = [f"{one['object']['kind'].lower()}/{one['object']['name']}", "-n", one["object"]["namespace"]]
        alone, ratios = [], []
        for _ in range(max(runs, 5)):
            alone.append(run([*triage(), *target, "-o", "json"]))
            ratios.append(alone[-1][0] / curl_pods_and_nodes())
        goal = (f"ratio to curl pods, nodes {statistics.median(ratios):.2f}   goal 2" if one["class"].startswith("unschedulable")
                else "goal 0.5 s")
        print(f"  triage, {one['class']:<31} {spread([it[0] for it in alone])}, {max(it[2] for it in alone):.0f} MB   {goal}")


settle()
end = time.time() + 240
found, wrong = above_info()
# Autoscalers of a cluster that was restored have no values until pods were measured again.
while wrong and time.time() < end:
    time.sleep(10)
    found, wrong = above_info()
if wrong:
    sys.exit(f"the cluster is healthy, and the report says: {wrong}")
uris = lists()
wrong = triaged()
if wrong:
    sys.exit(f"the cluster is healthy, and triage says: {sorted(wrong)}")
ours, theirs, triages, behind_one = [], [], [], []
one = one_deployment()
for _ in range(runs):
    ours.append(check())
    theirs.append(curls(uris))
    triages.append(run([*triage(), "-o", "json"]))
    behind_one.append(run([*triage(), *one, "-o", "json"]))
received = int(re.search(r"received (\d+) bytes", ours[-1][3]).group(1))
judging = [judged(one[3]) for one in ours]
pods = json.loads(subprocess.check_output([kubectl, "--kubeconfig", config, "get", "--raw", "/api/v1/pods?limit=1"]))
pods = pods["metadata"].get("remainingItemCount", 0) + 1
wall, cpu, peak = (statistics.median(one[index] for one in ours) for index in range(3))
ratios = [one[0] / curl for one, curl in zip(ours, theirs)]
helps = [run([binary, "--help"])[0] * 1000 for _ in range(20)]

print(f"{pods} pods, {len(uris)} lists, {runs} rounds; median (min to max)")
print(f"  findings                  {found}, none above info: nothing is wrong with the cluster")
print(f"  daily-check wall          {spread([one[0] for one in ours])}")
print(f"  8 curls, JSON, wall       {spread(theirs)}")
print(f"  ratio, round by round     {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})   goal 0.5")
print(f"  daily-check CPU           {cpu:.2f} s, of that all checks {statistics.median(judging):.0f} ms   goal 150 ms")
print(f"  daily-check peak memory   {peak:.0f} MB   goal 90 MB")
print(f"  received                  {received / 1e6:.2f} MB   goal 8 MB")
shares = [triage[0] / ours_[0] for triage, ours_ in zip(triages, ours)]
print(f"  incident wall             {spread([one[0] for one in triages])}; ratio to daily-check {statistics.median(shares):.2f} "
      f"({min(shares):.2f} to {max(shares):.2f})   goal 1.2")
print(f"  incident peak memory      {max(one[2] for one in triages):.0f} MB   goal 100 MB")
print(f"  triage of one Deployment  {spread([one[0] for one in behind_one])}   goal 0.5 s")
print(f"  --help                    {statistics.median(helps):.1f} ms   goal 15 ms")
if len(sys.argv) > 6:
    smaller = json.loads(pathlib.Path(sys.argv[6]).read_text())
    print(f"  pods {pods / smaller['pods']:.1f} times, CPU {cpu / smaller['cpu']:.1f} times   goal at most 11 times")
    kinds = "pods,services,deployments,replicasets,configmaps,nodes"
    kubectl_wall, _, kubectl_peak, _ = run([kubectl, "--kubeconfig", config, "get", kinds, "-A", "-o", "json"])
    print(f"  kubectl get {kinds}: {kubectl_wall:.1f} s, {kubectl_peak:.0f} MB; ratio {wall / kubectl_wall:.2f}, {peak / kubectl_peak:.2f}")
    plans()
    faults()
pathlib.Path(result).write_text(json.dumps({"pods": pods, "cpu": cpu}))
