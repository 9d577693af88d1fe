#!/usr/bin/env python3
"""Reads a daily-check report (-o json) of the demo from stdin and says which of the demo's promises it keeps."""
import json
import os
import sys

SYSTEMS = {
    "GraphMemory-IDE": ["graphmemory-prod"],
    "Kubilitics": ["kubilitics", "database"],
    "LeanVibe": ["leanvibe-production", "leanvibe-monitoring", "tenant-enterprise-001"],
    "QuizMentor": ["quizmentor-prod", "quizmentor-staging", "monitoring"],
}
report = json.load(sys.stdin)
findings = {finding["id"]: finding for finding in report["findings"]}


def namespaces(finding):
    return {object_.get("namespace") for object_ in [finding["object"], *finding["showsOn"]]}


def pods(finding, met):
    if finding["id"] in met:
        return set()
    met.add(finding["id"])
    own = {(o.get("namespace"), o["name"]) for o in [finding["object"], *finding["showsOn"]] if o["kind"] == "Pod"}
    return own.union(*(pods(findings[other], met) for other in finding["explains"] if other in findings))


known = [finding for finding in findings.values() if finding["severity"] != "unknown"]
fired = {finding["check"] for finding in known}
widest = max(known, key=lambda finding: len(pods(finding, set())), default=None)
forbidden = [read["what"] for read in report["coverage"]["reads"] if read["state"] == "forbidden"]
due = [f"{f['object'].get('namespace')}/{f['object']['name']}" for f in known if f["section"] == "certificates"]
size = os.path.getsize(sys.argv[1])
promises = [(f"{name} has a finding", any(namespaces(f) & set(own) for f in known if not f["causedBy"])) for name, own in SYSTEMS.items()]
promises += [
    (f"at least 8 checks fire: {len(fired)}", len(fired) >= 8),
    (f"one cause explains at least 10 pods: {len(pods(widest, set()))}, {widest['title']}" if widest else "one cause explains at least 10 pods",
     widest is not None and len(pods(widest, set())) >= 10),
    ("a node is silent", any(finding["class"] == "node-kubelet-silent" for finding in known)),
    (f"one kind is forbidden: {', '.join(forbidden)}", len(forbidden) == 1),
    (f"one certificate is due: {', '.join(due)}", len(due) == 1),
    (f"under 300 KB: {size // 1024} KB, {report['coverage']['objects']} objects", size < 300 * 1024),
]
for text, kept in promises:
    print("kept  " if kept else "BROKEN", text)
sys.exit(0 if all(kept for _, kept in promises) else 1)
