#!/bin/bash
# Sets up what is missing, then format, lints, documentation and all tests, with a real control plane and a real node.
#   tests/run.sh               everything; a node needs root on Linux, else its tests are left out and counted
#   tests/run.sh --no-cluster  without the tests that need a cluster; the last line says how many did not run
#   tests/run.sh --matrix      everything, and then the tests that need a cluster once more, with the control plane of an
#                              older Kubernetes (1.34; built once, about six minutes) and without a real node
# SRE_TEST_KUBECONFIG=FILE points the tests of a cluster at another throwaway cluster, as its administrator; what needs
# a control plane of ours (its audit log, certificates, programs, simulated failures) is left out and counted.
# SRE_INCIDENT_CASES=DIR names a folder of graded states of clusters, with their scorer: triage is to name their causes, and
# nothing may be said of the healthy ones.
# Caches live outside the repository: SRE_RIG (programs of the control plane), CARGO_TARGET_DIR.
set -euo pipefail
[ -z "${SRE_TEST_KUBECONFIG:-}" ] || SRE_TEST_KUBECONFIG=$(realpath "$SRE_TEST_KUBECONFIG")
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}
export SRE_RIG=${SRE_RIG:-$cache/kubectl-sre-rig}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/kubectl-sre/target-tests}
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0

cluster=yes
older=
case ${1:-} in
  '') ;;
  --no-cluster) cluster=no ;;
  --matrix) older=1.34 ;;
  *) echo "usage: $(sed -n '3,6s/^# *//p' "$0")" >&2 && exit 2 ;;
esac
[ -z "$older" ] || [ -z "${SRE_TEST_KUBECONFIG:-}" ] || { echo "--matrix builds its own clusters: unset SRE_TEST_KUBECONFIG" >&2 && exit 2; }

say() { printf '== %s\n' "$*"; }

install_package() {
  # Debian and macOS: the ordinary package client, and it says what it does.
  if command -v apt-get >/dev/null 2>&1; then
    say "installing $1 with apt-get"
    [ -n "${apt_updated:-}" ] || apt-get update -qq && apt_updated=yes
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  elif command -v brew >/dev/null 2>&1; then
    say "installing $2 with brew"
    brew install -q "$2"
  else
    echo "need $1, and there is neither apt-get nor brew" >&2 && exit 1
  fi
}

need() { command -v "$1" >/dev/null 2>&1 || install_package "$2" "${3:-$2}"; }

[ -x "$HOME/.cargo/bin/cargo" ] && PATH=$HOME/.cargo/bin:$PATH
need cc gcc gcc
need cargo rustup rust
if ! cargo --version >/dev/null 2>&1; then rustup default stable; fi
cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt clippy

say "format"
cargo fmt --all --check
say "lints"
cargo clippy --quiet --workspace --all-targets --locked -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --document-private-items --locked

if reason=$(tests/macos.sh possible 2>&1); then
  say "types on macOS"
  tests/macos.sh check
else
  say "types on macOS, not checked: ${reason#macos.sh: }"
fi

run=$(mktemp -d)
from=rig.sh
finish() {
  code=$?
  [ ! -d "$run/node" ] || tests/cluster/node/node.sh down "$run/node" || code=1
  [ ! -d "$run/cluster" ] || "tests/cluster/$from" down "$run/cluster"
  [ ! -d "$run/older" ] || tests/cluster/rig.sh down "$run/older"
  rm -rf "$run"
  exit $code
}
trap finish EXIT

# Starts a control plane in DIR: start DIR
start() {
  tests/cluster/rig.sh up "$1"
  # Faults bring nodes that are ill and tainted: healthy pods, and those that fail by themselves, need others. Kubelets
  # newer than an older server would be a fault.
  local server
  server=$("$SRE_RIG/bin/kube-apiserver" --version | sed 's/.* //')
  python3 tests/cluster/nodes.py 3 | sed "s/v1\.36\.4/$server/" |
    "$SRE_RIG/bin/kubectl" --kubeconfig "$1/admin.conf" create -f - >/dev/null
}

# The tests of a run that passed, failed, were left out: count WORD OUTPUT
count() { sed -n "s/^test result: .* \([0-9][0-9]*\) $1.*/\1/p" "$2" | awk '{s += $1} END {print s + 0}'; }

