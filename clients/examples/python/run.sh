#!/usr/bin/env bash
# Streams a consolidated book: run.sh ROUTER [--base BTC] [--count N]
# Needs Debian's python3-grpcio, python3-protobuf and protobuf-compiler-grpc.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/generate.sh"
PYTHONPATH="$(switchyard_generate_python)" exec /usr/bin/python3 "$here/consolidated_book.py" "$@"
