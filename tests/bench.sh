#!/bin/bash
# Measures daily-check at 1,000 nodes and 10,000 pods beside curl and kubectl, in one go, and prints ratios; then over an
# archive of 10,000 nodes and 100,000 pods. The filled cluster is made once (about ten minutes), the archive too (about one),
# and kept in SRE_RIG/fixtures. Nothing else should run meanwhile.
#   tests/bench.sh [RUNS]            5 counted runs by default
#   tests/bench.sh archive [RUNS]    the archive alone, which needs no cluster
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}
export SRE_RIG=${SRE_RIG:-$cache/kubectl-sre-rig}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/kubectl-sre/target}
only=
if [ "${1:-}" = archive ]; then only=archive && shift; fi
runs=${1:-5}

cargo build --release --locked
work=$(mktemp -d)
finish() {
  code=$?
  for cluster in "$work"/*/; do [ ! -d "$cluster" ] || tests/cluster/rig.sh down "$cluster"; done
  rm -rf "$work"
  exit $code
}
trap finish EXIT

archive() {
  local made kept
  made=$(sha256sum <tests/cluster/archive.py | cut -c1-12)
  kept=$SRE_RIG/fixtures/archive-$made.tar.zst
  if [ ! -f "$kept" ]; then
    command -v zstd >/dev/null || { echo "need zstd" >&2 && exit 1; }
    echo "writing an archive of 100,000 pods (once)" >&2
    mkdir -p "$SRE_RIG/fixtures"
    rm -f "$SRE_RIG/fixtures/archive-"*
    python3 tests/cluster/archive.py "$work/archive.tar.zst" 10000 3530 25 >&2
    mv "$work/archive.tar.zst" "$kept"
  fi
  python3 tests/bench.py "$CARGO_TARGET_DIR/release/kubectl-sre" archive "$kept" "$runs"
}

if [ -n "$only" ]; then
  archive
  exit
fi
bash tests/cluster/build.sh

# start NAME NODES DEPLOYMENTS PODS-EACH
start() {
  tests/cluster/rig.sh up "$work/$1" --from "$(tests/cluster/fixture.sh "$@")" --grace 10m
}

start small 100 40 25
python3 tests/bench.py "$CARGO_TARGET_DIR/release/kubectl-sre" "$SRE_RIG/bin/kubectl" "$work/small" "$runs" "$work/small.json"
tests/cluster/rig.sh down "$work/small"
start large 1000 400 25
python3 tests/bench.py "$CARGO_TARGET_DIR/release/kubectl-sre" "$SRE_RIG/bin/kubectl" "$work/large" "$runs" "$work/large.json" "$work/small.json"
tests/cluster/rig.sh down "$work/large"
archive
