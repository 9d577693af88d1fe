#!/bin/bash
# Makes the archive behind `--from demo`: a morning on a cluster that runs the systems of the four guides.
#   tests/cluster/demo/make.sh [TARGET]     TARGET: shared/runtime/demo/demo.tar.zst; takes about 14 minutes
# What happened, and what the report has to say of it, stands in README.md beside this file. STANDING seconds pass between
# the older faults and the youngest (600: checks give a release, a volume, a load balancer ten minutes); KEEP=1 leaves the cluster up.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=${1:-$root/shared/runtime/demo/demo.tar.zst}
bin=${SRE_RIG:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre-rig}/bin
dir=$(mktemp -d)

kubectl() { "$bin/kubectl" --kubeconfig "$dir/admin.conf" "$@"; }
# What it keeps from run to run is nobody's.
sre() { XDG_STATE_HOME=$dir/state "$dir/kubectl-sre" "$@"; }
apply() { for name in "$@"; do kubectl apply --server-side -f "$here/$name.yaml" >/dev/null; done; }
say() { printf '%s  %s\n' "$(date -u +%H:%M:%S)" "$*" >&2; }

# Polls until a command succeeds: until_true WHAT COMMAND...
until_true() {
  local what=$1 end=$((SECONDS + 180))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "make.sh: never came true: $what" >&2 && exit 1; }
    sleep 1
  done
  say "$what"
}

# Whether a kubectl get prints a text: shows TEXT ARGUMENTS...
shows() {
  local text=$1
  shift
  kubectl get "$@" | grep -qF "$text"
}

pods_not_ready() { kubectl get pods -A -o jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -vc True; }
only_two_wait() { [ "$(pods_not_ready)" = 2 ]; }

# Autoscalers that start earlier complain of missing metrics in events that stay.
metrics_are_there() { [ "$(kubectl get podmetrics -A --no-headers | wc -l)" -ge "$(($(kubectl get pods -A --no-headers | wc -l) - 2))" ]; }

