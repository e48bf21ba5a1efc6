#!/bin/bash
# Usage: program_test.sh BINARY
# The program as its users meet it: the ready line, the end by a signal, and what it says when it
# cannot start.
set -u
binary=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() { echo "FAIL: $*"; failures=$((failures + 1)); }

# Starts the program; its first line goes to $line, its process id to $pid.
start() {
  mkfifo "$work/out"
  "$binary" --listen 127.0.0.1:0 --log_level error "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  exec 3<"$work/out"
  read -r -t 20 line <&3 || fail "no ready line: $(cat "$work/err")"
  rm "$work/out"
}

# A start that must fail: exit code 1, and $1 on stderr.
refuses() {
  local want=$1
  shift
  timeout 20 "$binary" "$@" >"$work/out.txt" 2>"$work/err"
  local code=$?
  [ "$code" = 1 ] || fail "$* ended with $code instead of 1"
  grep -qF -- "$want" "$work/err" || fail "$* did not say '$want' but: $(cat "$work/err")"
}

start --metrics_listen 127.0.0.1:0
case $line in
  "switchyard listening grpc=127.0.0.1:"[1-9]*" metrics=127.0.0.1:"[1-9]*) ;;
  *) fail "ready line: $line" ;;
esac
began=$(date +%s%N)
kill -TERM "$pid"
wait "$pid"
code=$?
took_ms=$((($(date +%s%N) - began) / 1000000))
[ "$code" = 0 ] || fail "SIGTERM ended it with $code"
[ "$took_ms" -lt 2000 ] || fail "SIGTERM took $took_ms ms"

start
port=${line##*:}
refuses "127.0.0.1:$port" --listen "127.0.0.1:$port"
kill -INT "$pid"
wait "$pid" || fail "SIGINT ended it with $?"

refuses "no_such_flag" --no_such_flag=1
refuses "/no/such/file" --config /no/such/file
printf 'proces:\n  log_level: info\n' >"$work/config.yaml"
refuses "proces" --config "$work/config.yaml"
printf 'exchanges:\n  - exchange: gamma\n' >"$work/config.yaml"
refuses "gamma" --config "$work/config.yaml"
printf '{"alpha": {"host": "127.0.0.1:1"}}' >"$work/endpoints.json"
refuses "'beta'" --endpoints_file "$work/endpoints.json"
refuses "no_such_level" --listen 127.0.0.1:0 --log_level no_such_level

"$binary" --help >"$work/out.txt" || fail "--help ended with $?"
grep -q endpoints_file "$work/out.txt" || fail "--help does not list the flags"

[ "$failures" = 0 ] && echo PASS
exit "$failures"
