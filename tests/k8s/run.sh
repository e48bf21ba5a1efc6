#!/usr/bin/env bash
# Renders the overlays of k8s/ and checks what came out: against the Kubernetes schemas, against the
# rules that k8s/README.md states, and against the real processes, which must take every
# configuration. Needs npm the first time, and kustomize (kustomize.sh says where from).
#   run.sh [unittest arguments, for instance tests.k8s.network_test]
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/k8s

rendered="$(mktemp -d)"
trap 'rm -rf "$rendered"' EXIT
for overlay in demo production; do
  status=0
  "$here/kustomize.sh" "k8s/overlays/$overlay" >"$rendered/$overlay.yaml" || status=$?
  if [ "$status" -eq 3 ]; then
    echo "k8s: left out, kustomize 5 cannot be had here"
    exit 0
  fi
  [ "$status" -eq 0 ] || exit "$status"
done
if [ ! -d "$here/node_modules/kubernetes-models" ]; then
  (cd "$here" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts >&2)
fi

bazel build --noshow_progress //services/router:router //services/market_data/... \
  //services/order/... //services/position/... //services/account/...
source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON SWITCHYARD_MANIFESTS="$rendered"
if [ $# -eq 0 ]; then
  set -- tests.k8s.objects_test tests.k8s.network_test tests.k8s.config_test
fi
/usr/bin/python3 -m unittest "$@"