# A certificate as a TLS Secret: secret NAMESPACE NAME HOST DAYS. It lives for 90 days at least, and has so many left.
secret() {
  local file=$dir/$2 start end
  read -r start end < <(python3 -c '
import datetime, sys
now, left = datetime.datetime.now(datetime.timezone.utc), int(sys.argv[1])
print(*((now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ") for days in (min(left - 90, 0), left)))' "$4")
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$file.key" -subj "/CN=$3" \
    -out "$file.csr" 2>/dev/null
  : >"$file.index"
  openssl ca -batch -notext -name issuer -cert "$dir/issuer.crt" -keyfile "$dir/issuer.key" -in "$file.csr" \
    -startdate "$start" -enddate "$end" -out "$file.crt" -extfile <(echo "subjectAltName=DNS:$3") -config <(
    printf '%s\n' '[issuer]' "database=$file.index" "new_certs_dir=$dir" rand_serial=yes default_md=sha256 \
      policy=names '[names]' commonName=supplied
  ) 2>/dev/null
  cat "$dir/issuer.crt" >>"$file.crt"
  kubectl create secret tls "$2" -n "$1" --cert "$file.crt" --key "$file.key" >/dev/null
}

certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=Demo Issuing CA" \
    -keyout "$dir/issuer.key" -out "$dir/issuer.crt" 2>/dev/null
  secret graphmemory-prod graphmemory-tls graphmemory.example.com 76
  secret kubilitics kubilitics-tls kubilitics.example.com 9
  secret leanvibe-production leanvibe-tls api.leanvibe.ai 61
  secret quizmentor-prod quizmentor-tls api.quizmentor.com 83
}

# Who looks: a user of the cluster with every right that a report needs, but whoever granted them forgot the admission
# webhooks that validate.
on_call() {
  sre daily-check --print-rbac -o json | python3 -c '
import json, sys
rights = json.load(sys.stdin)
for rule in rights["items"][0]["rules"]:
    rule["resources"] = [name for name in rule.get("resources", []) if name != "validatingwebhookconfigurations"]
json.dump(rights, sys.stdout)' | kubectl apply -f - >/dev/null
  kubectl create clusterrolebinding on-call --clusterrole=kubectl-sre-daily-check --user=on-call >/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$dir/on-call.key" -subj "/O=sre/CN=on-call" 2>/dev/null |
    openssl x509 -req -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" -CAcreateserial -days 30 -out "$dir/on-call.crt" \
      -extfile <(echo extendedKeyUsage=clientAuth) 2>/dev/null
  local config=$dir/on-call.conf
  "$bin/kubectl" config view --raw --kubeconfig "$dir/admin.conf" |
    sed "s|admin|on-call|g; s|: rig$|: demo|; s|cluster: rig|cluster: demo|; s|$dir/pki/on-call|$dir/on-call|" >"$config"
}

# A day's run of a CronJob, as the controller would have written it: ran NAMESPACE NAME HOUR DAYS-AGO
ran() {
  local status
  status=$(python3 -c '
import datetime, json, sys
hour, days = int(sys.argv[1]), int(sys.argv[2])
now = datetime.datetime.now(datetime.timezone.utc)
last = now.replace(hour=hour, minute=0, second=0)
last -= datetime.timedelta(days=days + (last > now))
end = last + datetime.timedelta(minutes=11)
print(json.dumps({"status": {"lastScheduleTime": f"{last:%FT%TZ}", "lastSuccessfulTime": f"{end:%FT%TZ}"}}))' "$3" "$4")
  kubectl patch cronjob "$2" -n "$1" --subresource=status --type=merge -p "$status" >/dev/null
}

# What a cloud writes and no controller here does: the addresses of a load balancer.
address() {
  local balancer='{"status":{"loadBalancer":{"ingress":[{"hostname":"a1f4c2-311799.elb.us-east-1.amazonaws.com"}]}}}'
  kubectl patch service ingress-nginx-controller -n ingress-nginx --subresource=status --type=merge -p "$balancer" >/dev/null
  local namespace name
  kubectl get ingress -A -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' |
    while read -r namespace name; do
      kubectl patch ingress "$name" -n "$namespace" --subresource=status --type=merge -p "$balancer" >/dev/null
    done
}

# The application node with the most pods.
busiest() {
  kubectl get pods -A -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort | uniq -c | sort -rn |
    while read -r _ node; do
      [ "$(kubectl get node "$node" -o jsonpath='{.metadata.labels.role}')" != application ] || { echo "$node" && break; }
    done
}

down() {
  [ "${KEEP:-0}" = 1 ] && say "left standing: $dir" && return
  # The provisioner of the control plane makes an empty folder for each volume.
  kubectl get persistentvolumes -o jsonpath='{range .items[*]}{.spec.hostPath.path}{"\n"}{end}' 2>/dev/null |
    { grep ^/tmp/hostpath_pv/ || true; } | xargs -r rmdir 2>/dev/null || true
  "$here/../rig.sh" down "$dir"
}

trap down EXIT
(cd "$root" && cargo build -q --bin kubectl-sre)
cp "${CARGO_TARGET_DIR:-$root/target}/debug/kubectl-sre" "$dir/"
"$here/../rig.sh" up "$dir" >&2
apply stages nodes platform graphmemory kubilitics leanvibe quizmentor
certificates
on_call
until_true "all pods are ready but the cache of Kubilitics and the validator of staging" only_two_wait
address
ran graphmemory-prod postgresql-dump 3 0
ran leanvibe-production neo4j-backup 2 2
until_true "metrics of every pod are there" metrics_are_there
apply autoscaling
until_true "the quota of GraphMemory-IDE stops the second dashboard" \
  shows exceeded deployment streamlit-dashboard -n graphmemory-prod -o 'jsonpath={.status.conditions[*].message}'
until_true "the quota of GraphMemory-IDE stops the second engine" \
  shows exceeded deployment analytics-engine -n graphmemory-prod -o 'jsonpath={.status.conditions[*].message}'
kubectl patch deployment leanvibe-backend -n leanvibe-production --patch-file "$here/leanvibe-backend-2.2.0.yaml" >/dev/null
kubectl patch deployment adaptive-engine -n quizmentor-prod --patch-file "$here/adaptive-engine-1.10.0.yaml" >/dev/null
until_true "the image of LeanVibe cannot be pulled" shows ImagePullBackOff pods -n leanvibe-production
until_true "the new engine of QuizMentor misses a key" shows CreateContainerConfigError pods -n quizmentor-prod
say "standing ${STANDING:-600} s"
sleep "${STANDING:-600}"

node=$(busiest)
kubectl label node "$node" rig.test/node=silent >/dev/null
until_true "the kubelet of $node is silent" shows Unknown node "$node" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
# Long enough for every condition and endpoint to follow, short of the five minutes after which pods are evicted.
sleep 100
made=$dir/demo.tar.zst
# Findings (1) and the forbidden kind (6) are what it is for.
# The kubeconfig comes from the environment: printed commands would carry a flag with a path of this machine.
KUBECONFIG=$dir/on-call.conf sre daily-check --save "$made" >"$dir/live.txt" || [ $? = 1 ] || [ $? = 6 ]
sre daily-check --from "$made" >"$dir/stored.txt" || true
cmp "$dir/live.txt" "$dir/stored.txt"
mkdir -p "$(dirname "$target")"
install -m 644 "$made" "$target"
sre daily-check --from "$target" -o json | python3 "$here/judge.py" "$target"
