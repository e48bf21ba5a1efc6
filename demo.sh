#!/usr/bin/env bash
# Shows Switchyard at work on this machine alone: a simulator in place of the exchanges, all
# services in one process, the router in front of them, orders on every exchange, and a Python
# client that keeps live books of them.
#
#   ./demo.sh              stays up until Ctrl-C
#   ./demo.sh --for 30     ends after 30 s; exit code 0 if all of it worked
#
# Needs Debian 12. Installs what is missing (root or sudo), then builds.
set -euo pipefail
cd "$(dirname "$0")"

run_seconds=0
router_port=50050
while [ $# -gt 0 ]; do
  case "$1" in
    --for) run_seconds="${2:?--for needs seconds}"; shift 2 ;;
    --port) router_port="${2:?--port needs a number}"; shift 2 ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "demo.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
  esac
done

. common/bazel/install_packages.sh
switchyard_install_packages

echo "building (the first time takes some minutes)"
bazel build --noshow_progress //services/simulator:simulator //services/standalone:switchyard \
  //services/router:router //clients/cli:yard

scratch="$(mktemp -d)"
pids=()
cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start NAME COMMAND...: runs a process in the background with its output in $scratch/NAME.log.
start() {
  local name="$1"
  shift
  "$@" >"$scratch/$name.log" 2>&1 &
  pids+=("$!")
}

