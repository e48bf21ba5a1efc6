#!/usr/bin/env bash
# Measures Switchyard beside the least that can be done and prints one table; README.md explains it.
#   run.sh [--short]     --short: 3 rounds of 2 s instead of 7, under 270 s after building
# Also: bazel run -c opt //tests/bench:all [-- --short]
# Results are kept as JSON in build/bench. Exit code 1 where a steady figure breaks its bound.
set -euo pipefail

case "${1:-}" in
  "" | --short) ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

if [ -n "${BUILD_WORKSPACE_DIRECTORY:-}" ]; then
  # Under `bazel run`: everything is built and lies beside us.
  binaries="$PWD"
  here="$PWD/tests/bench"
  root="$BUILD_WORKSPACE_DIRECTORY"
else
  root="$(cd "$(dirname "$0")/../.." && pwd)"
  here="$root/tests/bench"
  cd "$root"
  bazel build --noshow_progress //tests/bench:micro_bench //tests/bench:floor \
    //tests/bench:chain_bench //tests/bench:orders_bench //tests/bench/lighter:signing_bench \
    //services/simulator:simulator //services/standalone:switchyard //services/router:router
  binaries="$(bazel info bazel-bin 2> /dev/null)"
fi

# Copies, so that a build meanwhile changes nothing.
scratch="$(mktemp -d)"
# Beside the results, for /tmp may be memory, where nothing is synced.
mkdir -p "$root/build/bench"
journals="$(mktemp -d -p "$root/build/bench")"
trap 'rm -rf "$scratch" "$journals"' EXIT
mkdir "$scratch/chain" "$scratch/orders"
cp "$binaries"/tests/bench/{micro_bench,floor,chain_bench,orders_bench,lighter/signing_bench} \
  "$binaries"/services/{simulator/simulator,standalone/switchyard,router/router} "$scratch/"

# For the simulator alone, and trusted by nobody but its clients here.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=simulator \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$scratch/chain/key.pem" \
  -out "$scratch/chain/certificate.pem" 2> /dev/null
ccxt=()
if "$root/tests/ccxt/install.sh"; then
  ccxt=("--ccxt=$root/tests/bench/ccxt/watch.js")
else
  echo "ccxt is not to be had: left out" >&2
fi

results="$root/build/bench"
micro=(--benchmark_min_time=0.1 --benchmark_repetitions=21)
[ "${1:-}" = --short ] && micro=(--benchmark_min_time=0.03 --benchmark_repetitions=15)
# Of signing what the table shows.
for part in micro: signing:CreateOrder; do
  "$scratch/${part%:*}_bench" "${micro[@]}" --benchmark_enable_random_interleaving=true \
    --benchmark_filter="${part#*:}" --benchmark_out_format=json \
    --benchmark_out="$results/${part%:*}.json" > /dev/null
done
"$scratch/chain_bench" "$scratch" "$scratch/chain" "$results/chain.jsonl" "$@" "${ccxt[@]}"
"$scratch/orders_bench" "$scratch" "$scratch/orders" "$journals" "$results/orders.jsonl" "$@"
/usr/bin/python3 "$here/report.py" "$results"
