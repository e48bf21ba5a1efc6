# Sourced, with `here` set to this folder. switchyard_build_go NAME FILE.go...: generates the
# contract's Go code into build/ at the top of the tree, which git ignores, and builds the program,
# unless what is there is newer. Prints the program's path.
# Needs Debian's golang-go, golang-google-grpc-dev, golang-google-protobuf-dev,
# golang-github-golang-protobuf-1-5-dev, golang-google-genproto-dev, protoc-gen-go-1-5 and
# protoc-gen-go-grpc.
switchyard_build_go() {
  local name="$1" root out binary
  shift
  root="$(cd "$here/../../.." && pwd)"
  out="$root/build/examples/go"  # a GOPATH
  binary="$out/bin/$name"
  if [ ! -e "$out/.generated" ] || [ -n "$(find "$root/protos" -newer "$out/.generated" -name '*.proto')" ]; then
    mkdir -p "$out/src" "$out/bin"
    # The contract names no Go packages: each folder becomes one of the same name.
    local options=() proto
    while read -r proto; do
      options+=("--go_opt=M$proto=$(dirname "$proto")" "--go-grpc_opt=M$proto=$(dirname "$proto")")
    done < <(cd "$root/protos" && find switchyard -name '*.proto')
    (cd "$root/protos" && find switchyard -name '*.proto' -print0 |
      xargs -0 /usr/bin/protoc -I. --go_out="$out/src" --go-grpc_out="$out/src" "${options[@]}")
    touch "$out/.generated"
  fi
  if [ ! -e "$binary" ] || [ -n "$(find "$out/.generated" "$here" -newer "$binary" \( -name .generated -o -name '*.go' \))" ]; then
    (cd "$here" && GO111MODULE=off GOPATH="$out:/usr/share/gocode" GOFLAGS= \
      go build -o "$binary" "$@")
  fi
  echo "$binary"
}
