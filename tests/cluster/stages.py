#!/usr/bin/env python3
"""Prints the kwok Stages of the test control plane: how simulated pods and nodes fail.

A pod with the label `rig.test/mode: MODE` gets the state of that mode instead of becoming ready. Messages come from the
annotation `rig.test/message`. Modes: see MODES; a pod with another mode, `by-hand`, is left alone, and has the status
that the steps of a fault write. A node with the label `rig.test/node: not-ready|silent|memory-pressure|
disk-pressure|network-unavailable` loses that condition; `silent` nodes stop sending heartbeats, so that the real
controller manager finds them Unknown.
"""
import json

NOW = "{{ $now | Quote }}"
MESSAGE = '{{ index ( or .metadata.annotations dict ) "rig.test/message" | default "DEFAULT" | Quote }}'


def message(default):
    return MESSAGE.replace("DEFAULT", default.replace('"', '\\"'))


def container(state, ready="false", restarts="0", last=None, started="false"):
    lines = [
        "- name: {{ .name | Quote }}",
        "  image: {{ .image | Quote }}",
        '  imageID: ""',
        f"  ready: {ready}",
        f"  started: {started}",
        f"  restartCount: {restarts}",
        f"  state: {state}",
    ]
    if last:
        lines.append(f"  lastState: {last}")
    return lines


def waiting(reason, text):
    return f"{{waiting: {{reason: {reason}, message: {text}}}}}"


def terminated(reason, code, started=NOW):
    return f"{{terminated: {{reason: {reason}, exitCode: {code}, startedAt: {started}, finishedAt: {NOW}}}}}"


RUNNING = f"{{running: {{startedAt: {NOW}}}}}"
BACK_OFF = ("BackOff", "Back-off restarting failed container")