# await NAME PATTERN: waits until the process's log holds the pattern, and prints that line.
await() {
  local name="$1" pattern="$2" deadline=$((SECONDS + 20))
  until grep -m1 -E "$pattern" "$scratch/$name.log"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "${pids[-1]}" 2>/dev/null; then
      echo "demo.sh: $name did not start:" >&2
      cat "$scratch/$name.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

start simulator bazel-bin/services/simulator/simulator --endpoints_file="$scratch/endpoints.json" \
  --updates_per_second=20
deadline=$((SECONDS + 20))
until [ -s "$scratch/endpoints.json" ]; do
  if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "${pids[-1]}" 2>/dev/null; then
    echo "demo.sh: the simulator did not start:" >&2
    cat "$scratch/simulator.log" >&2
    exit 1
  fi
  sleep 0.1
done
echo "simulator endpoints: $(tr -d '\n' <"$scratch/endpoints.json")"

# The simulator's own account: its keys are documented and worthless.
cat >"$scratch/switchyard.yaml" <<'YAML'
exchanges:
  - exchange: gateio
    accounts: &accounts
      - name: demo
        api_key: simulator-key-0001
        secret: ${SIMULATOR_SECRET}
  - exchange: gateio_futures
    accounts: *accounts
  - exchange: lighter
    accounts:
      - name: demo
        api_key: "4"
        secret: ${SIMULATOR_LIGHTER_KEY}
        options: {account_index: "10000001"}
YAML
printf 'orders: {journal_directory: "%s/journal"}\n' "$scratch" >>"$scratch/switchyard.yaml"
export SIMULATOR_SECRET=simulator-secret-0001
SIMULATOR_LIGHTER_KEY="$(/usr/bin/python3 -c '
import json, sys
print(json.load(open(sys.argv[1]))["lighter"]["credentials"]["private_key"])' \
  "$scratch/endpoints.json")"
export SIMULATOR_LIGHTER_KEY
start switchyard bazel-bin/services/standalone/switchyard \
  --config="$scratch/switchyard.yaml" --listen="unix:$scratch/switchyard.sock" \
  --metrics_listen=127.0.0.1:0 --endpoints_file="$scratch/endpoints.json"
await switchyard '^switchyard listening'

start router bazel-bin/services/router/router --listen="127.0.0.1:$router_port" \
  --metrics_listen=127.0.0.1:0 --backend="gateio=unix:$scratch/switchyard.sock" \
  --backend="gateio_futures=unix:$scratch/switchyard.sock" \
  --backend="lighter=unix:$scratch/switchyard.sock"
await router '^router listening'

router="127.0.0.1:$router_port"
yard=(bazel-bin/clients/cli/yard "--router=$router")
echo
echo "exchanges:"
"${yard[@]}" exchanges
echo
echo "top of the spot book and of the perpetuals', once:"
"${yard[@]}" book gateio BTC-USDT --depth 5
"${yard[@]}" book gateio_futures BTC-USDT-PERP --depth 5
"${yard[@]}" book lighter BTC-USDC-PERP --depth 5
echo
echo "both perpetuals as one book:"
"${yard[@]}" consolidated BTC --kind perp
echo
# below_bid EXCHANGE SYMBOL SHARE: the best bid times a share.
below_bid() {
  "${yard[@]}" book "$1" "$2" --depth 1 --json | /usr/bin/python3 -c '
import json, sys
from decimal import Decimal
book = json.loads(sys.stdin.readline())["orderBook"]
bid = Decimal(book["bidPriceMantissas"][0]).scaleb(book.get("priceExponent", 0))
print(format(bid * Decimal(sys.argv[1]), "f"))' "$3"
}

# trade EXCHANGE SYMBOL: an order that rests, is amended and canceled, and one that fills.
trade() {
  local exchange="$1" symbol="$2" price
  echo "$exchange: place, amend, cancel, then buy at the market"
  "${yard[@]}" order list "$exchange" --watch >"$scratch/$exchange.events" 2>&1 &
  pids+=("$!")
  price="$(below_bid "$exchange" "$symbol" 0.99)"
  "${yard[@]}" order place "$exchange" "$symbol" buy 0.01 --price "$price" --post_only \
    --price_rounding down --client_order_id "demo-$exchange-1"
  price="$(below_bid "$exchange" "$symbol" 0.985)"
  "${yard[@]}" order amend "$exchange" "demo-$exchange-1" --price "$price" \
    --price_rounding down --yes
  "${yard[@]}" order cancel "$exchange" "demo-$exchange-1"
  "${yard[@]}" order place "$exchange" "$symbol" buy 0.01 --type market --yes \
    --client_order_id "demo-$exchange-2"
  local deadline=$((SECONDS + 10))
  until grep -qE "demo-$exchange-2.*FILLED" "$scratch/$exchange.events"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "demo.sh: the private stream of $exchange never told the fill:" >&2
      cat "$scratch/$exchange.events" "$scratch/switchyard.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  kill "${pids[-1]}"
  echo "what the private stream said:"
  sed 's/^/  /' "$scratch/$exchange.events"
  echo
}
trade gateio BTC-USDT
trade gateio_futures BTC-USDT-PERP
trade lighter BTC-USDC-PERP
"${yard[@]}" positions gateio_futures
"${yard[@]}" portfolio gateio_futures lighter
echo
echo "try: ${yard[*]} book gateio BTC-USDT --watch"
echo "live books through the router:"

stream=(clients/examples/python/stream_book.sh "$router" --interval-ms 1000)
markets=(gateio BTC-USDT gateio_futures BTC-USDT-PERP lighter BTC-USDC-PERP)
if [ "$run_seconds" -eq 0 ]; then
  "${stream[@]}" "${markets[@]}"
  exit 0
fi
timeout $((run_seconds + 30)) "${stream[@]}" --seconds "$run_seconds" "${markets[@]}" |
  tee "$scratch/books.log"
for ((i = 0; i < ${#markets[@]}; i += 2)); do
  lines=$(grep -cE "^${markets[i]} +${markets[i + 1]} .*bid" "$scratch/books.log" || true)
  if [ "$lines" -lt 3 ]; then
    echo "demo.sh: the book of ${markets[i]} ${markets[i + 1]} did not move ($lines lines)" >&2
    tail -n 20 "$scratch"/*.log >&2
    exit 1
  fi
done
echo "all of it worked"
