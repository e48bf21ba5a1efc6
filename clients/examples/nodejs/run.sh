#!/usr/bin/env bash
# Streams a consolidated book: run.sh ROUTER [--base BTC] [--count N]
# Needs Node.js 18 or later and npm. The contract is loaded at run time; no code is generated.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
  # No package here needs its install script.
  (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --silent)
fi
exec node "$here/consolidated_book.js" "$@"
