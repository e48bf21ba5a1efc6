#!/usr/bin/env bash
# Streams a consolidated book: run.sh ROUTER [--base BTC] [--count N]
# Needs Node.js 18 or later and npm.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/install.sh"
switchyard_install_nodejs
exec node "$here/consolidated_book.js" "$@"
