#!/bin/sh
# Lints the contract and compares it with the last commit of main, so that a change that old clients
# could not decode is found before it is committed.
#
#   tests/contract/check.sh [revision]     compare with this revision instead
#
# Exits 0 when both pass. Needs git, and npm the first time (to install the pinned buf); no network
# after that.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
buf="$here/node_modules/.bin/buf"

if [ ! -x "$buf" ]; then
  # package.json pins an exact version, and that pins its platform's binary: no lock file is needed.
  (cd "$here" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts >&2)
fi

# A checkout without a branch (a build server's) is compared with what it has checked out.
against=${1:-main}
if [ $# -eq 0 ] && ! git -C "$root" rev-parse --quiet --verify "refs/heads/main^{commit}" >/dev/null; then
  against=HEAD
fi
commit=$(git -C "$root" rev-parse --verify "$against^{commit}")

"$buf" lint "$root/protos"
echo "contract: lint STANDARD passed"

if ! git -C "$root" cat-file -e "$commit:protos" 2>/dev/null; then
  echo "contract: $against has no protos, nothing to compare with"
  exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git -C "$root" archive "$commit" protos | tar -x -C "$scratch"

# Both sides are built as one module, whatever modules buf.yaml had at either time.
one_module='{"version":"v2","modules":[{"path":"."}],"breaking":{"use":["FILE"]}}'
cp -R "$root/protos" "$scratch/now"
for side in protos now; do
  rm -f "$scratch/$side/buf.yaml"
  "$buf" build "$scratch/$side" --config "$one_module" -o "$scratch/$side.binpb"
done
"$buf" breaking "$scratch/now.binpb" --against "$scratch/protos.binpb" --config "$one_module"
echo "contract: no breaking change since $(git -C "$root" rev-parse --short "$commit")"
