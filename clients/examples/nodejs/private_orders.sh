#!/usr/bin/env bash
# Places, watches and cancels one order:
#   private_orders.sh ROUTER [--exchange gateio] [--account NAME] [--symbol BTC-USDT] [--quantity 0.01]
#     [--seconds S]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/install.sh"
switchyard_install_nodejs
exec node "$here/private_orders.js" "$@"
