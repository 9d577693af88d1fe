#!/usr/bin/env python3
"""Prints simulated nodes: nodes.py COUNT [PREFIX], spread over three zones, 8 CPUs and 32 GiB each."""
import json
import sys

count, prefix = int(sys.argv[1]), (sys.argv[2] if len(sys.argv) > 2 else "node")
SIZE = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}
items = []
for number in range(count):
    name = f"{prefix}-{number:04d}"
    items.append({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "rig.test/fake": "true", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64", "topology.kubernetes.io/zone": f"zone-{'abc'[number % 3]}",
                "topology.kubernetes.io/region": "region-1", "node-role.kubernetes.io/worker": "",
            },
            "annotations": {"metrics.k8s.io/resource-metrics-path": f"/metrics/nodes/{name}/metrics/resource"},
        },
        "spec": {"providerID": f"kwok://{name}"},
        "status": {
            "allocatable": SIZE, "capacity": SIZE,
            # A bare number would be rendered as one, and the node would stay Unknown for ever.
            "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "kubeletVersion": "v1.36.4",
                         "kernelVersion": "6.1.0-18-amd64", "osImage": "Debian GNU/Linux 12 (bookworm)",
                         "containerRuntimeVersion": "containerd://1.7.20", "bootID": "", "machineID": "", "systemUUID": "",
                         "kubeProxyVersion": ""},
        },
    })
print(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
