#!/bin/bash
# A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, metrics-server.
#   rig.sh up DIR [--from SNAPSHOT]               start one in DIR; when it is ready, DIR has NAME.conf for each user
#          [--no-kwok] [--node NAME=IP]           without simulated nodes; for a real node instead: the API server at IP,
#                                                 and DIR has kubelet.conf and kube-proxy.conf for it
#          [--grace TIME]                         nodes that say nothing for so long (40s) are marked Unknown
#   rig.sh again DIR NAME                         start one of its programs again that has ended
#   rig.sh down DIR                               end its processes by their ids, and remove DIR
#   rig.sh save DIR SNAPSHOT                      end it gently and keep its data for --from
# Users: admin, viewer (everything but Secrets' writes), partial (no Secrets, Nodes, Leases), namespaced (one namespace),
# nobody (no rights), expired (a certificate that has ended).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}
bin=$rig/bin
users="admin:system:masters kwok:system:masters metrics:rig:metrics viewer:rig:users partial:rig:users namespaced:rig:users nobody:rig:users expired:rig:users"

stop() {
  echo "rig.sh: $1" >&2
  exit 1
}

# Below the range that the system gives to outgoing connections, which would take a port between look and use.
free_port() {
  local port
  for port in $(seq $((20000 + RANDOM % 12000)) 32700); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

# The port of a program whose address stands in saved objects: the same again after --from.
kept_port() {
  mkdir -p "$dir/ports"
  [ -f "$dir/ports/$1" ] || free_port >"$dir/ports/$1"
  cat "$dir/ports/$1"
}

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }

authority() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -days 3650 -subj "/CN=rig-$1" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# certificate FILE AUTHORITY SUBJECT USAGE [NAMES] [DAYS]
certificate() {
  key "$1"
  {
    echo "basicConstraints=CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"
  } >"$1.ext"
  openssl req -new -key "$1.key" -subj "$3" |
    openssl x509 -req -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "${6:-825}" -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.ext"
}

