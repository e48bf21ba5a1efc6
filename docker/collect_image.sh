#!/usr/bin/env bash
# Builds every program and lays out the image's files.
#   collect_image.sh FOLDER    FOLDER becomes the root of the image; it must not exist
# With PROGRAMS_FROM=FOLDER programs are taken from there, ready-made, in place of building them.
set -euo pipefail
cd "$(dirname "$0")/.."
root="${1:?collect_image.sh: where to}"
[ ! -e "$root" ] || { echo "collect_image.sh: $root exists" >&2; exit 1; }
user=65532

bin="$root/usr/local/bin"
install -d -m 755 "$bin" "$root/etc/ssl/certs" "$root/etc/switchyard" "$root/run/secrets"
if [ -n "${PROGRAMS_FROM:-}" ]; then
  install -m 755 "$PROGRAMS_FROM"/* "$bin"
else
  mapfile -t programs < <(bazel query --noshow_progress \
    'kind("cc_binary rule", //services/... union //clients/cli:yard)')
  bazel build --noshow_progress "${programs[@]}"
  for program in "${programs[@]}"; do
    path="${program#//}"
    install -m 755 "bazel-bin/${path/://}" "$bin"
  done
fi
strip --strip-all "$bin"/*

# The libraries that they load, and the loader, where they are found here.
! ldd "$bin"/* | grep 'not found' || exit 1
ldd "$bin"/* | grep -oE '/[^ ]+\.so[^ ]*' | sort -u |
  while read -r library; do
    install -D -m 755 "$library" "$root$library"
  done

install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo "switchyard:x:$user:$user::/var/lib/switchyard:/nonexistent" >"$root/etc/passwd"
echo "switchyard:x:$user:" >"$root/etc/group"
install -d -m 1777 "$root/tmp"
install -d -m 700 "$root/var/lib/switchyard/journal"
du -sh "$root"
