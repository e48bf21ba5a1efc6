#!/usr/bin/env bash
# The integration tests: real processes on free ports, clients written from the contract alone.
#   run.sh [unittest arguments, for instance tests.integration.reliability_test.BookTruth -k r07]
set -euo pipefail
cd "$(dirname "$0")/../.."
bazel build --noshow_progress //services/simulator:simulator //services/standalone:switchyard \
  //services/router:router //tests/integration/contract_client
source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON
if [ $# -gt 0 ]; then
  exec /usr/bin/python3 -m unittest "$@"
fi
exec /usr/bin/python3 -m unittest discover --start-directory tests/integration \
  --top-level-directory . --pattern '*_test.py'
