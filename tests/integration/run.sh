#!/usr/bin/env bash
# The integration tests: real processes on free ports, clients written from the contract alone.
#   run.sh [unittest arguments, for instance tests.integration.reliability_test.BookTruth -k r07]
set -euo pipefail
cd "$(dirname "$0")/../.."
bazel build --noshow_progress //services/simulator:simulator //services/standalone:switchyard \
  //services/router:router //tests/integration/contract_client //clients/cli:yard
source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON
if [ $# -gt 0 ]; then
  exec /usr/bin/python3 -m unittest "$@"
fi

# The rounds in which the order service is killed mostly wait: they run beside all others.
rounds=(tests.integration.order_kill_test tests.integration.order_crash_point_test)
others=()
for file in tests/integration/*_test.py; do
  module="tests.integration.$(basename "$file" .py)"
  case " ${rounds[*]} " in
    *" $module "*) ;;
    *) others+=("$module") ;;
  esac
done
log="$(mktemp)"
/usr/bin/python3 -m unittest "${rounds[@]}" >"$log" 2>&1 &
rounds_pid=$!
trap 'kill "$rounds_pid" 2>/dev/null || true; rm -f "$log"' EXIT
failed=0
/usr/bin/python3 -m unittest "${others[@]}" || failed=1
wait "$rounds_pid" || failed=1
echo "rounds in which the order service is killed:"
cat "$log"
exit "$failed"
