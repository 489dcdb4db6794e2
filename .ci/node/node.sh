# shellcheck shell=bash disable=SC2154 # dir and the like are .ci/cluster's
# The node of .ci/cluster: its network, its programs, and how all of it goes away again.

node_name=gen-node

network() {
  local name
  name=gen-$(basename "$dir" | tr -dc 'a-zA-Z0-9' | tail -c 20)-$$
  ip netns add "$name"
  echo "$name" >"$dir/network"
  inside ip link set lo up
  # An address that is not the loopback: Kubernetes takes no node there.
  inside ip link add node0 type veth peer name node1
  inside ip addr add "$node_ip/24" dev node0
  inside ip link set node0 up
  inside ip link set node1 up
  inside ip route add default dev node0
  inside sysctl -qw net.ipv4.ip_forward=1
  # Service addresses must be translated also between pods of the one bridge.
  inside sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
}

pause_image() {
  python3 - "$(command -v pause)" "$dir/pause.tar" <<'PYTHON'
import hashlib, io, json, sys, tarfile

def archive(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content, mode in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()

layer = archive([("pause", open(sys.argv[1], "rb").read(), 0o755)])
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
}).encode()
manifest = json.dumps([{"Config": "config.json", "RepoTags": ["registry.k8s.io/pause:gen"], "Layers": ["layer.tar"]}])
with open(sys.argv[2], "wb") as out:
    out.write(archive([("config.json", config, 0o644), ("layer.tar", layer, 0o644),
                       ("manifest.json", manifest.encode(), 0o644)]))
PYTHON
}

