#!/usr/bin/env python3
"""A real Prometheus and a real Alertmanager on loopback, filled with the measurements of a shop.

    tests/cluster/monitoring.py up DIR [ADDRESS]      starts both and a health endpoint, on loopback by default; writes
                                                      DIR/profile.yaml, DIR/*.pid and DIR/*.port
    tests/cluster/monitoring.py end DIR PROGRAM       ends one of them
    tests/cluster/monitoring.py down DIR    ends them
    KUBECONFIG=... tests/cluster/monitoring.py capture DIR PROGRAM   keeps what PROGRAM is answered, as a fixture

The past is written as blocks (promtool) and is old after five minutes; the present comes from rules and from what is sent to Alertmanager:
- shop_requests_total: 1 % of all requests failed for 30 days, 5 % in the last eight hours;
- ALERTS: QueueGrows fired every hour for four minutes, DiskIsFull once for five hours;
- volumes, containers, heaps, the API server and targets as kubelets, cAdvisor and Prometheus measure them;
- firing now: Watchdog, CheckoutIsDown twice, CartIsSlow, Tested (silenced).
"""
import datetime
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

DAY = 86_400
HEALTH = {
    "/health": (503, {"status": "degraded", "version": "1.0", "dependencies": {"database": "unhealthy", "cache": "healthy"}}),
    "/api/v1/ai/status": (200, {"status": "ok", "llm": {"provider": "local", "connectivity": "degraded"}}),
    "/ready": (200, {"status": "ok"}),
}
RULES = """
groups:
- name: shop
  interval: 1s
  rules:
  - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
  - {alert: CheckoutIsDown, expr: 'vector(1)', labels: {severity: critical, namespace: shop, pod: checkout-1},
     annotations: {summary: nobody can pay, runbook_url: 'https://example.com/checkout'}}
  - {alert: CheckoutIsDown, expr: 'vector(1)', labels: {severity: critical, namespace: shop, pod: checkout-2},
     annotations: {summary: nobody can pay}}
  - {alert: CartIsSlow, expr: vector(1), labels: {severity: warning, namespace: shop}}
  - {alert: Tested, expr: vector(1), labels: {severity: critical, namespace: shop}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def counters(now):
    """Requests of the shop: a counter for good ones and one for bad ones, 100 a second in all."""
    times = list(range(now - 30 * DAY, now - 9 * 3600, 900)) + list(range(now - 9 * 3600, now + 1, 30))
    yield "# TYPE shop_requests counter"
    for code, before, lately in [("200", 99, 95), ("500", 1, 5)]:
        total, last = 0, times[0]
        for at in times:
            total += (at - last) * (lately if at > now - 8 * 3600 else before)
            last = at
            yield f'shop_requests_total{{code="{code}"}} {total} {at}'


def alerts(now):
    yield "# TYPE ALERTS gauge"
    spells = [("QueueGrows", start, start + 240) for start in range(now - 11 * 3600, now - 1800, 3600)]
    spells.append(("DiskIsFull", now - 8 * 3600, now - 3 * 3600))
    for name, start, end in spells:
        for at in range(start, end + 1, 60):
            yield f'ALERTS{{alertname="{name}",alertstate="firing",namespace="shop",severity="warning"}} 1 {at}'


def gauge(name, labels, values):
    for at, value in values:
        yield f"{name}{{{labels}}} {value} {at}"


def volumes(now):
    """One volume is 92 % full, one fills up within two days, one has no inodes left, one is well."""
    steps = list(range(now - 7 * 3600, now + 1, 60))
    gib = 1 << 30
    capacity = 10 * gib
    claims = {
        "data-full": lambda at: 0.92,
        "data-grows": lambda at: 0.55 + 0.20 * (at - now) / DAY * 2.4,
        "data-inodes": lambda at: 0.30,
        "data-well": lambda at: 0.30,
    }
    names = {
        "kubelet_volume_stats_capacity_bytes": lambda claim, used: capacity,
        "kubelet_volume_stats_used_bytes": lambda claim, used: int(capacity * used),
        "kubelet_volume_stats_available_bytes": lambda claim, used: int(capacity * (1 - used)),
        "kubelet_volume_stats_inodes": lambda claim, used: 1_000_000,
        "kubelet_volume_stats_inodes_used": lambda claim, used: 985_000 if claim == "data-inodes" else 1000,
        "kubelet_volume_stats_inodes_free": lambda claim, used: 15_000 if claim == "data-inodes" else 999_000,
    }
    for name, value in names.items():
        yield f"# TYPE {name} gauge"
        for claim, used in claims.items():
            labels = f'namespace="shop",persistentvolumeclaim="{claim}",node="node-0000",job="kubelet"'
            yield from gauge(name, labels, [(at, value(claim, used(at))) for at in steps])


def containers(now):
    """The container web is held back in 60 of 100 periods, worker in 5."""
    steps = list(range(now - 2 * 3600, now + 1, 60))
    rates = {"web": 6.0, "worker": 0.5}
    for name, rate in [("container_cpu_cfs_periods", None), ("container_cpu_cfs_throttled_periods", rates)]:
        yield f"# TYPE {name} counter"
        for container in rates:
            per_second = 10.0 if rate is None else rate[container]
            labels = f'namespace="shop",pod="{container}-1",container="{container}",image="x",job="kubelet"'
            yield from gauge(f"{name}_total", labels, [(at, (at - steps[0]) * per_second) for at in steps])


def heaps(now):
    """The process of web holds 3.5 GB, the one of worker 40 MB."""
    steps = list(range(now - 3600, now + 1, 60))
    yield "# TYPE go_memstats_heap_alloc_bytes gauge"
    for pod, size in [("web-1", 3_500_000_000), ("worker-1", 40_000_000)]:
        labels = f'namespace="shop",pod="{pod}",job="shop",instance="{pod}:8080"'
        yield from gauge("go_memstats_heap_alloc_bytes", labels, [(at, size) for at in steps])


def api_server(now):
    """GET of pods takes long for one in ten; LIST of nodes is quick."""
    steps = list(range(now - 2 * 3600, now + 1, 60))
    yield "# TYPE apiserver_request_duration_seconds histogram"
    shares = {("GET", "pods"): [(0.1, 0.5), (1.0, 0.9), (4.0, 0.97), ("+Inf", 1.0)],
              ("LIST", "nodes"): [(0.1, 1.0), (1.0, 1.0), (4.0, 1.0), ("+Inf", 1.0)]}
    for (verb, resource), buckets in shares.items():
        labels = f'verb="{verb}",resource="{resource}",scope="resource",job="apiserver"'
        for bound, share in buckets:
            values = [(at, (at - steps[0]) * 10 * share) for at in steps]
            yield from gauge("apiserver_request_duration_seconds_bucket", f'{labels},le="{bound}"', values)
        yield from gauge("apiserver_request_duration_seconds_count", labels, [(at, (at - steps[0]) * 10) for at in steps])
        yield from gauge("apiserver_request_duration_seconds_sum", labels, [(at, (at - steps[0]) * 2) for at in steps])


def targets(now):
    steps = list(range(now - 3600, now + 1, 60))
    yield "# TYPE up gauge"
    for job, instance, namespace, value in [("shop", "10.0.0.1:8080", "shop", 0), ("shop", "10.0.0.2:8080", "shop", 1),
                                            ("apiserver", "10.0.0.9:6443", "default", 1)]:
        labels = f'job="{job}",instance="{instance}",namespace="{namespace}"'
        yield from gauge("up", labels, [(at, value) for at in steps])


def backfill(directory, now):
    text = directory / "measurements.txt"
    sources = [counters, alerts, volumes, containers, heaps, api_server, targets]
    with text.open("w") as out:
        for source in sources:
            out.writelines(f"{line}\n" for line in source(now))
        out.write("# EOF\n")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h", str(text), str(directory / "data")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    text.unlink()


def start(directory, name, command):
    log = (directory / f"{name}.log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    (directory / f"{name}.pid").write_text(str(process.pid))


def get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def eventually(what, condition):
    deadline = time.time() + 60
    while time.time() < deadline:
        try:
            if condition():
                return
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    sys.exit(f"{what} never came")


def silence(alertmanager):
    now = datetime.datetime.now(datetime.timezone.utc)
    form = "%Y-%m-%dT%H:%M:%SZ"
    body = {
        "matchers": [{"name": "alertname", "value": "Tested", "isRegex": False, "isEqual": True}],
        "startsAt": now.strftime(form), "endsAt": (now + datetime.timedelta(hours=2)).strftime(form),
        "createdBy": "on-call", "comment": "a drill until the evening",
    }
    request = urllib.request.Request(f"{alertmanager}/api/v2/silences", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).read()


def up(directory, address="127.0.0.1"):
    directory.mkdir(parents=True, exist_ok=True)
    now = int(time.time())
    backfill(directory, now)
    ports = {name: free_port() for name in ["prometheus", "alertmanager", "health"]}
    prometheus, alertmanager, health = (f"http://{address}:{port}" for port in ports.values())
    for name, port in ports.items():
        (directory / f"{name}.port").write_text(str(port))
    (directory / "rules.yaml").write_text(RULES)
    (directory / "prometheus.yaml").write_text(
        "global: {scrape_interval: 5s, evaluation_interval: 1s}\n"
        f"rule_files: ['{directory}/rules.yaml']\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{address}:{ports['alertmanager']}']}}]}}]}}\n")
    (directory / "alertmanager.yaml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    start(directory, "alertmanager", [
        "prometheus-alertmanager", f"--config.file={directory}/alertmanager.yaml", f"--storage.path={directory}/alerts",
        f"--web.listen-address={address}:{ports['alertmanager']}", "--cluster.listen-address="])
    start(directory, "prometheus", [
        "prometheus", f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/data",
        "--storage.tsdb.retention.time=60d", "--rules.alert.resend-delay=1s", f"--web.listen-address={address}:{ports['prometheus']}"])
    start(directory, "health", [sys.executable, __file__, "serve", address, str(ports["health"])])
    eventually("Alertmanager", lambda: get(f"{alertmanager}/api/v2/status"))
    silence(alertmanager)
    names = lambda: [alert["labels"]["alertname"] for alert in get(f"{alertmanager}/api/v2/alerts")]
    eventually("alerts", lambda: sorted(names()) == ["CartIsSlow", "CheckoutIsDown", "CheckoutIsDown", "Tested", "Watchdog"])
    states = lambda: {alert["labels"]["alertname"]: alert["status"]["state"] for alert in get(f"{alertmanager}/api/v2/alerts")}
    eventually("the silence", lambda: states()["Tested"] == "suppressed" and states()["CartIsSlow"] == "active")
    (directory / "profile.yaml").write_text(
        "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n"
        f"prometheus: {{url: '{prometheus}'}}\nalertmanager: {{url: '{alertmanager}'}}\n"
        "endpoints:\n"
        f"- {{name: backend, url: '{health}', path: /health}}\n"
        f"- {{name: assistant, url: '{health}', path: /api/v1/ai/status}}\n"
        f"- {{name: gone, url: 'http://127.0.0.1:{free_port()}', path: /health}}\n"
        f"- {{name: front, url: '{health}', path: /ready}}\n"
        "slos:\n- name: checkout\n  objective: 99.9\n"
        '  errors: sum(rate(shop_requests_total{code=~"5.."}[$window]))\n'
        "  total: sum(rate(shop_requests_total[$window]))\n")


def end(file):
    """Ends a program of ours and waits until it is gone."""
    process = int(file.read_text())
    file.unlink()
    try:
        os.kill(process, signal.SIGKILL)
        while True:
            os.kill(process, 0)
            state = pathlib.Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return
            time.sleep(0.05)
    except ProcessLookupError:
        return


def down(directory):
    for file in directory.glob("*.pid"):
        end(file)
    shutil.rmtree(directory, ignore_errors=True)


def capture(directory, program):
    """Ports differ from run to run; in the fixture they are those that its tests name."""
    with tempfile.TemporaryDirectory() as work:
        saved = pathlib.Path(work) / "saved"
        command = [program, "daily-check", "--baseline", "none", "--profile", str(directory / "profile.yaml"), "--save", str(saved)]
        subprocess.run(command, stdout=subprocess.DEVNULL, env={**os.environ, "XDG_STATE_HOME": work}, check=False)
        manifest = json.loads((saved / "manifest.json").read_text())
        answers = [json.loads(file.read_text()) for file in sorted((saved / "answers").iterdir())]
    kept = {}
    for asked in answers:
        question = asked["question"]
        is_gone = question["sight"] == "health endpoints" and "Ok" not in asked["answer"]
        port = {"Prometheus": 19090, "Alertmanager": 19093}.get(question["sight"], 18081 if is_gone else 18080)
        question["target"] = {"url": f"http://127.0.0.1:{port}"}
        if "Ok" in asked["answer"]:
            asked["answer"]["Ok"]["milliseconds"] = 1
        kept[(question["sight"], port, question["path"])] = asked
    target = pathlib.Path(__file__).resolve().parent.parent / "fixtures/checks/monitoring.json"
    document = {"takenAt": manifest["takenAt"], "items": [], "answers": list(kept.values())}
    target.write_text(json.dumps(document, indent=1) + "\n")
    print(f"{target}: {len(kept)} answers")


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = HEALTH.get(self.path, (404, {"error": "not found"}))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    match sys.argv[1:]:
        case ["up", directory, *address]:
            up(pathlib.Path(directory).resolve(), *address)
        case ["end", directory, program]:
            end(pathlib.Path(directory) / f"{program}.pid")
        case ["down", directory]:
            down(pathlib.Path(directory).resolve())
        case ["capture", directory, program]:
            capture(pathlib.Path(directory).resolve(), program)
        case ["serve", address, port]:
            http.server.ThreadingHTTPServer((address, int(port)), Health).serve_forever()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
