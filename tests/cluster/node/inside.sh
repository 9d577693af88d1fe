#!/bin/bash
# The first process of a node, in its namespaces; node.sh starts it: inside.sh DIR BIN NAME CGROUP
set -euo pipefail
dir=$1 bin=$2 name=$3 cgroup=$4
here=$(cd "$(dirname "$0")" && pwd)

bind() { mount -n --bind "$1" "$2"; }

# Programs and configuration have fixed places inside: /run/bin, /run/rig, /run/node.
lay_directories() {
  # Mounts of pods spread among pods (mountPropagation), and never to the machine.
  mount -n --make-rshared /
  mkdir -p "$dir/node/lib" "$dir/node/log"
  mount -n -t tmpfs -o mode=755 tmpfs /run
  mkdir /run/bin /run/rig /run/node /run/lock
  bind "$bin" /run/bin
  bind "$dir" /run/rig
  bind "$here" /run/node
  bind "$dir/node/lib" /var/lib
  bind "$dir/node/log" /var/log
  # A small one, which a pod of the tests fills.
  mkdir /run/volume
  mount -n -t tmpfs -o size=8m,nr_inodes=100 tmpfs /run/volume
  # No name is found, and at once: neither the node nor its pods use the machine's resolver.
  echo 'nameserver 127.0.0.1' >/run/resolv.conf
  bind /run/resolv.conf /etc/resolv.conf
}

# The kubelet sets these for the whole machine; here it gets files that hold what it wants.
hide_machine_settings() {
  local setting file
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=/run/$(tr / . <<<"${setting%=*}")
    echo "${setting#*=}" >"$file"
    bind "$file" "/proc/sys/${setting%=*}"
  done
}

# start NAME COMMAND...
start() {
  local log=/run/rig/log/$1.log
  shift
  "$@" >"$log" 2>&1 &
}

lay_directories
hide_machine_settings
hostname "$name"
start containerd containerd --config /run/node/containerd.toml
# A registry that has no image: it answers 404.
mkdir /run/registry
start registry python3 -m http.server --bind 127.0.0.1 --directory /run/registry 5000
until ctr version >/dev/null 2>&1; do sleep 0.05; done
ctr --namespace k8s.io images import /run/rig/node/images.tar
start kubelet /run/bin/kubelet --config=/run/node/kubelet.yaml --kubeconfig=/run/rig/kubelet.conf \
  --hostname-override="$name" --node-ip=10.77.0.1 --cgroup-root="/$cgroup"
start kube-proxy /run/bin/kube-proxy --config=/run/node/kube-proxy.yaml --hostname-override="$name"
wait
