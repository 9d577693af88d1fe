#!/usr/bin/env python3
"""Fills a control plane with an ordinary cluster: fill.py KUBECTL KUBECONFIG NODES DEPLOYMENTS PODS-EACH

Per Deployment: a ConfigMap, a Secret, a Service; for some a PodDisruptionBudget, a HorizontalPodAutoscaler, an Ingress;
besides StatefulSets with claims, DaemonSets, CronJobs, NetworkPolicies. Everything is healthy. Waits until every pod runs.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

KUBECTL, CONFIG = sys.argv[1], sys.argv[2]
NODES, DEPLOYMENTS, EACH = (int(word) for word in sys.argv[3:6])
HERE = pathlib.Path(__file__).resolve().parent
WRITERS = 6


def kubectl(*arguments, **more):
    return subprocess.run([KUBECTL, "--kubeconfig", CONFIG, *arguments], capture_output=True, text=True, **more)


def named(kind, version, name, namespace, **fields):
    metadata = {"name": name, "labels": {"app": name, "team": f"team-{namespace[-1]}"}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def template(app, role="web"):
    return {
        "metadata": {"labels": {"app": app, "role": role, "version": "v1"}, "annotations": {"prometheus.io/scrape": "true", "kwok.x-k8s.io/usage-cpu": "60m", "kwok.x-k8s.io/usage-memory": "100Mi"}},
        "spec": {
            "containers": [{
                "name": role, "image": f"registry.example/{app}:1.4.2",
                "ports": [{"name": "http", "containerPort": 8080}],
                "env": [{"name": "MODE", "value": "production"},
                        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": app, "key": "password"}}}],
                "envFrom": [{"configMapRef": {"name": app}}],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}},
                "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "periodSeconds": 10},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
                "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
            }],
            "volumes": [{"name": "config", "configMap": {"name": app}}],
            "topologySpreadConstraints": [{"maxSkew": 5, "topologyKey": "topology.kubernetes.io/zone",
                                           "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {"app": app}}}],
        },
    }


def application(number):
    namespace, app = f"fill-{number % 20:02d}", f"app-{number:03d}"
    yield named("ConfigMap", "v1", app, namespace, data={"config.yaml": "level: info\n" * 20, "MODE": "production"})
    yield named("Secret", "v1", app, namespace, type="Opaque", stringData={"password": f"not-secret-{number}"})
    yield named("Service", "v1", app, namespace, spec={
        "selector": {"app": app}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]})
    yield named("Deployment", "apps/v1", app, namespace, spec={
        "replicas": EACH, "revisionHistoryLimit": 5, "selector": {"matchLabels": {"app": app}}, "template": template(app)})
    if number % 4 == 0:
        yield named("PodDisruptionBudget", "policy/v1", app, namespace, spec={
            "maxUnavailable": "20%", "selector": {"matchLabels": {"app": app}}})
    if number % 8 == 0:
        yield named("HorizontalPodAutoscaler", "autoscaling/v2", app, namespace, spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": app}, "minReplicas": EACH, "maxReplicas": EACH + 10,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]})
        yield named("Ingress", "networking.k8s.io/v1", app, namespace, spec={
            "ingressClassName": "fill", "rules": [{"host": f"{app}.example", "http": {"paths": [
                {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": app, "port": {"name": "http"}}}}]}}]})
    if number % 10 == 0:
        job = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": template(app)["spec"]["containers"]}}}}
        job["spec"]["template"]["spec"]["volumes"] = template(app)["spec"]["volumes"]
        yield named("CronJob", "batch/v1", app, namespace, spec={"schedule": "0 3 * * *", "jobTemplate": job})
        yield named("NetworkPolicy", "networking.k8s.io/v1", app, namespace, spec={
            "podSelector": {"matchLabels": {"app": app}}, "policyTypes": ["Ingress"], "ingress": [{}]})


def cluster():
    for number in range(20):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"fill-{number:02d}"}}
    yield {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "fill"},
           "spec": {"controller": "rig.test/fill"}}


def apply(objects):
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    # Made with create and not apply: nothing was there, and a copy of each object in its annotations would double it.
    done = kubectl("create", "-f", "-", input=text)
    if done.returncode != 0 and "AlreadyExists" not in done.stderr:
        sys.exit(done.stderr[-2000:])


def apply_in_parallel(objects):
    objects = list(objects)
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for writer in range(WRITERS):
            path = pathlib.Path(folder) / f"{writer}.json"
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects[writer::WRITERS]}))
            running.append(subprocess.Popen([KUBECTL, "--kubeconfig", CONFIG, "create", "-f", str(path)],
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        for process in running:
            _, said = process.communicate()
            if process.returncode != 0:
                sys.exit(said[-2000:])


def pods_ready():
    deployments = json.loads(kubectl("get", "deployments", "-A", "-o", "json").stdout)["items"]
    return sum(item.get("status", {}).get("readyReplicas", 0) for item in deployments)


started = time.time()
nodes = subprocess.run([sys.executable, str(HERE / "nodes.py"), str(NODES)], capture_output=True, text=True, check=True)
apply_in_parallel(json.loads(nodes.stdout)["items"])
apply(cluster())
apply_in_parallel(item for number in range(DEPLOYMENTS) for item in application(number))
wanted = DEPLOYMENTS * EACH
while pods_ready() < wanted:
    if time.time() - started > 2700:
        sys.exit(f"only {pods_ready()} of {wanted} pods are ready")
    time.sleep(3)
print(f"{NODES} nodes, {wanted} pods after {time.time() - started:.0f} s")
