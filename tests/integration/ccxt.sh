#!/usr/bin/env bash
# Lets ccxt, a client that nobody here wrote, judge the simulator: starts one on free ports, runs
# tests/ccxt/run.sh against it and ends it.
set -euo pipefail
cd "$(dirname "$0")/../.."
bazel build --noshow_progress //services/simulator:simulator
built="${SWITCHYARD_BIN:-bazel-bin}"
scratch="$(mktemp -d)"
"$built/services/simulator/simulator" --endpoints_file="$scratch/endpoints.json" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null || true; wait "$simulator" || true; rm -rf "$scratch"' EXIT
# The file appears once all ports listen.
for _ in $(seq 200); do
  [ -e "$scratch/endpoints.json" ] && break
  kill -0 "$simulator" 2>/dev/null || { echo "the simulator did not start" >&2; exit 1; }
  sleep 0.05
done
tests/ccxt/run.sh "$scratch/endpoints.json"
