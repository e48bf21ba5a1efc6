#!/usr/bin/env bash
# The clients that people start with: the examples in Python, Node.js and Go and every command of
# `yard`, against simulator, switchyard and router on free ports. Each must print something
# sensible, and say why when it cannot.
set -euo pipefail
cd "$(dirname "$0")/../.."
bazel build --noshow_progress //services/simulator:simulator //services/standalone:switchyard \
  //services/router:router //clients/cli:yard
built="${SWITCHYARD_BIN:-bazel-bin}"
scratch="$(mktemp -d)"
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" || true; done
  rm -rf "$scratch"
}
trap end EXIT
failures=0

fail() {
  echo "failed  $1"
  sed 's/^/        /' "$2" | head -20
  failures=$((failures + 1))
}

# await FILE PATTERN: waits until a line of the file matches.
await() {
  for _ in $(seq 200); do
    grep -qsE "$2" "$1" && return
    sleep 0.05
  done
  echo "never said in $1: $2" >&2
  cat "$1" >&2
  exit 1
}

# start NAME PROGRAM ARGUMENTS...: a process whose output is in $scratch/NAME.
start() {
  local name="$1"
  shift
  "$@" > "$scratch/$name" 2>&1 &
  pids+=($!)
}

# prints NAME PATTERN COMMAND...: must end with 0 and print a line that matches.
prints() {
  local name="$1" pattern="$2"
  shift 2
  if timeout 60 "$@" > "$scratch/out" 2>&1 && grep -qE -- "$pattern" "$scratch/out"; then
    echo "ok      $name"
  else
    fail "$name: not $pattern" "$scratch/out"
  fi
}

# refuses NAME PATTERN COMMAND...: must end with another code than 0, by itself, and say why.
refuses() {
  local name="$1" pattern="$2" code=0
  shift 2
  timeout 60 "$@" > "$scratch/out" 2>&1 || code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 124 ] && grep -qE -- "$pattern" "$scratch/out"; then
    echo "ok      $name"
  else
    fail "$name: code $code, not $pattern" "$scratch/out"
  fi
}

start simulator "$built/services/simulator/simulator" --endpoints_file="$scratch/endpoints.json"
await "$scratch/endpoints.json" simulator
cat > "$scratch/switchyard.yaml" << YAML
exchanges:
  - exchange: gateio
    accounts: &accounts
      - {name: main, api_key: simulator-key-0001, secret: "\${SIMULATOR_SECRET}"}
  - exchange: gateio_futures
    accounts: *accounts
orders: {journal_directory: "$scratch/journal"}
YAML
export SIMULATOR_SECRET=simulator-secret-0001
start switchyard "$built/services/standalone/switchyard" --listen=127.0.0.1:0 \
  --config="$scratch/switchyard.yaml" --endpoints_file="$scratch/endpoints.json"
await "$scratch/switchyard" 'listening grpc='
backend="$(sed -nE 's/.*listening grpc=([^ ]+).*/\1/p' "$scratch/switchyard")"
start router "$built/services/router/router" --listen=127.0.0.1:0 \
  --backend="gateio=$backend" --backend="gateio_futures=$backend"
await "$scratch/router" 'listening grpc='
router="$(sed -nE 's/.*listening grpc=([^ ]+).*/\1/p' "$scratch/router")"

# A number as each of them writes it, on both sides.
declare -A line=(
  [python]='^bid [0-9.]+ on gateio ask [0-9.]+ on gateio$'
  [nodejs]='^bid [0-9]+e-?[0-9]+ on gateio ask [0-9]+e-?[0-9]+ on gateio$'
  [go]='^bids \[[0-9]+.*\] asks \[[0-9]+.*\] e -?[0-9]+$'
)
for language in python nodejs go; do
  run="clients/examples/$language/run.sh"
  prints "$language" "${line[$language]}" "$run" "$router" --count 5
  [ "$(grep -cE '^bids? ' "$scratch/out")" -eq 5 ] || fail "$language: not five lines" "$scratch/out"
  refuses "$language, unknown base" 'UNKNOWN_INSTRUMENT' "$run" "$router" --base NOPE --count 5
