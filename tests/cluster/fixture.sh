#!/bin/bash
# A filled cluster that is made once and kept in SRE_RIG/fixtures: prints the folder for `rig.sh up DIR --from FOLDER`.
#   fixture.sh NAME NODES DEPLOYMENTS PODS-EACH
# 1,000 pods take about half a minute, 10,000 pods about ten minutes. What was made by other scripts is made again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}
made=$(cat "$here/fill.py" "$here/nodes.py" "$here/stages.py" | sha256sum | cut -c1-12)
kept=$rig/fixtures/$1-$made
if [ ! -d "$kept" ]; then
  work=$(mktemp -d)
  trap 'code=$?; [ ! -d "$work/fill" ] || "$here/rig.sh" down "$work/fill"; rm -rf "$work"; exit $code' EXIT
  echo "filling a cluster: $2 nodes, $(($3 * $4)) pods (once)" >&2
  # A busy machine must not make nodes look silent: simulated pods do not become ready again.
  "$here/rig.sh" up "$work/fill" --grace 10m >&2
  # Kubelets newer than an older server are a fault.
  server=$("$rig/bin/kube-apiserver" --version | sed 's/.* //')
  mkdir "$work/scripts"
  cp "$here/fill.py" "$work/scripts"
  sed "s/v1\.36\.4/$server/" "$here/nodes.py" >"$work/scripts/nodes.py"
  python3 "$work/scripts/fill.py" "$rig/bin/kubectl" "$work/fill/admin.conf" "$2" "$3" "$4" >&2
  "$here/rig.sh" save "$work/fill" "$work/saved"
  mkdir -p "$rig/fixtures"
  rm -rf "$rig/fixtures/$1-"*
  mv "$work/saved" "$kept"
fi
echo "$kept"
