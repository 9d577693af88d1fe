#!/usr/bin/env python3
"""Places faults of different classes at random in a cluster that fill.py filled: place.py KUBECTL KUBECONFIG SEED COUNT

Prints what was placed as JSON: the class, the object that a report must name for it, and the namespace or node that it is
in. Each fault gets a place of its own, so that none hides another. The same seed places the same faults; a list of
classes behind the count places just these.
"""
import base64
import json
import pathlib
import random
import subprocess
import sys
import tempfile

KUBECTL, CONFIG = sys.argv[1], sys.argv[2]


def kubectl(*arguments, **more):
    done = subprocess.run([KUBECTL, "--kubeconfig", CONFIG, *arguments], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def create(*objects):
    kubectl("create", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))


class Place:
    """A namespace of one fault, and the Deployment in it that the fault hits."""

    def __init__(self, namespace, app):
        self.namespace, self.app = namespace, app

    def patch(self, kind, body, name=None, *more):
        kubectl("patch", kind, name or self.app, "-n", self.namespace, "-p", json.dumps(body), *more)

    def template(self, spec=None, mode=None, message=None, container=None):
        """Rolls out a new pod template; `mode` is how its simulated pods fail."""
        spec = dict(spec or {})
        if container:
            spec["containers"] = [{"name": "web", **container}]
        metadata = {"labels": {"rig.test/mode": mode} if mode else {}}
        if message:
            metadata["annotations"] = {"rig.test/message": message}
        self.patch("deployment", {"spec": {"template": {"metadata": metadata, "spec": spec}}})

    def replicas(self):
        return int(kubectl("get", "deployment", self.app, "-n", self.namespace, "-o", "jsonpath={.spec.replicas}"))

    def grow(self, more):
        kubectl("scale", "deployment", self.app, "-n", self.namespace, f"--replicas={self.replicas() + more}")

    def object(self, kind, name=None, namespaced=True):
        return {"kind": kind, "name": name or self.app, **({"namespace": self.namespace} if namespaced else {})}

    def named(self, kind, version, name, **fields):
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": self.namespace}, **fields}


def image(message):
    def place(at):
        reference = f"registry.example/{at.app}:1.4.3"
        at.template(mode="imagepull", container={"image": reference}, message=f'failed to pull and unpack image "{reference}": {message}')
        return at.object("Deployment")
    return place


def failing(mode, **container):
    def place(at):
        at.template(mode=mode, container=container)
        return at.object("Deployment")
    return place


def init_container(at):
    at.template(mode="init-crashloop", spec={"initContainers": [{"name": "migrate", "image": f"registry.example/{at.app}:1.4.2"}]})
    return at.object("Deployment")


def config_object(at):
    at.template(mode="configerror", message='configmap "feature-flags" not found',
                container={"envFrom": [{"configMapRef": {"name": at.app}}, {"configMapRef": {"name": "feature-flags"}}]})
    return at.object("ConfigMap", "feature-flags")


def template(kind="Deployment", name=None, **spec):
    def place(at):
        at.template(spec=spec)
        return at.object(kind, name, namespaced=kind in ("Deployment", "ServiceAccount", "PersistentVolumeClaim"))
    return place


def too_large(at):
    at.template(container={"resources": {"requests": {"cpu": "64"}, "limits": {"cpu": "64"}}})
    return at.object("Deployment")


def claim_volume(claim):
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]}


def storage_class(at):
    create(at.named("PersistentVolumeClaim", "v1", "index", spec={
        "accessModes": ["ReadWriteMany"], "storageClassName": "fast-sdd", "resources": {"requests": {"storage": "1Gi"}}}))
    at.template(spec=claim_volume("index"))
    return at.object("PersistentVolumeClaim", "index")


def quota(at):
    pods = len(kubectl("get", "pods", "-n", at.namespace, "-o", "name").split())
    create(at.named("ResourceQuota", "v1", "team", spec={"hard": {"pods": str(pods)}}))
    kubectl("wait", "resourcequota", "team", "-n", at.namespace, f"--for=jsonpath={{.status.used.pods}}={pods}", "--timeout=60s")
    at.grow(2)
    return at.object("ResourceQuota", "team")


def limit_range(at):
    create(at.named("LimitRange", "v1", "small", spec={"limits": [{"type": "Container", "max": {"cpu": "200m"}}]}))
    at.grow(2)
    return at.object("Deployment")


def pod_security(at):
    kubectl("label", "namespace", at.namespace, "pod-security.kubernetes.io/enforce=restricted")
    at.grow(2)
    return at.object("Deployment")


def authority():
    """A real CA, so that nothing is wrong with a webhook but what shall be."""
    config = json.loads(kubectl("config", "view", "--raw", "-o", "json"))["clusters"][0]["cluster"]
    return base64.b64encode(pathlib.Path(config["certificate-authority"]).read_bytes()).decode()


