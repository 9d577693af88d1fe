#!/usr/bin/env python3
"""Writes an OCI archive with two images made of Debian's static busybox: images.py OUT [NAME=PROGRAM] [PATH ...]

localhost/busybox:1 has a shell and its tools; localhost/pause:1 is the same and sleeps, to hold the namespaces of pods. With NAME=PROGRAM it holds one image instead, of that program
in /bin and of the libraries that it loads. With PATHs too, that image has a shell and its tools besides, and these programs and folders where they are, with the libraries of the programs.
"""
import hashlib
import io
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
BUSYBOX = shutil.which("busybox")
MEDIA = "application/vnd.oci.image"
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnobody:x:65534:\n",
}


def entry(name, kind, mode=0o755):
    info = tarfile.TarInfo(name)
    info.type, info.mode = kind, mode
    return info


def add_file(archive, name, content, mode):
    info = entry(name, tarfile.REGTYPE, mode)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def layer():
    """The files of both images, as a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for folder, mode in [("bin", 0o755), ("etc", 0o755), ("root", 0o700), ("tmp", 0o1777), ("www", 0o755)]:
            archive.addfile(entry(folder, tarfile.DIRTYPE, mode))
        for name, text in FILES.items():
            add_file(archive, name, text.encode(), 0o644)
        with open(BUSYBOX, "rb") as program:
            add_file(archive, "bin/busybox", program.read(), 0o755)
        for applet in subprocess.check_output([BUSYBOX, "--list"], text=True).split():
            if applet != "busybox":
                link = entry(f"bin/{applet}", tarfile.SYMTYPE)
                link.linkname = "busybox"
                archive.addfile(link)
    return out.getvalue()


def libraries(path):
    """What the loader finds for a program."""
    lines = subprocess.check_output(["ldd", path], text=True).splitlines()
    return {word.lstrip("/"): word for line in lines for word in line.split() if word.startswith("/")}


def program_layer(path, paths):
    """A program and what the loader finds for it, and more of both, as a tar."""
    out = io.BytesIO()
    files = {f"bin/{pathlib.Path(path).name}": path, **libraries(path)}
    for more in map(pathlib.Path, paths):
        for file in [more] if more.is_file() else [file for file in more.rglob("*") if file.is_file()]:
            files[str(file).lstrip("/")] = file
        files.update(libraries(more) if more.is_file() else {})
    with tarfile.open(fileobj=out, mode="w") as archive:
        folders = {str(folder) for name in files for folder in pathlib.PurePath(name).parents} - {"."}
        for folder in sorted(folders):
            archive.addfile(entry(folder, tarfile.DIRTYPE))
        for name, source in files.items():
            add_file(archive, name, pathlib.Path(source).read_bytes(), 0o755)
    return out.getvalue()


class Layout:
    """An OCI image layout in a tar: blobs by their digests, and an index of images."""

    def __init__(self, path):
        self.archive = tarfile.open(path, "w")
        self.manifests = []

    def blob(self, kind, content):
        digest = hashlib.sha256(content).hexdigest()
        add_file(self.archive, f"blobs/sha256/{digest}", content, 0o644)
        return {"mediaType": f"{MEDIA}.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    def image(self, name, command, layers):
        config = {
            "architecture": ARCHITECTURE, "os": "linux", "config": {"Cmd": command, "Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
        }
        manifest = {
            "schemaVersion": 2, "mediaType": f"{MEDIA}.manifest.v1+json",
            "config": self.blob("config.v1+json", json.dumps(config).encode()), "layers": layers,
        }
        described = self.blob("manifest.v1+json", json.dumps(manifest).encode())
        described["annotations"] = {"io.containerd.image.name": name}
        self.manifests.append(described)

    def close(self):
        index = {"schemaVersion": 2, "manifests": self.manifests}
        add_file(self.archive, "index.json", json.dumps(index).encode(), 0o644)
        add_file(self.archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}', 0o644)
        self.archive.close()


layout = Layout(sys.argv[1])
if len(sys.argv) > 2:
    name, program = sys.argv[2].split("=", 1)
    layers = [layout.blob("layer.v1.tar", program_layer(program, sys.argv[3:]))]
    if len(sys.argv) > 3:
        layers.insert(0, layout.blob("layer.v1.tar", layer()))
    layout.image(name, [f"/bin/{pathlib.Path(program).name}"], layers)
else:
    files = [layout.blob("layer.v1.tar", layer())]
    layout.image("localhost/busybox:1", ["sh"], files)
    layout.image("localhost/pause:1", ["sleep", "infinity"], files)
layout.close()
