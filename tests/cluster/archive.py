#!/usr/bin/env python3
"""Writes an archive of a large cluster that never ran: archive.py TARGET.tar.zst NODES DEPLOYMENTS PODS-EACH

What `fill.py` makes and real controllers add to it, as an API server would list it, the same bytes each time: for each
Deployment two ReplicaSets, its pods with their events and usage, ConfigMap, Secret, Service, EndpointSlice, for some a
PodDisruptionBudget, an autoscaler, an Ingress, a CronJob with Jobs, a NetworkPolicy, a StatefulSet with claims and
volumes; for each node its Lease, CSINode and usage, and a pod of a DaemonSet. Not all is well: of forty Deployments one
crashes and one cannot pull its image, and of five hundred nodes one is silent.
"""
import hashlib
import json
import re
import subprocess
import sys
import tarfile

NAMESPACES, STATEFUL, REPLICAS = 200, 10, 5
CREATED, STARTED, TAKEN = "2026-01-04T06:00:00Z", "2026-01-04T06:00:07Z", "2026-01-05T07:00:00Z"
SILENT_SINCE, LAST_BEAT, RENEWED = "2026-01-05T06:58:30Z", "2026-01-05T06:57:45Z", "2026-01-05T06:59:55.000000Z"

# Every built-in kind, so that those of which there is none count as looked at.
PLURALS = {
    "v1": "Namespace Node Pod Event Service ConfigMap Secret ServiceAccount ResourceQuota LimitRange "
          "PersistentVolumeClaim PersistentVolume",
    "apps/v1": "Deployment ReplicaSet StatefulSet DaemonSet",
    "batch/v1": "Job CronJob",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "policy/v1": "PodDisruptionBudget",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress=ingresses IngressClass=ingressclasses NetworkPolicy=networkpolicies",
    "storage.k8s.io/v1": "StorageClass=storageclasses VolumeAttachment CSINode CSIDriver",
    "coordination.k8s.io/v1": "Lease",
    "scheduling.k8s.io/v1": "PriorityClass=priorityclasses",
    "node.k8s.io/v1": "RuntimeClass=runtimeclasses",
    "admissionregistration.k8s.io/v1": "ValidatingWebhookConfiguration MutatingWebhookConfiguration "
                                       "ValidatingAdmissionPolicy=validatingadmissionpolicies ValidatingAdmissionPolicyBinding",
    "apiregistration.k8s.io/v1": "APIService",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "rbac.authorization.k8s.io/v1": "Role ClusterRole RoleBinding ClusterRoleBinding",
    "metrics.k8s.io/v1beta1": "NodeMetrics=nodes PodMetrics=pods",
}
KINDS = {}
for version, words in PLURALS.items():
    for word in words.split():
        kind, _, plural = word.partition("=")
        KINDS[kind] = (version, plural or f"{kind.lower()}s")


class Archive:
    """A tar that zstd packs, with the digest of all of it at its end."""

    def __init__(self, target):
        self.packed = open(target, "w+b")
        self.zstd = subprocess.Popen(["zstd", "-q", "-3", "--check"], stdin=subprocess.PIPE, stdout=self.packed)
        self.entries, self.counts = {}, dict.fromkeys(KINDS, 0)

    def file(self, name, text):
        body = text.encode()
        header = tarfile.TarInfo(name)
        header.size, header.mode = len(body), 0o644
        self.zstd.stdin.write(header.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512))
        self.entries[name] = hashlib.sha256(body).hexdigest()

    def object(self, kind, name, namespace="", labels=None, owner=None, more=None, **fields):
        version, plural = KINDS[kind]
        metadata = {"creationTimestamp": CREATED, "name": name, "resourceVersion": "4711", "uid": uid(kind, namespace, name)}
        metadata.update({"namespace": namespace} if namespace else {})
        metadata.update({"labels": labels} if labels else {})
        metadata.update({"ownerReferences": [owner]} if owner else {})
        metadata.update(more or {})
        made = {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}
        path = f"objects/{version.replace('/', '_')}/{plural}/{namespace or '_cluster'}/{name}.json"
        self.file(path, json.dumps(made, separators=(",", ":")))
        self.counts[kind] += 1

    def finish(self):
        for path in ("readyz", "livez"):
            self.file(f"{path}.txt", f"[+]ping ok\n[+]etcd ok\n{path} check passed\n")
        rows = [{"detail": "", "objects": count, "state": "read", "what": kind} for kind, count in self.counts.items()]
        rows += [{"detail": "", "objects": 0, "state": "read", "what": path} for path in ("/readyz", "/livez")]
        self.file("coverage.json", json.dumps(rows))
        manifest = {
            "format": 1, "tool": "kubectl-sre", "toolVersion": "0.1.0", "context": "generated", "server": None,
            "serverVersion": "v1.36.4", "user": "viewer", "clusterUid": uid("Namespace", "", "kube-system"), "namespace": None,
            "takenAt": TAKEN, "start": TAKEN, "end": TAKEN, "counts": {k: n for k, n in sorted(self.counts.items()) if n},
            "warnings": [], "entries": dict(sorted(self.entries.items())),
        }
        self.entries = {}
        self.file("manifest.json", json.dumps(manifest, indent=1))
        self.zstd.stdin.write(bytes(1024))
        self.zstd.stdin.close()
        if self.zstd.wait() != 0:
            sys.exit("zstd failed")
        # A frame that zstd skips: its head, its length, the digest of all before it.
        digest = hashlib.sha256()
        self.packed.seek(0)
        while block := self.packed.read(1 << 20):
            digest.update(block)
        self.packed.write(b"\x50\x2a\x4d\x18" + (32).to_bytes(4, "little") + digest.digest())
        self.packed.close()


