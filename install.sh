#!/bin/sh
# Builds kubectl-sre and lays it where kubectl finds it. Needs no root, edits no shell profile.
#   ./install.sh              build, lay the binary, its links and the completions into ~/.local
#   ./install.sh --demo       the same, then show a report of the built-in demo cluster
#   ./install.sh --prefix DIR lay into DIR/bin and DIR/share instead
#   ./install.sh --uninstall  remove exactly what was laid
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${HOME:?HOME is not set}/.local
demo=no
uninstall=no
commands="daily_check"

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$0"
}

say() {
  printf '%s\n' "$*" >&2
}

stop() {
  say "install.sh: $1"
  exit "$2"
}

while [ $# -gt 0 ]; do
  case $1 in
    --demo) demo=yes ;;
    --uninstall) uninstall=yes ;;
    --prefix)
      [ $# -ge 2 ] || stop "--prefix needs a directory" 2
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) stop "unknown option $1; try --help" 2 ;;
  esac
  shift
done

mkdir -p "$prefix" || stop "cannot make $prefix" 70
prefix=$(cd "$prefix" && pwd)
bin=$prefix/bin
share=$prefix/share
record=$share/kubectl-sre/installed

remove_laid() {
  [ -f "$record" ] || stop "nothing to remove: $record is not there" 2
  while IFS= read -r path; do
    rm -f -- "$path"
    say "removed $path"
  done <"$record"
  rm -f -- "$record"
  rmdir "$share/kubectl-sre" 2>/dev/null || true
  for directory in "$share/bash-completion/completions" "$share/bash-completion" "$share/zsh/site-functions" "$share/zsh" \
    "$share/fish/vendor_completions.d" "$share/fish" "$share" "$bin"; do
    if [ -f "$1" ] && grep -Fqx -- "$directory" "$1"; then rmdir "$directory" 2>/dev/null || true; fi
  done
}

if [ "$uninstall" = yes ]; then
  made=$(mktemp)
  trap 'rm -f "$made"' EXIT
  if [ -f "$share/kubectl-sre/made" ]; then
    cp "$share/kubectl-sre/made" "$made"
    rm -f "$share/kubectl-sre/made"
  fi
  remove_laid "$made"
  exit 0
fi

# The Rust toolchain: what is there, else from the system's package client.
find_cargo() {
  if command -v cargo >/dev/null 2>&1; then return 0; fi
  if [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH=$HOME/.cargo/bin:$PATH
    return 0
  fi
  return 1
}

install_cargo() {
  if command -v brew >/dev/null 2>&1; then
    say "no Rust toolchain: installing one with brew"
    brew install rust >&2
  elif command -v rustup-init >/dev/null 2>&1; then
    say "no Rust toolchain: installing one with rustup-init"
    rustup-init -y --no-modify-path --profile minimal >&2
    PATH=$HOME/.cargo/bin:$PATH
  elif command -v rustup >/dev/null 2>&1; then
    say "no Rust toolchain: installing one with rustup"
    rustup toolchain install stable --profile minimal >&2
  else
    stop "no Rust toolchain and no client to get one; install Rust 1.90 or newer (https://rustup.rs), then run this again" 2
  fi
}

find_cargo || install_cargo
find_cargo || stop "cargo is still not on PATH" 2
command -v cc >/dev/null 2>&1 || stop "no C compiler (cc); install gcc or clang, then run this again" 2

target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre/target}
say "building (a few minutes the first time)"
CARGO_TARGET_DIR=$target cargo build --release --locked --manifest-path "$here/Cargo.toml" >&2
built=$target/release/kubectl-sre

laid=$(mktemp)
made=$(mktemp)
trap 'rm -f "$laid" "$made"' EXIT

directory() {
  if [ ! -d "$1" ]; then
    directory "$(dirname "$1")"
    mkdir "$1"
    printf '%s\n' "$1" >>"$made"
  fi
}

lay() {
  printf '%s\n' "$1" >>"$laid"
  say "laid $1"
}

directory "$bin"
cp "$built" "$bin/.kubectl-sre.new"
mv -f "$bin/.kubectl-sre.new" "$bin/kubectl-sre"
lay "$bin/kubectl-sre"
for command in $commands; do
  ln -sf kubectl-sre "$bin/kubectl-sre-$command"
  lay "$bin/kubectl-sre-$command"
done

# kubectl asks this program for completions of `kubectl sre ...`.
cat >"$bin/kubectl_complete-sre" <<'COMPLETE'
#!/bin/sh
exec kubectl-sre __complete "$@"
COMPLETE
chmod 755 "$bin/kubectl_complete-sre"
lay "$bin/kubectl_complete-sre"

completion() {
  directory "$(dirname "$2")"
  COMPLETE=$1 "$bin/kubectl-sre" >"$2"
  lay "$2"
}
completion bash "$share/bash-completion/completions/kubectl-sre"
completion zsh "$share/zsh/site-functions/_kubectl-sre"
completion fish "$share/fish/vendor_completions.d/kubectl-sre.fish"

directory "$share/kubectl-sre"
if [ -f "$record" ]; then cat "$record" >>"$laid"; fi
sort -u "$laid" >"$record"
if [ -f "$share/kubectl-sre/made" ]; then cat "$share/kubectl-sre/made" >>"$made"; fi
sort -ru "$made" >"$share/kubectl-sre/made"

case :$PATH: in
  *:"$bin":*) ;;
  *) say "note: $bin is not on PATH; add it, so that kubectl finds the plugin" ;;
esac

if [ "$demo" = yes ]; then
  PATH=$bin:$PATH
  export PATH
  code=0
  if command -v kubectl >/dev/null 2>&1; then
    say "running: kubectl sre daily-check --from demo"
    kubectl sre daily-check --from demo || code=$?
  else
    say "running: kubectl-sre daily-check --from demo (kubectl is not there)"
    kubectl-sre daily-check --from demo || code=$?
  fi
  # The demo cluster has troubles on purpose: findings (1) are a printed report.
  case $code in
    0 | 1 | 6) say "that was the demo; with a cluster: kubectl sre daily-check" ;;
    *) stop "the demo did not run (exit $code)" 70 ;;
  esac
fi
