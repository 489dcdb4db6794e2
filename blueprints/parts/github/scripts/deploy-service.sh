#!/usr/bin/env bash
# Releases an image to an ECS service and waits until it runs there.
#
# The next revision of the task definition is the newest one with another image in it, so that whatever Terraform
# changed in it since the last release goes along. ECS goes back by itself where the new tasks do not become
# healthy; a service that is merely stable may therefore run the old image, and that is no success.
set -euo pipefail

: "${CLUSTER:?name of the ECS cluster}"
: "${SERVICE:?name of the service, and of its task definition}"
: "${IMAGE:?registry and name of the image}"
: "${DIGEST:?digest of the image}"
patience=${PATIENCE:-900} # seconds
pause=${PAUSE:-10}        # seconds between two looks

stop() { # REASON
  printf '::error title=Not deployed::%s\n' "$1"
  aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --query 'services[0].events[:10].message' --output text
  exit 1
}

image="$IMAGE@$DIGEST"
newest=$(aws ecs describe-task-definition --task-definition "$SERVICE" --query taskDefinition --output json)
# What AWS adds to a definition that is registered cannot be given back to it.
next=$(jq --arg image "$image" '
  (.containerDefinitions[] | select(.name == "app") | .image) = $image
  | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy, .deregisteredAt)
' <<<"$newest")
[[ "$(jq --raw-output '.containerDefinitions[] | select(.name == "app") | .image' <<<"$next")" == "$image" ]] \
  || stop "the task definition $SERVICE has no container named app"

revision=$(aws ecs register-task-definition --cli-input-json "$next" --query taskDefinition.taskDefinitionArn --output text)
echo "Deploying $image as $revision"
aws ecs update-service --cluster "$CLUSTER" --service "$SERVICE" --task-definition "$revision" --query service.serviceArn --output text

while true; do
  state=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" \
    --query "services[0].deployments[?taskDefinition=='$revision'].rolloutState | [0]" --output text)
  case $state in
    COMPLETED) break ;;
    # A deployment that was taken back is gone from the list after a while.
    FAILED | None) stop "the new tasks did not become healthy; the service has gone back to the image before" ;;
    *) ;;
  esac
  [[ $SECONDS -lt $patience ]] || stop "the new tasks were not healthy after $patience seconds"
  sleep "$pause"
done
echo "Deployed $image"
