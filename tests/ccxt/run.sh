#!/usr/bin/env bash
# Lets ccxt, a client that nobody here wrote, talk to a running simulator:
#   run.sh ENDPOINTS_FILE        (what the simulator wrote for --endpoints_file)
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
"$here/install.sh"
exec timeout 150 node "$here/run.js" "$1"
