#!/bin/bash
# A real node (kubelet, containerd, kube-proxy) beside a control plane of its own, both in a network namespace of their
# own: their addresses exist only there, so several live beside each other, and nothing leaves the machine.
#   node.sh possible   says why this machine cannot, with exit code 3
#   node.sh up DIR     starts both in DIR and waits until the node is ready; DIR as in ../rig.sh, and DIR/node
#   node.sh down DIR   ends them and removes every process, mount, cgroup and file
# What talks to them runs inside: nsenter --net=DIR/node/network COMMAND.
# DIR must not be in /run, /var/lib or /var/log, which the node has for itself.
# Tested with Debian 12, x86-64, cgroup v1, containerd 1.6, runc 1.1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}
bin=$rig/bin
name=node-1
# Also in kubelet.yaml and kube-proxy.yaml.
address=10.77.0.1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

stop() {
  echo "node.sh: $1" >&2
  exit "${2:-1}"
}

possible() {
  [ "$(uname)" = Linux ] || stop "a node needs Linux" 3
  [ "$(id -u)" = 0 ] || stop "a node needs root" 3
  [ -w /sys/fs/cgroup/memory/cgroup.procs ] || stop "a node needs cgroup v1: it was not tried with another version" 3
  unshare --mount --net --uts --pid --fork true 2>/dev/null || stop "a node needs namespaces, which are forbidden here" 3
  command -v apt-get >/dev/null || [ -z "$(missing)" ] || stop "a node needs $(missing), and there is no apt-get" 3
}

# The Debian packages of what a node is made of and is not there.
missing() {
  local pair
  for pair in containerd:containerd runc:runc iptables:iptables ip:iproute2 python3:python3; do
    command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair#*:}"
  done
  [ -x /usr/lib/cni/bridge ] || printf 'containernetworking-plugins '
  ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || printf 'postgresql '
  # In an image, a program finds no libraries.
  ldd "$(command -v busybox || echo /bin/sh)" >/dev/null 2>&1 && printf 'busybox-static '
  true
}

install_missing() {
  local packages
  read -ra packages <<<"$(missing)"
  [ ${#packages[@]} -gt 0 ] || return 0
  echo "node.sh: installing ${packages[*]} with apt-get" >&2
  apt-get update -qq
  # Offline for systemd: a containerd of the whole machine is not wanted.
  SYSTEMD_OFFLINE=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

inside() { nsenter --net="$dir/node/network" "$@"; }

make_network() {
  touch "$dir/node/network"
  unshare --net="$dir/node/network" true
  inside ip link set lo up
  # The kubelet refuses a loopback address for its node, but not another one on the loopback interface.
  inside ip address add "$address/32" dev lo
  # Addresses of Services are rewritten on their way out, for which there must be one.
  inside ip route add 10.96.0.0/12 dev lo src "$address"
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# The kubelet puts its pods below a cgroup that must be there in every hierarchy.
make_cgroups() {
  local hierarchy file
  cgroup=sre-node-$EPOCHSECONDS-$$
  echo "$cgroup" >"$dir/node/cgroup"
  for hierarchy in /sys/fs/cgroup/*/; do
    mkdir "$hierarchy$cgroup"
  done
  # A new cpuset is empty, and nothing can run in it.
  for file in cpuset.cpus cpuset.mems; do
    cat "/sys/fs/cgroup/cpuset/$file" >"/sys/fs/cgroup/cpuset/$cgroup/$file"
  done
}

start_node() {
  # When it ends, so does the node's first process, and with that every process of the node.
  setsid nsenter --net="$dir/node/network" \
    unshare --mount --propagation private --uts --pid --fork --kill-child --mount-proc \
    bash "$here/inside.sh" "$dir" "$bin" "$name" "$cgroup" >"$dir/log/node.log" 2>&1 </dev/null &
  echo $! >"$dir/node/pid"
  # Else the shell says that it was killed.
  disown
}

# The node object alone could be an old one: the kubelet must answer too.
is_ready() {
  inside "$bin/kubectl" --kubeconfig "$dir/admin.conf" get --raw "/api/v1/nodes/$name/proxy/healthz" >/dev/null 2>&1 &&
    inside "$bin/kubectl" --kubeconfig "$dir/admin.conf" wait --for=condition=Ready "node/$name" --timeout=1s >/dev/null 2>&1
}

up() {
  possible
  [ -x "$bin/kubelet" ] || stop "the programs are not built: tests/cluster/build.sh node"
  install_missing
  mkdir -p "$dir/node" "$dir/log"
  make_network
  inside bash "$here/../rig.sh" up "$dir" --node "$name=$address" >/dev/null
  python3 "$here/images.py" "$dir/node/images.tar"
  make_cgroups
  start_node
  local end=$((SECONDS + 60))
  until is_ready; do
    is_alive "$(cat "$dir/node/pid")" || stop "the node has ended"
    [ $SECONDS -lt $end ] || stop "the node is not ready"
    sleep 0.1
  done
  # Else a mistake in its configuration is ignored.
  ! grep -q 'lenient decoding' "$dir/log/kubelet.log" || stop "the kubelet does not understand kubelet.yaml"
  echo "ready: nsenter --net=$dir/node/network env KUBECONFIG=$dir/admin.conf"
}

# A zombie has ended.
is_alive() { [ -d "/proc/$1" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# until_true WHAT COMMAND...
until_true() {
  local what=$1 end=$((SECONDS + 30))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || stop "$what"
    sleep 0.05
  done
}

has_no_cgroups() {
  # A cgroup can go when the last of its processes has gone.
  find /sys/fs/cgroup/*/"$1" -depth -type d -exec rmdir {} + 2>/dev/null
  ! compgen -G "/sys/fs/cgroup/*/$1" >/dev/null
}

down() {
  local pid=
  [ ! -f "$dir/node/pid" ] || pid=$(cat "$dir/node/pid")
  # The id may be another process's by now.
  if [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "inside.sh $dir "; then
    kill -KILL "$pid"
  fi
  [ ! -f "$dir/node/cgroup" ] || until_true "processes of the node stay" has_no_cgroups "$(cat "$dir/node/cgroup")"
  ! mountpoint -q "$dir/node/network" || umount "$dir/node/network"
  bash "$here/../rig.sh" down "$dir"
}

give_up() {
  tail -n 5 "$dir"/log/*.log >&2 || true
  down
}

command=${1:-}
dir=${2:-}
[ "$command" = possible ] || [ -n "$dir" ] || stop "usage: $(sed -n '4,6s/^# *//p' "$0")"
case $command in
  possible) possible ;;
  up)
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    [ ! -e "$dir/node" ] || stop "there is a node in $dir; node.sh down $dir"
    trap 'code=$?; [ $code = 0 ] || give_up; exit $code' EXIT
    up
    ;;
  down)
    [ -d "$dir" ] || exit 0
    dir=$(cd "$dir" && pwd)
    down
    ;;
  *) stop "unknown command $command" ;;
esac