# mode: phase, container lines, options {event, grow, init}
MODES = {
    "crashloop": ("Running", container(waiting("CrashLoopBackOff", message("back-off 10s restarting failed container")),
                                       restarts="1", last=terminated("Error", 1)), {"event": BACK_OFF, "grow": 0}),
    "crashloop-terminated": ("Running", container(terminated("Error", 1), restarts="1", last=terminated("Error", 1)),
                             {"event": BACK_OFF, "grow": 0}),
    "exit-zero": ("Running", container(waiting("CrashLoopBackOff", message("back-off 10s restarting failed container")),
                                       restarts="1", last=terminated("Completed", 0)), {"event": BACK_OFF, "grow": 0}),
    "command-not-found": ("Running", container(waiting("CrashLoopBackOff", message("back-off 10s restarting failed container")),
                                               restarts="1", last=terminated("Error", 127)), {"event": BACK_OFF, "grow": 0}),
    "oomkilled": ("Running", container(waiting("CrashLoopBackOff", message("back-off 10s restarting failed container")),
                                       restarts="1", last=terminated("OOMKilled", 137)), {"event": BACK_OFF, "grow": 0}),
    "oomkilled-recovered": ("Running", container(RUNNING, ready="true", restarts="1", last=terminated("OOMKilled", 137),
                                                 started="true"), {"ready": True}),
    "liveness-kill": ("Running", container(RUNNING, restarts="2", last=terminated("Error", 137), started="true"),
                      {"event": ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503"),
                       "then": ("Killing", "Container app failed liveness probe, will be restarted")}),
    "imagepull": ("Pending", container(waiting("ImagePullBackOff", message("Back-off pulling image"))),
                  {"event": ("Failed", "Error: ImagePullBackOff")}),
    "errimagepull": ("Pending", container(waiting("ErrImagePull", message("failed to pull image"))),
                     {"event": ("Failed", "Error: ErrImagePull")}),
    "invalidimage": ("Pending", container(waiting("InvalidImageName", message("Failed to apply default image tag: couldn't parse image name: invalid reference format"))), {}),
    "neverpull": ("Pending", container(waiting("ErrImageNeverPull", message("Container image is not present with pull policy of Never"))), {}),
    "registry-unavailable": ("Pending", container(waiting("RegistryUnavailable", message("image pull failed, registry is unavailable"))), {}),
    "configerror": ("Pending", container(waiting("CreateContainerConfigError", message("configmap not found"))),
                    {"event": ("Failed", "Error: CreateContainerConfigError")}),
    "createerror": ("Pending", container(waiting("CreateContainerError", message("context deadline exceeded"))), {}),
    "runerror": ("Running", container(waiting("RunContainerError", message('exec: "/bin/missing": stat /bin/missing: no such file or directory')),
                                      restarts="1", last=terminated("StartError", 128)), {}),
    "poststart": ("Running", container(waiting("PostStartHookError", message("Exec lifecycle hook failed")), restarts="1"),
                  {"event": ("FailedPostStartHook", "PostStartHook failed")}),
    "containercreating": ("Pending", container(waiting("ContainerCreating", '""')),
                          {"event": ("FailedMount", "MountVolume.SetUp failed for volume")}),
    "starting": ("Pending", container(waiting("ContainerCreating", '""')), {}),
    "sandbox": ("Pending", container(waiting("ContainerCreating", '""')),
                {"event": ("FailedCreatePodSandBox", "Failed to create pod sandbox: plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized")}),
    "notready": ("Running", container(RUNNING, started="true"),
                 {"event": ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")}),
    "init-crashloop": ("Pending", container(waiting("PodInitializing", '""')),
                       {"init": container(waiting("CrashLoopBackOff", message("back-off 10s restarting failed container")),
                                          restarts="3", last=terminated("Error", 1)), "event": BACK_OFF}),
    "init-hanging": ("Pending", container(waiting("PodInitializing", '""')), {"init": container(RUNNING)}),
    "evicted": ("Failed", [], {"reason": "Evicted"}),
}

HEAD = """{{ $now := Now }}
phase: PHASE
startTime: {{ $now | Quote }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:
- {type: PodScheduled, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Initialized, status: "INITIALIZED", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "READY", REASONlastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "READY", REASONlastTransitionTime: {{ $now | Quote }}}
"""


def template(phase, lines, options):
    ready = options.get("ready", False)
    text = HEAD.replace("PHASE", phase).replace("READY", "True" if ready else "False")
    text = text.replace("REASON", "" if ready else "reason: ContainersNotReady, ")
    text = text.replace("INITIALIZED", "False" if "init" in options else "True")
    if options.get("reason"):
        text += f"reason: {options['reason']}\nmessage: {message('The node was low on resource: ephemeral-storage.')}\n"
    if lines:
        text += "containerStatuses:\n{{ $annotations := .metadata.annotations }}{{ range .spec.containers }}\n" + "\n".join(lines) + "\n{{ end }}\n"
    if "init" in options:
        text += "initContainerStatuses:\n{{ range .spec.initContainers }}\n" + "\n".join(options["init"]) + "\n{{ end }}\n"
    return text.replace("( or .metadata.annotations dict )", "( or $annotations dict )") if lines or "init" in options else text


def stage(name, kind, selector, weight, following, delay=None):
    spec = {"resourceRef": {"apiGroup": "v1", "kind": kind}, "selector": selector, "weight": weight, "next": following}
    if delay:
        spec["delay"] = {"durationMilliseconds": delay}
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def expression(key, operator, *values):
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def event(reason, text):
    return {"type": "Warning", "reason": reason, "message": text}


def pod_stages():
    alive = expression(".metadata.deletionTimestamp", "DoesNotExist")
    for mode, (phase, lines, options) in MODES.items():
        labels = {"rig.test/mode": mode}
        following = {"statusTemplate": template(phase, lines, options)}
        if "event" in options:
            following["event"] = event(*options["event"])
        first = {"matchLabels": labels, "matchExpressions": [alive, expression(".status.startTime", "DoesNotExist")]}
        yield stage(f"rig-{mode}", "Pod", first, 1000, following)
        again = {"matchLabels": labels, "matchExpressions": [alive, expression(".status.startTime", "Exists")]}
        if "grow" in options:
            count = "{{ add 1 ( index .status.containerStatuses 0 ).restartCount }}"
            grown = [line.replace("restartCount: 1", f"restartCount: {{{{ $restarts }}}}") for line in lines]
            text = template(phase, grown, options).replace(
                "{{ $now := Now }}", "{{ $now := Now }}\n{{ $restarts := " + count.strip("{} ") + " }}", 1)
            yield stage(f"rig-{mode}-again", "Pod", again, 1000,
                        {"statusTemplate": text, "event": event(*options["event"])}, delay=20000)
        elif "then" in options:
            once = {"matchLabels": labels, "matchExpressions": [alive, expression(".status.startTime", "Exists")]}
            yield stage(f"rig-{mode}-then", "Pod", once, 1000, {"event": event(*options["then"])}, delay=5000)
    stuck = {"matchLabels": {"rig.test/mode": "stuck-terminating"},
             "matchExpressions": [expression(".metadata.deletionTimestamp", "Exists")]}
    yield stage("rig-stuck-terminating", "Pod", stuck, 1000, {"delete": True}, delay=3600000)


CONDITIONS = {
    "not-ready": ("Ready", "False", "KubeletNotReady", "container runtime network not ready: NetworkReady=false"),
    "memory-pressure": ("MemoryPressure", "True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
    "disk-pressure": ("DiskPressure", "True", "KubeletHasDiskPressure", "kubelet has disk pressure"),
    "network-unavailable": ("NetworkUnavailable", "True", "NoRouteCreated", "Node created without a route"),
}


def node_stages():
    for mode, (kind, status, reason, text) in CONDITIONS.items():
        ready = "" if kind == "Ready" else (
            f'\n- {{type: Ready, status: "True", reason: KubeletReady, message: kubelet is posting ready status, '
            f'lastHeartbeatTime: {NOW}, lastTransitionTime: {NOW}}}')
        body = (f'{{{{ $now := Now }}}}\nconditions:\n- {{type: {kind}, status: "{status}", reason: {reason}, '
                f'message: {json.dumps(text)}, lastHeartbeatTime: {NOW}, lastTransitionTime: {NOW}}}{ready}\n')
        selector = {"matchLabels": {"rig.test/node": mode}, "matchExpressions": [
            expression(f'.status.conditions.[] | select( .type == "{kind}" ) | .status', "NotIn", status)]}
        yield stage(f"rig-node-{mode}", "Node", selector, 1000, {"statusTemplate": body})


for document in [*pod_stages(), *node_stages()]:
    print("---")
    print(json.dumps(document, indent=1))