done

# Orders: one is placed, watched, canceled and refused; then a market is made for some seconds.
for language in python nodejs go; do
  for market in "gateio BTC-USDT" "gateio_futures BTC-USDT-PERP"; do
    read -r exchange symbol <<< "$market"
    flags=(--exchange "$exchange" --symbol "$symbol" --quantity 0.01)
    prints "$language, own orders, $exchange" 'CLIENT_ORDER_ID_REUSED' \
      "clients/examples/$language/private_orders.sh" "$router" "${flags[@]}" --seconds 20
    prints "$language, market maker, $exchange" 'done: [1-9][0-9]* orders' \
      "clients/examples/$language/market_maker.sh" "$router" "${flags[@]}" --seconds 5
  done
done

# yard_prints PATTERN JSON_FIELD ARGUMENTS...: as text and as JSON.
yard_prints() {
  local pattern="$1" field="$2"
  shift 2
  prints "yard $1" "$pattern" "$built/clients/cli/yard" "--router=$router" "$@"
  prints "yard $1 --json" "\"$field\"" "$built/clients/cli/yard" "--router=$router" "$@" --json
  /usr/bin/python3 -c 'import json, sys
for line in sys.stdin.read().splitlines(): json.loads(line)' < "$scratch/out" 2>/dev/null ||
    /usr/bin/python3 -m json.tool "$scratch/out" > /dev/null ||
    fail "yard $1 --json: not JSON" "$scratch/out"
}
yard_prints 'gateio_futures' exchange exchanges
yard_prints '[0-9]+\.[0-9]+' orderBook book gateio BTC-USDT
yard_prints '[0-9]+\.[0-9]+' price trades gateio BTC-USDT
yard_prints '[0-9]+\.[0-9]+' lastPrice ticker gateio BTC-USDT
yard_prints '[0-9]+\.[0-9]+' open candles gateio BTC-USDT
yard_prints 'BTC' rate funding
yard_prints 'BTC-USDT-PERP' rate funding gateio_futures BTC-USDT-PERP
yard_prints 'BTC-USDT' symbol instruments gateio
yard_prints '[0-9]+\.[0-9]+' legs consolidated BTC
yard_prints 'GetOrderBook' rpc capabilities gateio
yard_prints 'market_data' component status
for exchange in gateio gateio_futures; do
  symbol=BTC-USDT
  [ "$exchange" = gateio ] || symbol=BTC-USDT-PERP
  yard=("$built/clients/cli/yard" "--router=$router")
  prints "yard order place, $exchange" 'OPEN' "${yard[@]}" order place "$exchange" "$symbol" buy \
    0.01 --price 95000 --client_order_id "own-$exchange" --yes
  prints "yard order amend, $exchange" '95001' "${yard[@]}" order amend "$exchange" \
    "own-$exchange" --price 95001 --yes
  yard_prints "own-$exchange" clientOrderId order list "$exchange"
  prints "yard order cancel, $exchange" 'CANCELED' "${yard[@]}" order cancel "$exchange" \
    "own-$exchange"
  prints "yard order at the market, $exchange" 'FILLED' "${yard[@]}" order place "$exchange" \
    "$symbol" buy 0.01 --type market --yes
  yard_prints 'TAKER' tradeId fills "$exchange"
  yard_prints 'USDT' currency balances "$exchange"
  refuses "yard order place without --yes, $exchange" 'yes' "${yard[@]}" order place "$exchange" \
    "$symbol" buy 0.01 --type market
done
yard_prints 'BTC-USDT-PERP' size positions gateio_futures
yard_prints '[0-9]' leverage leverage gateio_futures BTC-USDT-PERP
yard_prints 'gateio_futures' exchange portfolio
refuses "yard, unknown symbol" 'NOPE-USDT' "$built/clients/cli/yard" "--router=$router" \
  ticker gateio NOPE-USDT
refuses "yard, nobody there" 'UNAVAILABLE|unavailable' "$built/clients/cli/yard" \
  --router=127.0.0.1:1 --timeout=3s exchanges

echo "$failures failed"
[ "$failures" -eq 0 ]
