#!/bin/bash
# Gives the real node an image that holds a program and the libraries that it loads, with a shell and more files where
# PATHs follow: image.sh DIR NAME PROGRAM [PATH ...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$1
# A name of its own: several tests give images at once.
archive=$(mktemp "$dir/node/image-XXXXXX.tar")
trap 'rm -f "$archive"' EXIT
python3 "$here/images.py" "$archive" "$2=$3" "${@:4}"
nsenter --target "$(cat "$dir/node/pid")" --mount ctr --namespace k8s.io images import "/run/rig/node/$(basename "$archive")" >/dev/null
