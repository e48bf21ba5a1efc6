# Sourced. Generates the contract's Python code into build/ at the top of the tree, which git
# ignores, unless what is there is newer than the contract. Prints the folder.
switchyard_generate_python() {
  local root out
  root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
  out="$root/build/examples/python"
  if [ ! -e "$out/.generated" ] || [ -n "$(find "$root/protos" -newer "$out/.generated" -name '*.proto')" ]; then
    mkdir -p "$out"
    (cd "$root/protos" &&
      find google switchyard -name '*.proto' -print0 |
      xargs -0 /usr/bin/protoc -I. --python_out="$out" --grpc_out="$out" \
        --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin)
    touch "$out/.generated"
  fi
  echo "$out"
}
