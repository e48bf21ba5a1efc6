#!/bin/bash
# Checks the form of C++ files: tests/lint/run.sh [FILE...]
#
# clang-format over every tracked C++ file, always. clang-tidy (rules in .clang-tidy) over the given
# .h and .cc files alone, for it takes seconds a file; generated headers come from bazel-bin, so
# build the files' targets first. Exits 0 when both have nothing to say.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t tracked < <(git ls-files '*.h' '*.cc')
clang-format --dry-run -Werror "${tracked[@]}"
echo "clang-format: ${#tracked[@]} files are formatted"

(($# > 0)) || exit 0
failed=0
for file in "$@"; do
  # stderr counts the warnings of system headers.
  clang-tidy --quiet "$file" -- -xc++ -std=c++20 -I. -isystem bazel-bin/protos \
    -DBOOST_ASIO_NO_DEPRECATED -DBOOST_BEAST_USE_STD_STRING_VIEW 2> /dev/null || failed=1
done
((failed == 0)) && echo "clang-tidy: $# files are clean"
exit "$failed"
