#!/usr/bin/env bash
# Runs every test. Needs Debian 12; installs what is missing (root or sudo).
#
#   ./test.sh              all that a change must pass
#   ./test.sh unit         Bazel's tests only
#   ./test.sh asan|tsan [TARGET...]  the tests, or some, under address and undefined, or thread,
#                          sanitizers
#   ./test.sh coverage [TARGET...]  line coverage by gcov, a table a folder
#   ./test.sh bench        the whole benchmark and its table
set -euo pipefail
cd "$(dirname "$0")"

. common/bazel/install_packages.sh
switchyard_install_packages

passed=0
failed=()
# step NAME COMMAND...: runs one part, tells its time, remembers whether it failed.
step() {
  local name="$1" begin=$SECONDS
  shift
  echo "=== $name"
  if "$@"; then
    passed=$((passed + 1))
    echo "=== $name passed in $((SECONDS - begin)) s"
  else
    failed+=("$name")
    echo "=== $name FAILED after $((SECONDS - begin)) s"
  fi
}

unit_tests() { bazel test --noshow_progress --keep_going //tests/... //services/...; }

sanitized() {
  local config="$1"
  shift
  bazel test --noshow_progress --keep_going "--config=$config" "$@"
}

programs=(//services/simulator:simulator //services/standalone:switchyard
  //services/router:router //services/market_data/... //clients/cli:yard)

full_run() {
  step "contract: buf lint and breaking" tests/contract/check.sh
  step "formatting" tests/lint/run.sh
  step "unit tests" unit_tests
  step "programs" bazel build --noshow_progress "${programs[@]}"
  step "integration: the real processes, faults, recorded traffic" \
    env KILL_ROUNDS=25 tests/integration/run.sh
  step "monitoring: rules, alerts and dashboards on a real Prometheus" tests/docker/run.sh
  step "kubernetes: manifests against the schemas, their rules and the processes" tests/k8s/run.sh
  step "ccxt against the simulator" tests/integration/ccxt.sh
  step "examples in other languages" tests/integration/examples.sh
  step "stress under tsan" sanitized tsan //tests/common/stream:stress_test \
    //tests/services/market_data:stream_stress_test
  # From nothing, building for speed takes a quarter of an hour: a run that is late does without.
  if ((SECONDS < 3600)); then
    step "benchmarks, short form" tests/bench/run.sh --short
  else
    echo "=== benchmarks left out after $((SECONDS / 60)) minutes: ./test.sh bench"
  fi
}

mode="${1:-all}"
[ "$#" -eq 0 ] || shift
targets=("$@")
[ "$#" -gt 0 ] || targets=(//tests/...)
case "$mode" in
  all) full_run ;;
  unit) step "unit tests" unit_tests ;;
  asan | tsan) step "tests under $mode" sanitized "$mode" "${targets[@]}" ;;
  coverage) step "coverage" tests/coverage/run.sh "${targets[@]}" ;;
  bench) step "benchmarks" tests/bench/run.sh ;;
  *) echo "test.sh: unknown argument '$mode'" >&2; sed -n '4,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

for name in "${failed[@]}"; do echo "failed: $name"; done
echo "$passed passed, ${#failed[@]} failed"
[ "${#failed[@]}" -eq 0 ]
