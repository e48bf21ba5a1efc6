#!/usr/bin/env bash
# Streams a consolidated book: run.sh ROUTER [--base BTC] [--count N]
# Needs Debian's golang-go, golang-google-grpc-dev, golang-google-protobuf-dev,
# golang-github-golang-protobuf-1-5-dev, golang-google-genproto-dev, protoc-gen-go-1-5 and
# protoc-gen-go-grpc.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
out="$root/build/examples/go"  # a GOPATH, ignored by git
binary="$out/bin/consolidated_book"
if [ ! -e "$binary" ] || [ -n "$(find "$root/protos" "$here" -newer "$binary" \( -name '*.proto' -o -name '*.go' \))" ]; then
  mkdir -p "$out/src" "$out/bin"
  # The contract names no Go packages: each folder becomes one of the same name.
  options=()
  while read -r proto; do
    options+=("--go_opt=M$proto=$(dirname "$proto")" "--go-grpc_opt=M$proto=$(dirname "$proto")")
  done < <(cd "$root/protos" && find switchyard -name '*.proto')
  (cd "$root/protos" && find switchyard -name '*.proto' -print0 |
    xargs -0 /usr/bin/protoc -I. --go_out="$out/src" --go-grpc_out="$out/src" "${options[@]}")
  (cd "$here" && GO111MODULE=off GOPATH="$out:/usr/share/gocode" GOFLAGS= \
    go build -o "$binary" consolidated_book.go)
fi
exec "$binary" "$@"
