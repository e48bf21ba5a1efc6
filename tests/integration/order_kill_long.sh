#!/usr/bin/env bash
# The long form of "nothing sent twice, nothing lost": each crash point 20 times, and 500 rounds at
# random moments; about three hours.
#   order_kill_long.sh [SECONDS]    SECONDS: begin no round later; call again to go on
# Rounds are noted in build/order_kill.jsonl, one JSON object each; those that passed are not played
# again until that file is deleted. KILL_ROUNDS and CRASH_POINT_HITS change the numbers.
set -euo pipefail
cd "$(dirname "$0")/../.."

limit="${1:-86400}"
export KILL_LOG="${KILL_LOG:-$PWD/build/order_kill.jsonl}"
export KILL_ROUNDS="${KILL_ROUNDS:-500}" CRASH_POINT_HITS="${CRASH_POINT_HITS:-20}"
failed=0
for module in order_crash_point_test order_kill_test; do
  KILL_SECONDS="$((limit - SECONDS))" tests/integration/run.sh "tests.integration.$module" ||
    failed=1
done
if [ -f "$KILL_LOG" ]; then
  echo "passed: $(grep -cv '"failed"' "$KILL_LOG") of $((KILL_ROUNDS + 8 * CRASH_POINT_HITS))," \
    "failed: $(grep -c '"failed"' "$KILL_LOG")"
fi
exit "$failed"
