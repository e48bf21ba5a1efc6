#!/usr/bin/env bash
# Keeps order books of single exchanges and prints their best prices:
#   stream_book.sh ADDRESS [--count N] [--seconds S] EXCHANGE SYMBOL [EXCHANGE SYMBOL ...]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source "$here/generate.sh"
PYTHONPATH="$(switchyard_generate_python)" exec /usr/bin/python3 "$here/stream_book.py" "$@"
