#!/usr/bin/env bash
# Prints the version of what is checked out: the plain semantic version that HEAD is tagged with,
# or else the highest one of the repository with its patch number raised, 0.0.1 being the first.
# Tags of any other form (v1.2.3, 1.2.3-rc.1, latest) are not versions of this repository.
set -euo pipefail
export LC_ALL=C

if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
  echo "next-version.sh: the clone is shallow, so tags may be missing: fetch the whole history" >&2
  exit 1
fi

number='(0|[1-9][0-9]*)'

# Reads tags, prints the highest version among them: 0.0.10 comes after 0.0.9.
highest() {
  { grep -E "^$number\.$number\.$number$" || true; } | sort --version-sort | tail -n 1
}

version="$(git tag --points-at HEAD | highest)"
if [ -z "$version" ]; then
  latest="$(git tag --list | highest)"
  IFS=. read -r major minor patch <<< "${latest:-0.0.0}"
  version="$major.$minor.$((patch + 1))"
fi
echo "$version"