container_runtime() {
  mkdir -p "$dir/cni" "$dir/containerd" "$dir/containerd-run"
  cat >"$dir/cni/10-bridge.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$dir/cni/addresses", "ranges": [[{"subnet": "$pods"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  # Without restrict_oom_score_adj no sandbox starts where the node may not lower scores.
  cat >"$dir/containerd.toml" <<TOML
version = 3
root = "$dir/containerd"
state = "$dir/containerd-run"
[grpc]
  address = "$dir/containerd.sock"
[ttrpc]
  address = "$dir/containerd.sock.ttrpc"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "registry.k8s.io/pause:gen"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = "$cache/bin/runc"
        SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$dir/cni"
TOML
  run containerd containerd --config "$dir/containerd.toml"
  until_ready 60 'containerd answers' ctr --address "$dir/containerd.sock" version
  pause_image
  ctr --address "$dir/containerd.sock" --namespace k8s.io images import "$dir/pause.tar" >/dev/null
}

kubelet_of_node() {
  mkdir -p "$dir/kubelet"
  : >"$dir/resolv.conf"
  certificate kubelet "/O=system:nodes/CN=system:node:$node_name" "IP:$node_ip,DNS:$node_name"
  kubeconfig "$dir/kubelet.conf" kubelet
  cat >"$dir/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_ip
authentication:
  anonymous: { enabled: false }
  webhook: { enabled: true }
  x509: { clientCAFile: $dir/pki/ca.crt }
authorization: { mode: Webhook }
tlsCertFile: $dir/pki/kubelet.crt
tlsPrivateKeyFile: $dir/pki/kubelet.key
containerRuntimeEndpoint: unix://$dir/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
clusterDNS: [$node_ip]
clusterDomain: cluster.local
resolvConf: $dir/resolv.conf
evictionHard: { memory.available: 50Mi, nodefs.available: 100Mi, nodefs.inodesFree: "1%", imagefs.available: 100Mi }
imageGCHighThresholdPercent: 100
oomScoreAdj: 0
maxPods: 60
syncFrequency: 10s
nodeStatusUpdateFrequency: 5s
YAML
  run kubelet kubelet --config "$dir/kubelet.yaml" --kubeconfig "$dir/kubelet.conf" --root-dir "$dir/kubelet" \
    --cert-dir "$dir/pki/kubelet" --hostname-override "$node_name" --node-ip "$node_ip"
}

service_proxy() {
  certificate kube-proxy /CN=system:kube-proxy
  kubeconfig "$dir/kube-proxy.conf" kube-proxy
  cat >"$dir/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: { kubeconfig: $dir/kube-proxy.conf }
clusterCIDR: $pods
hostnameOverride: $node_name
oomScoreAdj: 0
conntrack: { maxPerCore: 0 }
YAML
  run kube-proxy kube-proxy --config "$dir/kube-proxy.yaml"
}

names() {
  cat >"$dir/Corefile" <<CORE
cluster.local:53 in-addr.arpa:53 {
  bind $node_ip
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $dir/kubeconfig gen
  }
}
.:53 {
  bind $node_ip
  errors
  template ANY ANY { rcode NXDOMAIN }
}
CORE
  run coredns coredns -conf "$dir/Corefile"
}

# Asks the kubelet how much the pods use, and serves it to autoscalers behind the API server.
metrics() {
  certificate metrics-server /CN=metrics-server "IP:$node_ip,DNS:metrics-server.kube-system.svc"
  run metrics-server metrics-server --kubeconfig "$dir/kubeconfig" --authentication-kubeconfig "$dir/kubeconfig" \
    --authorization-kubeconfig "$dir/kubeconfig" --bind-address "$node_ip" --secure-port 4443 \
    --metric-resolution 10s --kubelet-request-timeout 5s \
    --tls-cert-file "$dir/pki/metrics-server.crt" --tls-private-key-file "$dir/pki/metrics-server.key" \
    --kubelet-certificate-authority "$dir/pki/ca.crt" --kubelet-preferred-address-types InternalIP
  inside kubectl apply --server-side -f - >/dev/null <<YAML
apiVersion: v1
kind: Service
metadata: { name: metrics-server, namespace: kube-system }
spec: { ports: [{ name: https, port: 443, targetPort: 4443 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: metrics-server
  namespace: kube-system
  labels: { kubernetes.io/service-name: metrics-server }
addressType: IPv4
ports: [{ name: https, port: 4443, protocol: TCP }]
endpoints: [{ addresses: [$node_ip], conditions: { ready: true } }]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1beta1.metrics.k8s.io }
spec:
  group: metrics.k8s.io
  version: v1beta1
  service: { name: metrics-server, namespace: kube-system }
  groupPriorityMinimum: 100
  versionPriority: 100
  caBundle: $(base64 -w0 "$dir/pki/ca.crt")
YAML
  until_ready 60 'metrics are served' inside kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes
}

node() {
  local program
  for program in containerd containerd-shim-runc-v2 ctr runc kubelet kube-proxy kube-scheduler \
    kube-controller-manager coredns metrics-server pause iptables conntrack nsenter; do
    command -v "$program" >/dev/null || fail "$program is missing; .ci/install brings it"
  done
  container_runtime
  run kube-controller-manager kube-controller-manager --kubeconfig "$dir/kubeconfig" --leader-elect=false \
    --use-service-account-credentials --service-account-private-key-file "$dir/pki/accounts.key" \
    --root-ca-file "$dir/pki/ca.crt" --bind-address 127.0.0.1 \
    --horizontal-pod-autoscaler-sync-period 5s --horizontal-pod-autoscaler-cpu-initialization-period 10s \
    --horizontal-pod-autoscaler-initial-readiness-delay 5s
  run kube-scheduler kube-scheduler --kubeconfig "$dir/kubeconfig" --leader-elect=false --bind-address 127.0.0.1
  kubelet_of_node
  service_proxy
  names
  # The API server's own Service, which it leaves to others here.
  inside kubectl apply --server-side -f - >/dev/null <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: kubernetes
  namespace: default
  labels: { kubernetes.io/service-name: kubernetes }
addressType: IPv4
ports: [{ name: https, port: 6443, protocol: TCP }]
endpoints: [{ addresses: [$node_ip], conditions: { ready: true } }]
YAML
  until_ready 120 'the node is ready' inside kubectl wait --for=condition=Ready "node/$node_name" --timeout=1s
  until_ready 60 'the default service account' inside kubectl get serviceaccount default
  metrics
}

# Pods have to go while the container runtime still runs.
take_down_pods() {
  local pid name containers
  while read -r pid name; do
    if [ "$name" = kubelet ]; then
      kill "$pid" 2>/dev/null || true
      for _ in {1..50}; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
      done
    fi
  done <"$dir/processes"
  if [ -S "$dir/containerd.sock" ]; then
    containers=(ctr --address "$dir/containerd.sock" --namespace k8s.io)
    for name in $("${containers[@]}" tasks list --quiet 2>/dev/null); do
      "${containers[@]}" tasks delete --force "$name" >/dev/null 2>&1 || true
    done
    for name in $("${containers[@]}" containers list --quiet 2>/dev/null); do
      # The network of a pod outlives it.
      "${containers[@]}" containers info "$name" 2>/dev/null |
        jq -r '.Spec.linux.namespaces[]? | select(.type == "network") | .path // empty' >>"$dir/networks" || true
      rm -f /var/lib/cni/results/*"$name"*
      "${containers[@]}" containers delete "$name" >/dev/null 2>&1 || true
    done
  fi
}

take_down_node() {
  local mount folder
  for _ in 1 2 3; do
    while read -r mount; do
      umount "$mount" 2>/dev/null || umount -l "$mount" 2>/dev/null || true
    done < <(awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | sort -r)
  done
  if [ -f "$dir/networks" ]; then
    while read -r mount; do
      ip netns del "$(basename "$mount")" 2>/dev/null || true
    done < <(sort -u "$dir/networks")
  fi
  ip netns del "$(cat "$dir/network")" 2>/dev/null || true
  for folder in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    if [ -d "$folder" ]; then find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
}
