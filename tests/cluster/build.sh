#!/bin/sh
# Builds the programs of the test control plane from released Go modules into $SRE_RIG/bin.
# Versions are pinned in go/*/go.mod, sums in go/*/go.sum. A program is rebuilt when its go.mod changes.
#   build.sh          the control plane
#   build.sh node     and kubelet, kube-proxy for the real node
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rig=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}
bin=$rig/bin
mkdir -p "$bin"
export CGO_ENABLED=0 GOFLAGS=-mod=readonly

kubernetes=$(sed -n 's/^require k8s.io\/kubernetes \(v[0-9.]*\).*/\1/p' "$here/go/kubernetes/go.mod")
[ -n "$kubernetes" ] || kubernetes=$(sed -n 's/^[[:space:]]*k8s.io\/kubernetes \(v[0-9.]*\).*/\1/p' "$here/go/kubernetes/go.mod" | head -1)
minor=${kubernetes#v1.}; minor=${minor%%.*}
stamp="-s -w"
for package in component-base/version client-go/pkg/version; do
  for pair in gitVersion="$kubernetes" gitMajor=1 gitMinor="$minor" gitTreeState=clean gitCommit=rig buildDate=1970-01-01T00:00:00Z; do
    stamp="$stamp -X k8s.io/$package.$pair"
  done
done

# build MODULE PACKAGE NAME: skips when the binary is newer than what pins it
build() {
  if [ -x "$bin/$3" ] && cmp -s "$here/go/$1/go.sum" "$bin/.$3.sum"; then return 0; fi
  started=$(date +%s)
  echo "building $3 (once; cached in $bin)" >&2
  (cd "$here/go/$1" && go build -trimpath -tags selinux,notest,grpcnotrace -ldflags "$stamp" -o "$bin/$3" "$2")
  cp "$here/go/$1/go.sum" "$bin/.$3.sum"
  echo "built $3 in $(($(date +%s) - started)) s" >&2
}

build etcd go.etcd.io/etcd/server/v3 etcd
build etcd go.etcd.io/etcd/etcdctl/v3 etcdctl
build kubernetes k8s.io/kubernetes/cmd/kube-apiserver kube-apiserver
build kubernetes k8s.io/kubernetes/cmd/kube-controller-manager kube-controller-manager
build kubernetes k8s.io/kubernetes/cmd/kube-scheduler kube-scheduler
build kubernetes k8s.io/kubernetes/cmd/kubectl kubectl
build kwok sigs.k8s.io/kwok/cmd/kwok kwok
build metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server metrics-server
if [ "${1:-}" = node ]; then
  build kubernetes k8s.io/kubernetes/cmd/kubelet kubelet
  build kubernetes k8s.io/kubernetes/cmd/kube-proxy kube-proxy
fi
