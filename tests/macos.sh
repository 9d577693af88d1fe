#!/bin/bash
# Checks all Rust code for macOS, as far as that goes without one: types and names, tests included.
#   tests/macos.sh possible   says why it cannot be done here, and fails
#   tests/macos.sh check
# C code of dependencies (ring, zstd) is not compiled: that needs Apple's headers, so its compiler is a stand-in that
# leaves empty files. Nothing is linked, and nothing is run.
set -euo pipefail
cd "$(dirname "$0")/.."
target=x86_64-apple-darwin

stop() { echo "macos.sh: $1" >&2 && exit "$2"; }

possible() {
  [ "$(uname)" != Darwin ] || stop "this is one, and the tests themselves run on it" 1
  command -v rustup >/dev/null 2>&1 || stop "no rustup to get the standard library of $target" 1
  rustup target add "$target" >/dev/null 2>&1 || stop "rustup cannot get the standard library of $target" 1
}

check() {
  # Always at one place: another one would build again all that depends on C code.
  standins=${CARGO_TARGET_DIR:-$PWD/target}/macos
  mkdir -p "$standins"
  standins=$(cd "$standins" && pwd)
  cat >"$standins/cc" <<'STANDIN'
#!/bin/sh
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then : >"$2"; fi
  shift
done
STANDIN
  cat >"$standins/ar" <<'STANDIN'
#!/bin/sh
for word; do
  case $word in *.a) : >"$word" ;; esac
done
STANDIN
  chmod +x "$standins/cc" "$standins/ar"
  export CC_x86_64_apple_darwin=$standins/cc AR_x86_64_apple_darwin=$standins/ar
  cargo check --quiet --workspace --all-targets --locked --target "$target"
}

case ${1:-} in
  possible) possible ;;
  check) check ;;
  *) stop "usage: tests/macos.sh possible|check" 2 ;;
esac
