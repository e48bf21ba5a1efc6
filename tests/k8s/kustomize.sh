#!/usr/bin/env bash
# Builds a kustomization, offline, by kustomize 5 or newer: kustomize.sh DIRECTORY. Debian 12 has
# none that is new enough: where neither kubectl nor kustomize of that age is installed, Debian 13's
# package is unpacked in ~/.cache/switchyard, without root. Exits 3 where that cannot be had.
set -euo pipefail

# is_new_enough TEXT: whether the first version in it is 5 or newer.
is_new_enough() { [[ "$1" =~ v([0-9]+)\.[0-9]+\.[0-9]+ ]] && ((BASH_REMATCH[1] >= 5)); }

cache="${XDG_CACHE_HOME:-$HOME/.cache}/switchyard/kustomize"

fetch() {
  mkdir -p "$cache"
  local scratch status=0
  scratch="$(mktemp -d)"
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" \
    >"$scratch/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$scratch/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$scratch/lists"
    -o "Dir::Cache=$scratch/cache" -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=true)
  (cd "$scratch" && "${apt[@]}" update && "${apt[@]}" download kustomize &&
    dpkg-deb -x kustomize_*.deb tree && mv tree/usr/bin/kustomize "$cache/kustomize") >&2 || status=3
  rm -rf "$scratch"
  return "$status"
}

if is_new_enough "$(kubectl version --client 2>/dev/null | grep -i kustomize || true)"; then
  exec kubectl kustomize "$1"
fi
if is_new_enough "$(kustomize version 2>/dev/null || true)"; then exec kustomize build "$1"; fi
[ -x "$cache/kustomize" ] || fetch || exit 3
exec "$cache/kustomize" build "$1"
