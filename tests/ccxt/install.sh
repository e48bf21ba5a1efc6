#!/usr/bin/env bash
# Fetches the pinned ccxt from npm where it is not there yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  # No package here needs its install script.
  npm ci --ignore-scripts --no-audit --no-fund --silent
fi