def webhook(at):
    create({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "image-policy"}, "webhooks": [{
                "name": "image-policy.example.com", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"service": {"namespace": at.namespace, "name": "image-policy"}, "caBundle": authority()},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": at.namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]})
    at.grow(2)
    return at.object("ValidatingWebhookConfiguration", "image-policy", namespaced=False)


def service_selector(at):
    at.patch("service", {"spec": {"selector": {"app": at.app + "x"}}})
    return at.object("Service")


def service_port(at):
    at.patch("service", {"spec": {"ports": [{"port": 80, "targetPort": "https"}]}})
    return at.object("Service")


def autoscaler(at):
    create(at.named("HorizontalPodAutoscaler", "autoscaling/v2", "gone", spec={
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": at.app + "-old"}, "minReplicas": 2, "maxReplicas": 6}))
    return at.object("HorizontalPodAutoscaler", "gone")


def ingress_backend(at):
    create(at.named("Ingress", "networking.k8s.io/v1", "shop", spec={"ingressClassName": "fill", "rules": [
        {"host": "shop.example.com", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": at.app + "-v2", "port": {"number": 80}}}}]}}]}))
    return at.object("Ingress", "shop")


def expired_certificate(at):
    with tempfile.TemporaryDirectory() as folder:
        key, request, certificate = (pathlib.Path(folder) / name for name in ("key", "csr", "crt"))
        names = pathlib.Path(folder) / "names"
        names.write_text("subjectAltName=DNS:shop.example.com")
        for arguments in (["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=shop.example.com"],
                          ["x509", "-req", "-in", request, "-signkey", key, "-days", "0", "-extfile", names, "-out", certificate]):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True)
        data = {"tls.crt": base64.b64encode(certificate.read_bytes()).decode(), "tls.key": base64.b64encode(key.read_bytes()).decode()}
    create(at.named("Secret", "v1", "shop-tls", type="kubernetes.io/tls", data=data),
           at.named("Ingress", "networking.k8s.io/v1", "shop", spec={
               "ingressClassName": "fill", "tls": [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}],
               "rules": [{"host": "shop.example.com", "http": {"paths": [
                   {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": at.app, "port": {"name": "http"}}}}]}}]}))
    return at.object("Secret", "shop-tls")


def aggregated_api(at):
    create({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.reports.example.com"}, "spec": {
        "group": "reports.example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100,
        "insecureSkipTLSVerify": True, "service": {"namespace": at.namespace, "name": "reports", "port": 443}}})
    return at.object("APIService", "v1.reports.example.com", namespaced=False)


def node(mode):
    def place(at):
        kubectl("label", "node", at.app, f"rig.test/node={mode}")
        return {"kind": "Node", "name": at.app}
    return place


FAULTS = {
    "image-not-found": image("failed to resolve reference: not found"),
    "image-auth": image("failed to authorize: failed to fetch anonymous token: 401 Unauthorized"),
    "image-registry-unavailable": image("dial tcp: lookup registry.example on 10.96.0.10:53: i/o timeout"),
    "config-object-missing": config_object,
    "container-exit-error": failing("crashloop"),
    "container-exit-zero": failing("exit-zero"),
    "container-command-invalid": failing("command-not-found"),
    "container-oom-killed": failing("oomkilled"),
    "liveness-probe-kill": failing("liveness-kill"),
    "init-container-failed": init_container,
    "unschedulable-node-selector": template(nodeSelector={"disk": "nvme"}),
    "unschedulable-request-too-large": too_large,
    "scheduling-gated": template(schedulingGates=[{"name": "example.com/quota"}]),
    "pvc-missing": template("PersistentVolumeClaim", "uploads", **claim_volume("uploads")),
    "pvc-storageclass-missing": storage_class,
    "quota-exceeded": quota,
    "limitrange-violation": limit_range,
    "pod-security-violation": pod_security,
    "serviceaccount-missing": template("ServiceAccount", "uploader", serviceAccountName="uploader"),
    "priorityclass-missing": template("PriorityClass", "business-critical", priorityClassName="business-critical"),
    "runtimeclass-missing": template("RuntimeClass", "gvisor", runtimeClassName="gvisor"),
    "webhook-unavailable": webhook,
    "service-selector-mismatch": service_selector,
    "service-port-mismatch": service_port,
    "service-missing": ingress_backend,
    "hpa-target-missing": autoscaler,
    "certificate-expired": expired_certificate,
    "apiservice-unavailable": aggregated_api,
    "node-kubelet-silent": node("silent"),
    "cni-plugin-failed": node("not-ready"),
}
# Classes whose fault is a node's.
ON_NODES = {"node-kubelet-silent", "cni-plugin-failed"}

if __name__ == "__main__":
    chance = random.Random(int(sys.argv[3]))
    classes = sys.argv[5].split(",") if len(sys.argv) > 5 else chance.sample(sorted(FAULTS), int(sys.argv[4]))
    deployments = json.loads(kubectl("get", "deployments", "-A", "-o", "json"))["items"]
    namespaces = sorted({item["metadata"]["namespace"] for item in deployments})
    nodes = sorted(line.split("/")[1] for line in kubectl("get", "nodes", "-o", "name").split())
    placed = []
    for name, namespace, silent in zip(classes, chance.sample(namespaces, len(classes)), chance.sample(nodes, len(classes))):
        app = chance.choice(sorted(item["metadata"]["name"] for item in deployments if item["metadata"]["namespace"] == namespace))
        at = Place(namespace, silent if name in ON_NODES else app)
        placed.append({"class": name, "object": FAULTS[name](at)})
    print(json.dumps(placed))
