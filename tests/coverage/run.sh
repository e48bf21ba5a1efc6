#!/usr/bin/env bash
# Line coverage of the unit tests by gcov: a table a folder, worst first.
#   run.sh [TARGET...]     default //tests/...
set -euo pipefail
cd "$(dirname "$0")/../.."
targets=("$@")
[ "$#" -gt 0 ] || targets=(//tests/...)
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
# A tree of its own, so that instrumented objects never mix with the others. No disk cache: it would
# give objects without the notes that the compiler writes beside them.
bazel test --noshow_progress --keep_going --config=gcov --spawn_strategy=local \
  --test_env=GCOV_PREFIX="$out" --test_env=GCOV_PREFIX_STRIP=0 "${targets[@]}"
objects="$(bazel info --config=gcov execution_root 2>/dev/null)"
find "$out" -name '*.gcda' | while read -r data; do
  # Counters lie under their object's own path; gcov wants both side by side.
  notes="${data#"$out"}"
  notes="${notes%.gcda}.gcno"
  [ -e "$notes" ] || continue
  cp "$notes" "${data%.gcda}.gcno"
  (cd "$objects" && gcov --json-format --stdout "$data" 2>/dev/null) >>"$out/report.jsonl" || true
done
/usr/bin/python3 - "$out/report.jsonl" <<'PY'
import collections
import json
import os
import sys

lines = collections.defaultdict(dict)
for text in open(sys.argv[1]):
    for file in json.loads(text)["files"]:
        name = file["file"]
        if name.split("/")[0] not in ("common", "exchanges", "services", "clients"):
            continue
        for line in file["lines"]:
            number = line["line_number"]
            lines[name][number] = lines[name].get(number, 0) + line["count"]
folders = collections.defaultdict(lambda: [0, 0])
for name, counts in lines.items():
    folder = folders[os.path.dirname(name)]
    folder[0] += sum(1 for count in counts.values() if count)
    folder[1] += len(counts)
if not folders:
    sys.exit("no coverage was recorded")
for name, (hit, total) in sorted(folders.items(), key=lambda item: item[1][0] / item[1][1]):
    print(f"{hit / total:7.1%} {hit:6d} of {total:6d} lines  {name}")
hit, total = (sum(each) for each in zip(*folders.values()))
print(f"{hit / total:7.1%} {hit:6d} of {total:6d} lines  all")
PY
