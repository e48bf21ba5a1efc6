#!/usr/bin/env bash
# Runs the demo overlay's pods by podman and restarts each under load (play.py says what must hold).
# By hand: needs root, a machine to itself, about 2 GB of disk and 5 minutes, and
#   apt-get install podman runc netavark aardvark-dns catatonit iptables
# The image is made of the programs that bazel builds and the libraries that they load. Not played,
# for lack of a cluster: probes, NetworkPolicies, disruption budgets, the autoscaler, surges.
#   play.sh [--rounds restart,kill] [--stay]
set -euo pipefail
cd "$(dirname "$0")/../.."
scratch="${TMPDIR:-/tmp}/switchyard-play"
mkdir -p "$scratch"
exec 9>"$scratch/lock"
flock -n 9 || { echo "play.sh: another one runs" >&2; exit 1; }
tests/k8s/kustomize.sh k8s/overlays/demo >"$scratch/demo.yaml"
bazel build --noshow_progress //clients/cli:yard //services/simulator:simulator \
  //services/router:router //services/market_data/... //services/order/... \
  //services/position/... //services/account/...
source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON SWITCHYARD_MANIFESTS="$scratch"
exec nice /usr/bin/python3 tests/k8s/play.py --scratch "$scratch" "$@"
