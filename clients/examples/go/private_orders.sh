#!/usr/bin/env bash
# Places, watches and cancels one order:
#   private_orders.sh ROUTER [--exchange gateio] [--account NAME] [--symbol BTC-USDT] [--quantity 0.01]
#     [--seconds S]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/generate.sh"
program="$(switchyard_build_go private_orders private_orders.go order_client.go decimal.go client.go)"
exec "$program" "$@"
