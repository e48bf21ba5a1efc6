#!/usr/bin/env bash
# Monitoring as docker/ ships it: the rules and their unit tests by promtool, then dashboards and
# alerts against a real Prometheus that scrapes real processes. Containers: containers.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
bazel build --noshow_progress //services/simulator:simulator //services/standalone:switchyard \
  //services/router:router
source clients/examples/python/generate.sh
SWITCHYARD_PYTHON="$(switchyard_generate_python)"
export SWITCHYARD_PYTHON
promtool check config docker/prometheus/prometheus.yml
promtool test rules tests/docker/rules_test.yml
exec /usr/bin/python3 -m unittest tests.docker.monitoring_test "$@"
