#!/usr/bin/env bash
# Hands one release to Argo CD: copies the chart into the environment's folder of the chart repository
# and writes beside it which image to run. Nothing here talks to the cluster; Argo CD sees the commit.
# Each environment has a copy of its own, so that a changed template waits for its turn like the image.
#
#   CHART_REPOSITORY  owner/name of the repository that Argo CD reads
#   CHART_TOKEN       token that may write its contents
#   ENVIRONMENT       environment to release to
#   VERSION           version of the image
#   DIGEST            digest of the image (sha256:…)
#   COMMIT_AUTHOR     name that the commit carries
set -euo pipefail
export GIT_TERMINAL_PROMPT=0

: "${CHART_REPOSITORY:?}" "${CHART_TOKEN:?}" "${ENVIRONMENT:?}" "${VERSION:?}"
: "${DIGEST:?}" "${COMMIT_AUTHOR:?}"

chart=chart
if [ ! -f "$chart/Chart.yaml" ]; then
  echo "publish-chart.sh: there is no $chart/Chart.yaml here: run it at the top of the repository" >&2
  exit 1
fi

url="${GITHUB_SERVER_URL:-https://github.com}/$CHART_REPOSITORY.git"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The token is read from the environment when git asks for it, so that it stands neither in an
# argument, which other processes can see, nor in the clone's configuration.
# shellcheck disable=SC2016  # expanded by the helper's own shell
helper='!f() { test "$1" = get && printf "username=x-access-token\npassword=%s\n" "$CHART_TOKEN"; }; f'
remote_git() {
  git -c credential.helper= -c credential.helper="$helper" "$@"
}

# Makes the environment's folder say what this release says; what the chart no longer has goes away.
release() {
  rm -rf "${work:?}/$ENVIRONMENT"
  cp -R "$chart" "$work/$ENVIRONMENT"
  cat > "$work/$ENVIRONMENT/image-$ENVIRONMENT.yaml" << YAML
# Written by the delivery pipeline; Argo CD reads it after the values of the chart.
image:
  tag: "$VERSION"
  digest: "$DIGEST"
YAML
}

# A repository without commits does not always say what its branch will be called.
remote_git -c init.defaultBranch=main clone --quiet --depth 1 "$url" "$work"
branch="$(git -C "$work" symbolic-ref --short HEAD)"

for attempt in 1 2 3 4 5; do
  release
  git -C "$work" add --all -- "$ENVIRONMENT"
  if git -C "$work" diff --cached --quiet; then
    echo "$CHART_REPOSITORY already has $VERSION for $ENVIRONMENT."
    exit 0
  fi
  git -C "$work" \
    -c user.name="$COMMIT_AUTHOR" -c user.email="$COMMIT_AUTHOR@users.noreply.github.com" \
    commit --quiet --message "Release $VERSION to $ENVIRONMENT" \
    --message "Source: ${GITHUB_REPOSITORY:-local}@${GITHUB_SHA:-unknown}"
  if remote_git -C "$work" push --quiet origin "HEAD:refs/heads/$branch"; then
    echo "Released $VERSION to $ENVIRONMENT through $CHART_REPOSITORY."
    exit 0
  fi
  # Somebody else was faster. Starting again from what is there now cannot end in a conflict.
  echo "publish-chart.sh: push $attempt was refused, trying again" >&2
  sleep "$attempt"
  remote_git -C "$work" fetch --quiet --depth 1 origin "$branch"
  git -C "$work" reset --quiet --hard FETCH_HEAD
done
echo "publish-chart.sh: gave up after $attempt refused pushes to $CHART_REPOSITORY" >&2
exit 1
