#!/usr/bin/env bash
# Streams a consolidated book: run.sh ROUTER [--base BTC] [--count N]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/generate.sh"
program="$(switchyard_build_go consolidated_book consolidated_book.go client.go)"
exec "$program" "$@"
