#!/usr/bin/env bash
# From the sources to an answer: tests, image, cluster, release, request. Every step can be repeated, so
# after an edit it is simply run again; what did not change stays as it is.
#
#   ./build-and-deploy.sh
#   ADDRESS=127.0.0.1 ./build-and-deploy.sh   # where the node cannot be reached, beside `minikube tunnel`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

source_folder=app
service=favorite-athlete
image=favorite-athlete
profile=favorite-athlete
environment=local
release=favorite-athlete
namespace=favorite-athlete
path=/

# A kubeconfig of its own, which nobody else reads: neither the rights of ~/.kube/config nor the cluster
# that is chosen there matter, and neither is changed.
umask 077
state="${XDG_STATE_HOME:-$HOME/.local/state}/$profile"
mkdir -p "$state"
export KUBECONFIG="$state/kubeconfig"

doing="looking for what it needs"
ended() {
  [[ $? -eq 0 ]] || printf 'build-and-deploy: failed while %s\n' "$doing" >&2
}
trap ended EXIT

step() { # WHAT
  doing=$1
  printf '\n==> %s\n' "$doing"
}

stop() { # REASON
  printf 'build-and-deploy: %s\n' "$1" >&2
  exit 1
}

cluster() { # KUBECTL ARGUMENTS...
  kubectl --context "$profile" "$@"
}

for program in python3 docker minikube kubectl helm curl; do
  command -v "$program" >/dev/null || stop "$program is not installed"
done

step "testing the functions"
python3 -m venv "$state/venv"
"$state/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$source_folder/requirements-dev.txt"
"$state/venv/bin/python" -m pytest --quiet "$source_folder"

step "building the image"
# Without attestations, which hold the time: the same sources are the same image.
BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --iidfile "$state/image-id" --tag "$image" .
# The tag is made of the content. A new image is a new tag, so it is rolled out; an old one is never
# mistaken for it, which `latest` cannot promise.
id=$(<"$state/image-id")
tag=${id#sha256:}
tag=${tag:0:12}
[[ $tag =~ ^[0-9a-f]{12}$ ]] || stop "docker gave no image id, but '$id'"
docker tag "$image" "$image:$tag"

step "starting minikube, if it is not running"
if ! minikube --profile "$profile" status >/dev/null 2>&1; then
  minikube --profile "$profile" start \
    --driver docker \
    --cpus 2 \
    --memory 2200 \
    --kubernetes-version 1.36
fi

step "loading the image into the node"
# No registry is asked, so there is no password anywhere.
minikube --profile "$profile" image load "$image:$tag"

step "switching the ingress on"
minikube --profile "$profile" addons enable ingress
cluster --namespace ingress-nginx rollout status deployment/ingress-nginx-controller --timeout=180s

step "waiting until the ingress controller checks what it is given"
# Its admission webhook refuses every Ingress until it has its certificate. It is asked with an Ingress
# that is thrown away, and waited for; the webhook itself stays, because it keeps broken ones out.
probe=(create ingress probe --namespace default --class nginx --rule probe.invalid/=probe:80 --dry-run=server --output name)
attempts=30
until said=$(cluster "${probe[@]}" 2>&1); do
  attempts=$((attempts - 1))
  [[ $attempts -gt 0 ]] || stop "the ingress controller refuses an Ingress: $said"
  sleep 2
done

step "preparing the namespace"
cluster apply --filename - <<NAMESPACE
apiVersion: v1
kind: Namespace
metadata:
  name: "$namespace"
  labels:
    pod-security.kubernetes.io/enforce: restricted
NAMESPACE

step "releasing $image:$tag"
address=${ADDRESS:-$(minikube --profile "$profile" ip)}
host="$service.$address.nip.io"
# Service, Deployment, Ingress and what goes with them, in the order in which they need each other.
helm upgrade "$release" chart \
  --install \
  --kube-context "$profile" \
  --namespace "$namespace" \
  --values "chart/values-$environment.yaml" \
  --set-string image.tag="$tag" \
  --set-string ingress.host="$host"

step "waiting for the pods"
cluster --namespace "$namespace" rollout status "deployment/$release" --timeout=180s

step "waiting for the address of the Ingress"
cluster --namespace "$namespace" wait "ingress/$release" --for=jsonpath='{.status.loadBalancer.ingress[0].ip}' --timeout=180s

step "asking http://$host${path%/}/"
# By address, so that it works without a name server too.
curl --fail --silent --show-error --max-time 10 --retry 15 --retry-delay 2 --retry-all-errors \
  --resolve "$host:80:$address" "http://$host${path%/}/"
