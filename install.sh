#!/bin/sh
# Builds kubectl-sre and lays it where kubectl finds it. Needs no root, edits no shell profile.
#   ./install.sh              build, lay the binary, its links, completions and profiles into ~/.local
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

case $prefix in
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac
bin=$prefix/bin
share=$prefix/share
# Files and directories that were made, one a line; the deepest directories come first.
record=$share/kubectl-sre/installed
record_made=$share/kubectl-sre/made
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kubectl-sre/target

remove_laid() {
  while IFS= read -r path; do
    rm -f -- "$path"
    say "removed $path"
  done <"$record"
  # Others may have put something into what was made: then it stays.
  directories=$(cat "$record_made" 2>/dev/null || true)
  rm -f -- "$record" "$record_made"
  printf '%s\n' "$directories" | while IFS= read -r directory; do
    rmdir "$directory" 2>/dev/null || true
  done
}

if [ "$uninstall" = yes ]; then
  [ -f "$record" ] || stop "nothing to remove: $record is not there" 2
  remove_laid
  if [ -d "$cache" ]; then say "left: $cache, which makes the next build short"; fi
  exit 0
fi

# The Rust toolchain: what is there and new enough, else from a client that is there, else as rustup.rs says.
needed=$(sed -n 's/^rust-version = "\([0-9.]*\)"/\1/p' "$here/Cargo.toml")
cargo_bin=${CARGO_HOME:-$HOME/.cargo}/bin
PATH=$PATH:$cargo_bin

# It says for example "cargo 1.95.0 (f2d3ce0bd 2026-03-21)".
is_new_enough() {
  has=$("$1" --version 2>/dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p')
  [ -n "$has" ] || return 1
  [ "${has%%.*}" -gt "${needed%%.*}" ] && return 0
  [ "${has%%.*}" -eq "${needed%%.*}" ] && [ "${has#*.}" -ge "${needed#*.}" ]
}

find_cargo() {
  if is_new_enough cargo; then return 0; fi
  if is_new_enough "$cargo_bin/cargo"; then
    PATH=$cargo_bin:$PATH
    return 0
  fi
  return 1
}

run_rustup_init() {
  # Another Rust that is too old may be on PATH, and stays there.
  RUSTUP_INIT_SKIP_PATH_CHECK=yes "$@" -y --no-modify-path --profile minimal >&2
}

install_cargo() {
  wanting="no Rust toolchain of $needed or newer:"
  if command -v brew >/dev/null 2>&1; then
    say "$wanting installing one with brew"
    brew install rust >&2
  elif command -v rustup >/dev/null 2>&1; then
    say "$wanting installing one with rustup"
    rustup toolchain install stable --profile minimal >&2
    RUSTUP_TOOLCHAIN=stable
    export RUSTUP_TOOLCHAIN
  elif command -v rustup-init >/dev/null 2>&1; then
    say "$wanting installing one with rustup-init into $cargo_bin"
    run_rustup_init rustup-init
  else
    download_rustup
  fi
}

download_rustup() {
  from=https://sh.rustup.rs
  script=$(mktemp)
  trap 'rm -f "$script"' EXIT
  say "$wanting installing one into $cargo_bin with the script of $from"
  if command -v curl >/dev/null 2>&1; then
    curl --proto '=https' --tlsv1.2 -sSfo "$script" "$from" || stop "cannot download $from" 2
  elif command -v wget >/dev/null 2>&1; then
    wget -qO "$script" "$from" || stop "cannot download $from" 2
  else
    stop "neither curl nor wget to get one with; install Rust $needed or newer ($from), then run this again" 2
  fi
  run_rustup_init sh "$script"
}

find_cargo || install_cargo
find_cargo || stop "there is still no cargo of $needed or newer on PATH" 2
command -v cc >/dev/null 2>&1 || stop "no C compiler (cc); install gcc or clang, then run this again" 2

target=${CARGO_TARGET_DIR:-$cache}
say "building (a few minutes the first time)"
CARGO_TARGET_DIR=$target cargo build --release --locked --manifest-path "$here/Cargo.toml" >&2
built=$target/release/kubectl-sre

laid=$(mktemp)
made=$(mktemp)
trap 'rm -f "$laid" "$made" ${script:+"$script"}' EXIT

directory() {
  if [ ! -d "$1" ]; then
    directory "$(dirname "$1")"
    mkdir "$1" || stop "cannot make $1" 70
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

# The program finds them beside itself, by their names: --profile NAME.
for profile in "$here"/runbooks/*/profile.yaml; do
  folder=${profile%/profile.yaml}
  to=$share/kubectl-sre/runbooks/${folder##*/}
  directory "$to"
  cp "$profile" "$to/profile.yaml"
  lay "$to/profile.yaml"
done

directory "$share/kubectl-sre"
if [ -f "$record" ]; then cat "$record" >>"$laid"; fi
sort -u "$laid" >"$record"
if [ -f "$record_made" ]; then cat "$record_made" >>"$made"; fi
sort -ru "$made" >"$record_made"

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
