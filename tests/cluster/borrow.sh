#!/bin/bash
# Prepares somebody's throwaway cluster for the tests, in place of one that rig.sh starts.
#   borrow.sh up DIR KUBECONFIG   its user must be an administrator; DIR gets admin.conf and, by impersonation,
#                                 NAME.conf for viewer, partial, namespaced and nobody
#   borrow.sh stages DIR          succeeds when the cluster plays our failure modes (stages.py), as one of rig.sh does
#   borrow.sh down DIR            takes back what was applied, and removes DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}/bin

stop() {
  echo "borrow.sh: $1" >&2
  exit 1
}

kubectl() { "$bin/kubectl" --kubeconfig "$dir/admin.conf" "$@"; }
stages() { kubectl get stages.kwok.x-k8s.io rig-crashloop >/dev/null 2>&1; }
# Faults wait for pods on nodes that are called so.
nodes() { python3 "$here/nodes.py" 3 node-borrowed; }

# The same server and credential, in the name of somebody else.
impersonate() {
  python3 - "$dir/admin.conf" "$1" <<'PYTHON'
import json
import sys

path, name = sys.argv[1:]
config = json.load(open(path))
user = config["users"][0]["user"]
if "exec" in user:
    sys.exit("borrow.sh: the tests run without an environment for credential plugins: use a certificate or a token")
config["users"] = [{"name": name, "user": {**user, "as": name, "as-groups": ["rig:users"]}}]
config["contexts"][0]["context"]["user"] = name
json.dump(config, sys.stdout)
PYTHON
}

up() {
  [ -r "$1" ] || stop "there is no $1"
  "$bin/kubectl" --kubeconfig "$1" config view --raw --minify --flatten -o json >"$dir/admin.conf"
  local name
  for name in viewer partial namespaced nobody; do
    impersonate "$name" >"$dir/$name.conf"
  done
  kubectl auth can-i '*' '*' --all-namespaces >/dev/null || stop "the user of $1 is no administrator, or nobody answers"
  # A cluster of rig.sh has them already, and keeps them.
  if ! kubectl get -f "$here/manifests/users.yaml" >/dev/null 2>&1; then
    touch "$dir/users"
    kubectl apply -f "$here/manifests/users.yaml" >/dev/null
  fi
  if stages; then nodes | kubectl apply -f - >/dev/null; fi
  [ -n "$(kubectl get nodes -o name)" ] || stop "the cluster has no node"
}

down() {
  if stages; then nodes | kubectl delete --ignore-not-found --wait=false -f - >/dev/null; fi
  if [ -f "$dir/users" ]; then kubectl delete --ignore-not-found -f "$here/manifests/users.yaml" >/dev/null; fi
}

command=${1:-}
dir=${2:-}
[ -n "$command" ] && [ -n "$dir" ] || stop "usage: $(sed -n '3,6s/^# *//p' "$0")"
# Credentials lie in it.
umask 077
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
case $command in
  up) up "${3:?a kubeconfig}" ;;
  stages) stages ;;
  down)
    down || true
    rm -rf "$dir"
    ;;
  *) stop "unknown command $command" ;;
esac