make_pki() {
  mkdir -p "$dir/pki"
  (
    cd "$dir/pki"
    authority ca
    authority front-proxy-ca
    openssl genrsa -out sa.key 2048 2>/dev/null
    openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
    local names="DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:10.96.0.1,IP:127.0.0.1,IP:$address"
    certificate apiserver ca /CN=kube-apiserver serverAuth "$names"
    certificate addon ca /CN=rig-addon "serverAuth,clientAuth" "DNS:localhost,IP:127.0.0.1"
    certificate kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
    certificate front-proxy-client front-proxy-ca /CN=front-proxy-client clientAuth
    certificate kcm ca /CN=system:kube-controller-manager clientAuth
    certificate scheduler ca /CN=system:kube-scheduler clientAuth
    if [ -n "$node" ]; then
      certificate kubelet ca "/O=system:nodes/CN=system:node:$node" "serverAuth,clientAuth" "DNS:$node,IP:$address"
      certificate kube-proxy ca /CN=system:kube-proxy clientAuth
    fi
    local pair user group
    for pair in $users; do
      user=${pair%%:*} group=${pair#*:}
      if [ "$user" = expired ]; then
        certificate "$user" ca "/O=$group/CN=$user" clientAuth "" 0
      else
        certificate "$user" ca "/O=$group/CN=$user" clientAuth
      fi
    done
  )
}

kubeconfigs() {
  local name
  for name in kcm scheduler ${node:+kubelet kube-proxy} $(for pair in $users; do echo "${pair%%:*}"; done); do
    cat >"$dir/$name.conf" <<CONF
apiVersion: v1
kind: Config
current-context: rig
contexts:
- name: rig
  context: {cluster: rig, user: $name}
clusters:
- name: rig
  cluster: {server: "https://$address:$api", certificate-authority: $dir/pki/ca.crt}
users:
- name: $name
  user: {client-certificate: $dir/pki/$name.crt, client-key: $dir/pki/$name.key}
CONF
  done
}

# start NAME COMMAND...: the id goes to DIR/NAME.pid, the output to DIR/log/NAME.log, the command to DIR/NAME.command
start() {
  local name=$1
  shift
  printf '%q ' "$@" >"$dir/$name.command"
  setsid "$@" >"$dir/log/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}

until_true() {
  local what=$1 end=$((SECONDS + 90))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || stop "$what is not ready; see $dir/log"
    sleep 0.1
  done
}

ready() { curl -sf --cacert "$dir/pki/ca.crt" --cert "$dir/pki/admin.crt" --key "$dir/pki/admin.key" "https://$address:$api/readyz"; }
kubectl() { "$bin/kubectl" --kubeconfig "$dir/admin.conf" "$@"; }

start_store_and_api() {
  local etcd peer
  etcd=$(free_port)
  peer=$(free_port)
  start etcd "$bin/etcd" --data-dir "$dir/etcd" --unsafe-no-fsync --quota-backend-bytes 8589934592 \
    --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "default=http://127.0.0.1:$peer" --force-new-cluster="$([ -n "$from" ] && echo true || echo false)"
  until_true etcd curl -sf "http://127.0.0.1:$etcd/health"
  cat >"$dir/audit.yaml" <<'AUDIT'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
AUDIT
  # Endpoints refuse loopback addresses: without a node that dials it, the API server advertises one that nobody has.
  local advertised=(--advertise-address=10.77.0.1 --endpoint-reconciler-type=none)
  [ -z "$node" ] || advertised=(--advertise-address="$address")
  start kube-apiserver "$bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd" --bind-address="$address" \
    "${advertised[@]}" --secure-port="$api" --kubelet-preferred-address-types=InternalIP \
    --tls-cert-file="$dir/pki/apiserver.crt" --tls-private-key-file="$dir/pki/apiserver.key" --client-ca-file="$dir/pki/ca.crt" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-cluster-ip-range=10.96.0.0/12 --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$dir/pki/sa.pub" --service-account-signing-key-file="$dir/pki/sa.key" \
    --kubelet-client-certificate="$dir/pki/kubelet-client.crt" --kubelet-client-key="$dir/pki/kubelet-client.key" \
    --requestheader-client-ca-file="$dir/pki/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --proxy-client-cert-file="$dir/pki/front-proxy-client.crt" \
    --proxy-client-key-file="$dir/pki/front-proxy-client.key" --audit-policy-file="$dir/audit.yaml" \
    --audit-log-path="$dir/audit.log" --default-not-ready-toleration-seconds=300 --default-unreachable-toleration-seconds=300 \
    --event-ttl=3h --profiling=false --max-requests-inflight=2000 --max-mutating-requests-inflight=1000
  until_true kube-apiserver ready
}

start_controllers() {
  local kcm scheduler
  kcm=$(free_port)
  scheduler=$(free_port)
  start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$dir/kcm.conf" \
    --authentication-kubeconfig="$dir/kcm.conf" --authorization-kubeconfig="$dir/kcm.conf" --bind-address=127.0.0.1 \
    --secure-port="$kcm" --leader-elect=true --leader-elect-lease-duration=15s --root-ca-file="$dir/pki/ca.crt" \
    --service-account-private-key-file="$dir/pki/sa.key" --use-service-account-credentials=true \
    --cluster-signing-cert-file="$dir/pki/ca.crt" --cluster-signing-key-file="$dir/pki/ca.key" --allocate-node-cidrs=false \
    --enable-hostpath-provisioner=true --flex-volume-plugin-dir="$dir/flex" --kube-api-qps=300 --kube-api-burst=600 \
    --node-monitor-grace-period="$grace" --horizontal-pod-autoscaler-sync-period=5s --concurrent-deployment-syncs=20 \
    --concurrent-replicaset-syncs=20
  start kube-scheduler "$bin/kube-scheduler" --kubeconfig="$dir/scheduler.conf" --authentication-kubeconfig="$dir/scheduler.conf" \
    --authorization-kubeconfig="$dir/scheduler.conf" --bind-address=127.0.0.1 --secure-port="$scheduler" --leader-elect=true \
    --kube-api-qps=300 --kube-api-burst=600
  until_true kube-controller-manager curl -sfk "https://127.0.0.1:$kcm/healthz"
  until_true kube-scheduler curl -sfk "https://127.0.0.1:$scheduler/healthz"
}

start_nodes() {
  local files port
  files=$rig/share/kwok
  port=$(kept_port kwok)
  kubectl apply --server-side -f "$files/kustomize/crd/bases" >/dev/null
  kubectl wait --for=condition=Established crd --all --timeout=60s >/dev/null
  local ordinary=$dir/stages.yaml
  {
    # Pods and nodes with a failure mode are left to our own stages.
    sed 's|^    matchExpressions:|&\n    - {key: ".metadata.labels[\\"rig.test/mode\\"]", operator: DoesNotExist}|' \
      "$files/kustomize/stage/pod/fast/pod-ready.yaml"
    echo ---
    sed 's|^    matchExpressions:|&\n    - {key: ".metadata.labels[\\"rig.test/mode\\"]", operator: DoesNotExist}|' \
      "$files/kustomize/stage/pod/fast/pod-complete.yaml"
    echo ---
    cat "$files/kustomize/stage/pod/fast/pod-delete.yaml"
    echo ---
    sed 's|^    matchExpressions:|&\n    - {key: ".metadata.labels[\\"rig.test/node\\"]", operator: NotIn, values: [not-ready]}|' \
      "$files/kustomize/stage/node/fast/node-initialize.yaml"
    echo ---
    cat "$files/kustomize/metrics/resource/metrics-resource.yaml"
    echo ---
    cat "$files/kustomize/metrics/usage/usage-from-annotation.yaml"
    python3 "$here/stages.py"
  } >"$ordinary"
  kubectl apply --server-side -f "$ordinary" >/dev/null
  cat >"$dir/kwok.yaml" <<'KWOK'
apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  # Without a range of their own, pods get the node's address, and EndpointSlices refuse a loopback one.
  cidr: 10.244.0.1/16
  podPlayStageParallelism: 16
  nodePlayStageParallelism: 16
  nodeLeaseParallelism: 16
KWOK
  start kwok "$bin/kwok" --kubeconfig="$dir/kwok.conf" --config="$dir/kwok.yaml" \
    --manage-nodes-with-label-selector='rig.test/node notin (silent),rig.test/fake' --node-ip=127.0.0.1 --node-port="$port" \
    --server-address="127.0.0.1:$port" --tls-cert-file="$dir/pki/addon.crt" --tls-private-key-file="$dir/pki/addon.key" \
    --node-lease-duration-seconds=40 \
    --enable-crds=Stage,Metric,ClusterResourceUsage
  until_true kwok curl -sfk "https://127.0.0.1:$port/healthz"
}

start_metrics() {
  local port
  port=$(kept_port metrics-server)
  kubectl apply -f - >/dev/null <<API
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost, ports: [{port: 443, targetPort: $port}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  service: {name: metrics-server, namespace: kube-system, port: $port}
  group: metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
API
  start metrics-server "$bin/metrics-server" --secure-port="$port" --bind-address=127.0.0.1 --kubeconfig="$dir/metrics.conf" \
    --authentication-kubeconfig="$dir/metrics.conf" --authorization-kubeconfig="$dir/metrics.conf" \
    --tls-cert-file="$dir/pki/addon.crt" --tls-private-key-file="$dir/pki/addon.key" --kubelet-use-node-status-port \
    --kubelet-preferred-address-types=InternalIP --kubelet-insecure-tls --metric-resolution=15s --kubelet-request-timeout=5s
}

up() {
  [ -x "$bin/kube-apiserver" ] || stop "the programs are not built: tests/cluster/build.sh"
  mkdir -p "$dir/log"
  [ -z "$from" ] || cp -a "$from/." "$dir/"
  api=$(free_port)
  [ -d "$dir/pki" ] || make_pki
  kubeconfigs
  start_store_and_api
  start_controllers
  kubectl apply -f "$here/manifests/users.yaml" >/dev/null
  if [ "$kwok" = yes ]; then
    start_nodes
    start_metrics
  fi
  echo "ready: KUBECONFIG=$dir/admin.conf"
}

# has_ended ID: waits for it; a zombie has ended, once the last of its threads has: until then its ports are taken
has_ended() {
  for _ in $(seq 200); do
    [ -d "/proc/$1/task" ] || return 0
    ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null ||
      [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -gt 1 ] || return 0
    sleep 0.05
  done
}

# end SIGNAL: every process that was started here, last first
end() {
  local name pid
  for name in metrics-server kwok kube-scheduler kube-controller-manager kube-apiserver etcd; do
    [ -f "$dir/$name.pid" ] || continue
    pid=$(cat "$dir/$name.pid")
    kill "-$1" "$pid" 2>/dev/null || true
    has_ended "$pid"
    rm -f "$dir/$name.pid"
  done
}

command=${1:-}
dir=${2:-}
[ -n "$command" ] && [ -n "$dir" ] || stop "usage: $(sed -n '3,9s/^# *//p' "$0")"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
shift 2
from= node= address=127.0.0.1 kwok=yes grace=40s
case $command in
  up)
    while [ $# -gt 0 ]; do
      case $1 in
        --no-kwok) kwok=no ;;
        --node) node=${2%%=*} address=${2#*=} kwok=no && shift ;;
        --from) from=$2 && shift ;;
        --grace) grace=$2 && shift ;;
        *) stop "unknown option $1" ;;
      esac
      shift
    done
    trap 'code=$?; [ $code = 0 ] || end KILL; exit $code' EXIT
    up
    ;;
  again)
    has_ended "$(cat "$dir/$1.pid")"
    eval "start $1 $(cat "$dir/$1.command")"
    ;;
  down)
    end KILL
    rm -rf "$dir"
    ;;
  save)
    end TERM
    mkdir -p "$1"
    cp -a "$dir/etcd" "$dir/pki" "$dir/ports" "$1/"
    rm -rf "$dir"
    ;;
  *) stop "unknown command $command" ;;
esac
