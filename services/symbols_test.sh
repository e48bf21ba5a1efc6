#!/bin/sh
# Usage: symbols_test.sh BINARY OWN_EXCHANGE OTHER_EXCHANGE...
# A binary holds the code of its own exchange, and neither another's nor the simulator's.
set -eu
binary=$1
own=$2
shift 2
symbols=$(nm -C "$binary")

holds() { printf '%s\n' "$symbols" | grep -q "switchyard::$1::"; }

holds "exchanges::$own" || { echo "$binary does not hold its own exchange, $own"; exit 1; }
for other in "$@"; do
  if holds "exchanges::$other"; then echo "$binary holds $other"; exit 1; fi
done
if holds simulator; then echo "$binary holds the simulator"; exit 1; fi