def uid(*words):
    text = hashlib.md5("/".join(words).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def suffix(number, *words):
    """Letters as the API server adds them to a name: different for each number below 10,000."""
    counted = f"{number:04d}".translate(str.maketrans("0123456789", "bcdfghjklm"))
    return hashlib.md5("/".join(words).encode()).hexdigest()[0] + counted


def owner(kind, namespace, name):
    return {"apiVersion": KINDS[kind][0], "kind": kind, "name": name, "uid": uid(kind, namespace, name),
            "controller": True, "blockOwnerDeletion": True}


def condition(kind, status="True", **more):
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": STARTED, **more}


def node_name(number):
    return f"node-{number:05d}"


def zone(node):
    return f"zone-{'abc'[node % 3]}"


def is_silent(node):
    return node % 500 == 250


def containers(app, role="web"):
    return [{
        "name": role, "image": f"registry.example/{app}:1.4.2",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "envFrom": [{"configMapRef": {"name": app}}],
        "env": [{"name": "MODE", "value": "production"},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": app, "key": "password"}}}],
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
                          "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
                           "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app"}],
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
    }]


def pod_spec(app, policy="Always"):
    return {
        "volumes": [{"name": "config", "configMap": {"name": app, "defaultMode": 420}}], "containers": containers(app),
        "restartPolicy": policy, "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "securityContext": {},
        "schedulerName": "default-scheduler",
        "topologySpreadConstraints": [{"maxSkew": 5, "topologyKey": "topology.kubernetes.io/zone",
                                       "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {"app": app}}}],
    }


def template(app):
    return {"metadata": {"labels": {"app": app, "role": "web", "version": "v1"},
                         "annotations": {"prometheus.io/scrape": "true"}}, "spec": pod_spec(app)}


TOKEN = {"projected": {"defaultMode": 420, "sources": [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}
TOLERATIONS = [{"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
               for key in ("not-ready", "unreachable")]


def container_status(spec, illness, number):
    name, image = spec["name"], spec["image"]
    told = {"name": name, "image": image, "imageID": "", "lastState": {}, "restartCount": 0, "ready": False, "started": False}
    if illness == "crashes":
        end = {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-05T06:54:00Z", "finishedAt": "2026-01-05T06:54:02Z"}
        wait = {"reason": "CrashLoopBackOff", "message": f"back-off 5m0s restarting failed container={name}"}
        return {**told, "restartCount": 12 + number % 5, "state": {"waiting": wait}, "lastState": {"terminated": end}}
    if illness == "image":
        wait = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}": ErrImagePull: rpc error: code = '
                f'NotFound desc = failed to pull and unpack image "{image}": failed to resolve reference: {image}: not found'}
        return {**told, "state": {"waiting": wait}}
    return {**told, "ready": True, "started": True, "imageID": f"{image}@sha256:{hashlib.sha256(image.encode()).hexdigest()}",
            "state": {"running": {"startedAt": STARTED}}}


def address(number):
    return f"10.{(number >> 16) + 100}.{number >> 8 & 255}.{number & 255}"


class Cluster:
    """The objects, one after the other."""

    def __init__(self, archive, nodes):
        self.archive, self.nodes, self.pods = archive, nodes, 0

    def pod(self, name, namespace, labels, controller, spec, node, illness=None, usage=True):
        """A pod with its event and its usage; gives what an EndpointSlice says of it."""
        self.pods += 1
        number, ill = self.pods, illness is not None
        silent = is_silent(node)
        ready = condition("Ready", "False", lastTransitionTime=SILENT_SINCE) if silent else \
            condition("Ready", "False", reason="ContainersNotReady") if ill else condition("Ready")
        status = {
            "phase": "Pending" if illness == "image" else "Running", "startTime": STARTED, "hostIP": address(node),
            "hostIPs": [{"ip": address(node)}], "podIP": address(number + 65536), "podIPs": [{"ip": address(number + 65536)}],
            "conditions": [condition("Initialized"), ready, condition("ContainersReady", "False" if ill else "True"),
                           condition("PodScheduled")],
            "containerStatuses": [container_status(one, illness, number) for one in spec["containers"]], "qosClass": "Burstable",
        }
        token = f"kube-api-access-{uid(name)[:5]}"
        mount = {"name": token, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
        full = {**spec, "volumes": [*spec["volumes"], {"name": token, **TOKEN}], "nodeName": node_name(node), "serviceAccountName": "default",
                "serviceAccount": "default", "tolerations": TOLERATIONS, "priority": 0, "enableServiceLinks": True,
                "preemptionPolicy": "PreemptLowerPriority",
                "containers": [{**one, "volumeMounts": [*one["volumeMounts"], mount]} for one in spec["containers"]]}
        self.archive.object("Pod", name, namespace, labels, controller, {"generateName": f"{controller['name']}-"},
                            spec=full, status=status)
        self.event(name, namespace, "Normal", "Scheduled", f"Successfully assigned {namespace}/{name} to {node_name(node)}", CREATED)
        if illness == "crashes":
            self.event(name, namespace, "Warning", "BackOff", "Back-off restarting failed container", "2026-01-05T06:59:10Z", 300)
        if illness == "image":
            self.event(name, namespace, "Warning", "Failed", "Error: ImagePullBackOff", "2026-01-05T06:59:40Z", 280)
        if usage and not ill and not silent:
            self.archive.object("PodMetrics", name, namespace, labels, timestamp="2026-01-05T06:59:50Z", window="15.1s", containers=[
                {"name": one["name"], "usage": {"cpu": "60123456n", "memory": "102400Ki"}} for one in spec["containers"]])
        return {"addresses": [address(number + 65536)], "nodeName": node_name(node), "zone": zone(node),
                "conditions": {"ready": not ill and not silent, "serving": not ill and not silent, "terminating": False},
                "targetRef": {"kind": "Pod", "namespace": namespace, "name": name, "uid": uid("Pod", namespace, name)}}

    def event(self, name, namespace, kind, reason, message, last, count=1):
        by = "default-scheduler" if reason == "Scheduled" else "kubelet"
        self.archive.object(
            "Event", f"{name}.{uid('Event', namespace, name, reason)[:8]}", namespace, message=message, reason=reason, type=kind,
            involvedObject={"apiVersion": "v1", "kind": "Pod", "name": name, "namespace": namespace, "uid": uid("Pod", namespace, name)},
            firstTimestamp=CREATED, lastTimestamp=last, count=count, eventTime=None, source={"component": by},
            reportingComponent=by, reportingInstance="")

    def place(self):
        """The next node, in turn."""
        return self.pods % self.nodes

    def application(self, number, each):
        namespace, app = f"fill-{number % NAMESPACES:03d}", f"app-{number:04d}"
        illness = {7: "crashes", 23: "image"}.get(number % 40)
        labels = {"app": app, "team": f"team-{number % 10}"}
        add = self.archive.object
        add("ConfigMap", app, namespace, labels, data={"config.yaml": "level: info\n" * 20, "MODE": "production"})
        add("Secret", app, namespace, labels, type="Opaque", sealed={
            "certificates": [], "keys": [{"name": "password", "size": 16}], "problems": [], "type": "Opaque"})
        deaf = sum(is_silent((self.pods + index) % self.nodes) for index in range(each))
        ready = 0 if illness else each - deaf
        replicas = {"replicas": each, "readyReplicas": ready, "availableReplicas": ready}
        lost = {} if ready == each else {"unavailableReplicas": each - ready}
        available = condition("Available", "False" if illness else "True", reason="MinimumReplicasUnavailable" if illness else
                              "MinimumReplicasAvailable", lastUpdateTime=STARTED)
        selector = {"matchLabels": {"app": app}}
        add("Deployment", app, namespace, labels, more={"generation": 2, "annotations": {"deployment.kubernetes.io/revision": "2"}},
            spec={"replicas": each, "selector": selector, "template": template(app), "strategy": {
                "type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}, "revisionHistoryLimit": 5,
                "progressDeadlineSeconds": 600},
            status={"observedGeneration": 2, "updatedReplicas": each, "conditions": [available], **replicas, **lost})
        for revision in (1, 2):
            count = each if revision == 2 else 0
            numbers = replicas if revision == 2 else {"replicas": 0}
            add("ReplicaSet", self.replica_set(app, revision), namespace, labels, owner("Deployment", namespace, app),
                {"generation": 1, "annotations": {"deployment.kubernetes.io/revision": str(revision)}},
                spec={"replicas": count, "selector": selector, "template": template(app)},
                status={"fullyLabeledReplicas": count, "observedGeneration": 1, **numbers})
        controller = owner("ReplicaSet", namespace, self.replica_set(app, 2))
        own = {"app": app, "pod-template-hash": controller["name"].rsplit("-", 1)[1], "role": "web", "version": "v1"}
        spec = pod_spec(app)
        endpoints = [self.pod(f"{controller['name']}-{suffix(index, app)}", namespace, own, controller, spec, self.place(), illness)
                     for index in range(each)]
        self.service(app, namespace, labels, selector["matchLabels"], endpoints)
        if number % 4 == 0:
            add("PodDisruptionBudget", app, namespace, labels, more={"generation": 1},
                spec={"maxUnavailable": "20%", "selector": selector},
                status={"observedGeneration": 1, "disruptionsAllowed": max(0, each // 5 - (each - ready)), "currentHealthy": ready,
                        "desiredHealthy": each - each // 5, "expectedPods": each})
        if number % 8 == 0:
            self.scaled_and_reached(app, namespace, labels, each)
        if number % STATEFUL == 0:
            self.stateful(f"db-{number:04d}", app, namespace, labels)
            self.nightly(app, namespace, labels)
            add("NetworkPolicy", app, namespace, labels, spec={
                "podSelector": selector, "policyTypes": ["Ingress"], "ingress": [{}]})

    def replica_set(self, app, revision):
        return f"{app}-{uid(app, str(revision))[:8]}"

    def service(self, name, namespace, labels, selector, endpoints, headless=False):
        self.archive.object("Service", name, namespace, labels, spec={
            "selector": selector, "type": "ClusterIP", "clusterIP": "None" if headless else f"10.96.{self.pods >> 8 & 255}.{self.pods & 255}",
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "http"}], "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}, status={"loadBalancer": {}})
        for part in range(0, len(endpoints), 100):
            self.archive.object(
                "EndpointSlice", f"{name}-{suffix(part, name)}", namespace,
                {**labels, "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
                owner("Service", namespace, name), {"generateName": f"{name}-"}, addressType="IPv4", endpoints=endpoints[part:part + 100],
                ports=[{"name": "http", "protocol": "TCP", "port": 8080}])

    def scaled_and_reached(self, app, namespace, labels, each):
        metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
        current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 60, "averageValue": "60m"}}}
        self.archive.object(
            "HorizontalPodAutoscaler", app, namespace, labels,
            spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": app}, "minReplicas": each,
                  "maxReplicas": each + 10, "metrics": [metric]},
            status={"currentReplicas": each, "desiredReplicas": each, "currentMetrics": [current],
                    "conditions": [condition("AbleToScale", reason="ReadyForNewScale"), condition("ScalingActive", reason="ValidMetricFound"),
                                   condition("ScalingLimited", "False", reason="DesiredWithinRange")]})
        backend = {"service": {"name": app, "port": {"name": "http"}}}
        self.archive.object(
            "Ingress", app, namespace, labels, status={"loadBalancer": {"ingress": [{"hostname": "balancer.example"}]}},
            spec={"ingressClassName": "fill", "rules": [
                {"host": f"{app}.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]})

    def stateful(self, name, app, namespace, labels):
        labels = {**labels, "app": name}
        claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fill", "resources": {"requests": {"storage": "10Gi"}}}
        made = template(app)
        made["metadata"]["labels"]["app"] = name
        spec = made["spec"]
        spec["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]["app"] = name
        self.archive.object(
            "StatefulSet", name, namespace, labels, more={"generation": 1},
            spec={"replicas": REPLICAS, "serviceName": name, "selector": {"matchLabels": {"app": name}}, "template": made,
                  "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate"},
                  "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}]},
            status={"observedGeneration": 1, "replicas": REPLICAS, "readyReplicas": REPLICAS, "currentReplicas": REPLICAS,
                    "updatedReplicas": REPLICAS, "availableReplicas": REPLICAS, "currentRevision": f"{name}-1", "updateRevision": f"{name}-1"})
        endpoints = []
        for index in range(REPLICAS):
            pod, data = f"{name}-{index}", f"data-{name}-{index}"
            volume = f"pvc-{uid('PersistentVolumeClaim', namespace, data)}"
            size = {"storage": "10Gi"}
            self.archive.object("PersistentVolumeClaim", data, namespace, labels, spec={**claim, "volumeName": volume, "volumeMode": "Filesystem"},
                                status={"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": size})
            self.archive.object("PersistentVolume", volume, spec={
                "capacity": size, "accessModes": ["ReadWriteOnce"], "storageClassName": "fill", "persistentVolumeReclaimPolicy": "Delete",
                "volumeMode": "Filesystem", "csi": {"driver": "csi.example", "volumeHandle": volume},
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": data, "namespace": namespace,
                             "uid": uid("PersistentVolumeClaim", namespace, data)}}, status={"phase": "Bound"})
            mounted = {**spec, "volumes": [*spec["volumes"], {"name": "data", "persistentVolumeClaim": {"claimName": data}}],
                       "hostname": pod, "subdomain": name}
            own = {"app": name, "role": "web", "version": "v1", "statefulset.kubernetes.io/pod-name": pod, "controller-revision-hash": f"{name}-1",
                   "apps.kubernetes.io/pod-index": str(index)}
            node = self.place() if not is_silent(self.place()) else self.place() - 1
            endpoints.append(self.pod(pod, namespace, own, owner("StatefulSet", namespace, name), mounted, node))
            self.archive.object("VolumeAttachment", f"csi-{uid(volume)}", spec={
                "attacher": "csi.example", "nodeName": node_name(node), "source": {"persistentVolumeName": volume}}, status={"attached": True})
        self.service(name, namespace, labels, {"app": name}, endpoints, headless=True)

    def nightly(self, app, namespace, labels):
        job = {"template": {"metadata": {"labels": {"job": app}}, "spec": {**pod_spec(app, "Never"), "topologySpreadConstraints": []}}}
        self.archive.object(
            "CronJob", app, namespace, labels,
            spec={"schedule": "0 3 * * *", "concurrencyPolicy": "Allow", "suspend": False, "jobTemplate": {"spec": job},
                  "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1},
            status={"lastScheduleTime": "2026-01-05T03:00:00Z", "lastSuccessfulTime": "2026-01-05T03:01:00Z"})
        self.archive.object(
            "Job", f"{app}-29459700", namespace, labels, owner("CronJob", namespace, app),
            spec={"completions": 1, "parallelism": 1, "backoffLimit": 6, "suspend": False,
                  "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid("Job", namespace, app)}}, **job},
            status={"succeeded": 1, "ready": 0, "startTime": "2026-01-05T03:00:00Z", "completionTime": "2026-01-05T03:01:00Z",
                    "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]})

    def node(self, number):
        name, silent = node_name(number), is_silent(number)
        add = self.archive.object
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                  "topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": zone(number),
                  "node-role.kubernetes.io/worker": "", "node.kubernetes.io/instance-type": "fill.large"}
        told = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.", "lastTransitionTime": SILENT_SINCE,
                "lastHeartbeatTime": LAST_BEAT}
        beat = {"lastHeartbeatTime": LAST_BEAT}
        pressures = [condition(kind, "Unknown" if silent else "False", **(told if silent else {**beat, "reason": f"KubeletHas{good}"}))
                     for kind, good in (("MemoryPressure", "SufficientMemory"), ("DiskPressure", "NoDiskPressure"), ("PIDPressure", "SufficientPID"))]
        ready = condition("Ready", "Unknown", **told) if silent else condition(
            "Ready", reason="KubeletReady", message="kubelet is posting ready status", **beat)
        size = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}
        taints = [{"key": "node.kubernetes.io/unreachable", "effect": effect, "timeAdded": SILENT_SINCE} for effect in ("NoSchedule", "NoExecute")]
        add("Node", name, labels=labels, more={"annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
            spec={"podCIDR": f"10.{number >> 8}.{number & 255}.0/24", "podCIDRs": [f"10.{number >> 8}.{number & 255}.0/24"],
                  "providerID": f"fill://{name}", **({"taints": taints} if silent else {})},
            status={"capacity": size, "allocatable": size, "conditions": [*pressures, ready],
                    "addresses": [{"type": "InternalIP", "address": address(number)}, {"type": "Hostname", "address": name}],
                    "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                    "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": "v1.36.4",
                                 "kernelVersion": "6.1.0-18-amd64", "osImage": "Debian GNU/Linux 12 (bookworm)", "kubeProxyVersion": "v1.36.4",
                                 "containerRuntimeVersion": "containerd://1.7.20", "bootID": uid(name, "boot"), "machineID": uid(name),
                                 "systemUUID": uid(name, "system")}})
        add("Lease", name, "kube-node-lease", owner={"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid("Node", "", name)},
            spec={"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": "2026-01-05T06:57:45.000000Z" if silent else RENEWED})
        add("CSINode", name, spec={"drivers": [{"name": "csi.example", "nodeID": name, "allocatable": {"count": 25}, "topologyKeys": []}]})
        if not silent:
            add("NodeMetrics", name, labels=labels, timestamp="2026-01-05T06:59:50Z", window="15.1s", usage={"cpu": "2100m", "memory": "9437184Ki"})

    def every_node(self, name, namespace):
        """A DaemonSet with a pod on each node."""
        labels = {"app": name}
        made = template(name)
        made["metadata"]["labels"] = labels
        made["spec"]["topologySpreadConstraints"] = []
        deaf = sum(is_silent(node) for node in range(self.nodes))
        add = self.archive.object
        add("ConfigMap", name, namespace, labels, data={"MODE": "production"})
        add("Secret", name, namespace, labels, type="Opaque", sealed={
            "certificates": [], "keys": [{"name": "password", "size": 16}], "problems": [], "type": "Opaque"})
        add("DaemonSet", name, namespace, labels, more={"generation": 1},
            spec={"selector": {"matchLabels": labels}, "template": made, "updateStrategy": {
                "type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}, "revisionHistoryLimit": 10},
            status={"currentNumberScheduled": self.nodes, "numberMisscheduled": 0, "desiredNumberScheduled": self.nodes,
                    "numberReady": self.nodes - deaf, "observedGeneration": 1, "updatedNumberScheduled": self.nodes,
                    "numberAvailable": self.nodes - deaf, "numberUnavailable": deaf})
        for node in range(self.nodes):
            self.pod(f"{name}-{suffix(node, name)}", namespace, {**labels, "controller-revision-hash": f"{name}1"},
                     owner("DaemonSet", namespace, name), made["spec"], node)

    def surroundings(self):
        add = self.archive.object
        spaces = ["default", "kube-system", "kube-public", "kube-node-lease", *(f"fill-{number:03d}" for number in range(NAMESPACES))]
        for name in spaces:
            add("Namespace", name, labels={"kubernetes.io/metadata.name": name}, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})
            add("ServiceAccount", "default", name)
            add("ConfigMap", "kube-root-ca.crt", name, data={"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"})
        for name in ("kube-controller-manager", "kube-scheduler"):
            add("Lease", name, "kube-system", spec={"holderIdentity": f"{name}-0", "leaseDurationSeconds": 15, "acquireTime": RENEWED, "renewTime": RENEWED})
        add("IngressClass", "fill", spec={"controller": "fill.example/controller"})
        add("StorageClass", "fill", provisioner="csi.example", reclaimPolicy="Delete", volumeBindingMode="WaitForFirstConsumer",
            more={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}})
        add("CSIDriver", "csi.example", spec={"attachRequired": True, "podInfoOnMount": False, "volumeLifecycleModes": ["Persistent"]})
        for name, value in (("system-cluster-critical", 2000000000), ("system-node-critical", 2000001000)):
            add("PriorityClass", name, value=value, globalDefault=False)


def main():
    if len(sys.argv) != 5 or not all(re.fullmatch("[0-9]+", word) for word in sys.argv[2:]):
        sys.exit(__doc__.splitlines()[0])
    nodes, deployments, each = (int(word) for word in sys.argv[2:])
    archive = Archive(sys.argv[1])
    cluster = Cluster(archive, nodes)
    cluster.surroundings()
    for number in range(nodes):
        cluster.node(number)
    cluster.every_node("agent", "kube-system")
    for number in range(deployments):
        cluster.application(number, each)
    print(f"{cluster.pods} pods, {sum(archive.counts.values())} objects", file=sys.stderr)
    archive.finish()


main()
