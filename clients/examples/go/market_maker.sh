#!/usr/bin/env bash
# Quotes both sides of a market for a while, then flattens and stops:
#   market_maker.sh ROUTER [--exchange gateio] [--account NAME] [--symbol BTC-USDT] [--quantity 0.01]
#     [--seconds S]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/generate.sh"
program="$(switchyard_build_go market_maker market_maker.go own_orders.go book.go order_client.go decimal.go client.go)"
exec "$program" "$@"
