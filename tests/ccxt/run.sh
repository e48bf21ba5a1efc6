#!/usr/bin/env bash
# Lets ccxt, a client that nobody here wrote, talk to a running simulator:
#   run.sh ENDPOINTS_FILE        (what the simulator wrote for --endpoints_file)
# Fetches the pinned ccxt from npm at the first run.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
if [ ! "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ]; then
  # No package here needs its install script.
  (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --silent)
fi
exec timeout 150 node "$here/run.js" "$1"
