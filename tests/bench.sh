#!/bin/bash
# Measures daily-check at 1,000 nodes and 10,000 pods beside curl and kubectl, in one go, and prints ratios.
# The filled cluster is made once (about ten minutes) and kept in SRE_RIG/fixtures. Nothing else should run meanwhile.
#   tests/bench.sh [RUNS]      5 counted runs by default
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}
export SRE_RIG=${SRE_RIG:-$cache/kubectl-sre-rig}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/kubectl-sre/target}
runs=${1:-5}

bash tests/cluster/build.sh
cargo build --release --locked
work=$(mktemp -d)
finish() {
  code=$?
  for cluster in "$work"/*/; do [ ! -d "$cluster" ] || tests/cluster/rig.sh down "$cluster"; done
  rm -rf "$work"
  exit $code
}
trap finish EXIT

# start NAME NODES DEPLOYMENTS PODS-EACH
start() {
  tests/cluster/rig.sh up "$work/$1" --from "$(tests/cluster/fixture.sh "$@")" --grace 10m
}

start small 100 40 25
python3 tests/bench.py "$CARGO_TARGET_DIR/release/kubectl-sre" "$SRE_RIG/bin/kubectl" "$work/small" "$runs" "$work/small.json"
tests/cluster/rig.sh down "$work/small"
start large 1000 400 25
python3 tests/bench.py "$CARGO_TARGET_DIR/release/kubectl-sre" "$SRE_RIG/bin/kubectl" "$work/large" "$runs" "$work/large.json" "$work/small.json"
