#!/usr/bin/env python3
"""Lays the definitions of kinds that others bring, one file for each set of kinds.txt: kinds.py GO DIR

They come from the Go modules that hold them, at fixed versions and with fixed sums; nothing of these is built.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

LIST = pathlib.Path(__file__).with_name("kinds.txt")


def archive_of(go, module, version, total):
    """The module's zip. Go says an error too when it is too old to build the module, which is not asked of it."""
    with tempfile.TemporaryDirectory() as nowhere:
        command = [go, "mod", "download", "-json", f"{module}@{version}"]
        environment = os.environ | {"GOFLAGS": "-mod=mod"}
        done = subprocess.run(command, cwd=nowhere, env=environment, capture_output=True, text=True)
    said = json.loads(done.stdout or "{}")
    if not said.get("Zip"):
        sys.exit(f"kinds.py: {module}@{version}: {said.get('Error') or done.stderr}")
    if said.get("Sum") != total:
        sys.exit(f"kinds.py: {module}@{version} has the sum {said.get('Sum')}, and not {total}")
    return zipfile.ZipFile(said["Zip"])


def main(go, directory):
    sets = {}
    for line in LIST.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, module, version, total, *files = line.split()
        with archive_of(go, module, version, total) as archive:
            texts = [archive.read(f"{module}@{version}/{file}").decode() for file in files]
        sets.setdefault(name, []).extend(texts)
    directory.mkdir(parents=True, exist_ok=True)
    for name, texts in sets.items():
        (directory / f"{name}.yaml").write_text("\n---\n".join(texts))


main(sys.argv[1], pathlib.Path(sys.argv[2]))