filter=()
skipped=0
left_out=
if [ "$cluster" = yes ]; then
  need curl curl
  need openssl openssl
  need python3 python3
  if [ -n "${SRE_TEST_KUBECONFIG:-}" ]; then
    say "the cluster of $SRE_TEST_KUBECONFIG"
    from=borrow.sh
    if [ ! -x "$SRE_RIG/bin/kubectl" ]; then
      kubectl=$(command -v kubectl) || { echo "need kubectl" >&2 && exit 1; }
      export SRE_RIG=$run
      mkdir "$run/bin"
      ln -s "$kubectl" "$run/bin/kubectl"
    fi
    tests/cluster/borrow.sh up "$run/cluster" "$SRE_TEST_KUBECONFIG"
    left_out="need a control plane of ours"
    for test in access::a_reading_run_only_reads access::an_expired_certificate_gets_no_report \
      access::kubectl_asks_the_api_server_for_what access::what_belongs_to_the_whole_cluster \
      faults::every_fault_that_hurts_a_whole_cluster_is_found_by_its_check node:: seeds:: watch:: \
      actions:: killed:: policy:: rollback:: scale:: scalers:: terminal::; do
      filter+=(--skip "live::$test")
    done
    tests/cluster/borrow.sh stages "$run/cluster" || filter+=(--skip live::faults::every_fault_is_found_by_its_check)
  else
    say "control plane"
    bash tests/cluster/build.sh
    start "$run/cluster"
    if reason=$(tests/cluster/node/node.sh possible 2>&1); then
      say "real node"
      bash tests/cluster/build.sh node
      tests/cluster/node/node.sh up "$run/node"
      export SRE_TEST_NODE=$run/node
    else
      filter=(--skip live::node::)
      left_out="need a real node (${reason#node.sh: })"
    fi
  fi
  export SRE_TEST_RIG=$run/cluster
else
  filter=(--skip live::)
  left_out="need a cluster"
fi

# without NEED TESTS
without() {
  filter+=(--skip "$2")
  left_out="${left_out:+$left_out or }need $1"
}

# Programs that judge what is printed; where one cannot be had, its tests are left out.
judge() {
  command -v "$1" >/dev/null 2>&1 || (install_package "$2" "$3") || true
  command -v "$1" >/dev/null 2>&1 || without "$1" "$4"
}
judge chromium chromium chromium cli::browser::
judge promtool prometheus prometheus cli::checkers::promtool
judge xmllint libxml2-utils libxml2 cli::checkers::xmllint
judge strace strace strace cli::killed_incident::
[ "$cluster" = no ] || judge strace strace strace shared_incident::a_run_that_is_killed
[ "$cluster" = no ] || judge ssh-keygen openssh-client openssh live::policy::a_second_person
[ "$cluster" = no ] || judge prometheus-alertmanager prometheus-alertmanager alertmanager monitoring
[ -n "${SRE_INCIDENT_CASES:-}" ] || without "graded cases (SRE_INCIDENT_CASES)" cli::healthy::
[ -n "${SRE_INCIDENT_CASES:-}" ] || without "graded cases (SRE_INCIDENT_CASES)" cli::triage::graded::

say "tests"
status=0
# Tests of a cluster mostly wait for its controllers.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) + 2))}
cargo test --workspace --locked --no-fail-fast -- ${filter[@]+"${filter[@]}"} 2>&1 | tee "$run/output" || status=$?
passed=$(count passed "$run/output")
failed=$(count failed "$run/output")
if [ -n "$left_out" ]; then
  skipped=$(count 'filtered out' "$run/output")
  say "tests that $left_out, left out: $skipped"
fi
if [ "${passed:-0}" = 0 ]; then
  echo "no test ran" >&2
  status=1
fi
if [ -n "$older" ]; then
  [ ! -d "$run/node" ] || tests/cluster/node/node.sh down "$run/node"
  tests/cluster/rig.sh down "$run/cluster"
  bash tests/cluster/build.sh "$older"
  export SRE_RIG=$SRE_RIG/$older
  start "$run/older"
  say "tests of a cluster, with $("$SRE_RIG/bin/kube-apiserver" --version)"
  of_a_cluster=$(cargo test --workspace --locked --test suite -- --list live:: 2>/dev/null | grep -c ': test$')
  SRE_TEST_RIG=$run/older cargo test --workspace --locked --no-fail-fast --test suite -- live:: \
    ${filter[@]+"${filter[@]}"} --skip live::node:: 2>&1 | tee "$run/output" || status=$?
  passed_there=$(count passed "$run/output")
  failed_there=$(count failed "$run/output")
  [ "$passed_there" != 0 ] || status=1
  skipped_there=$((of_a_cluster - passed_there - failed_there))
  say "tests of a real node, which is of the newer version${left_out:+, or that $left_out}, left out: $skipped_there"
  echo "with Kubernetes $older: $passed_there passed, $failed_there failed, $skipped_there skipped"
fi
if [ "$skipped" = 0 ]; then
  echo "${passed:-0} passed, ${failed:-0} failed"
else
  echo "${passed:-0} passed, ${failed:-0} failed, $skipped skipped"
fi
exit "$status"
