locals {
  # Helm compares a local chart by its version alone; the digest makes an edited template a change.
  chart_digest = sha256(join("", [
    for file in sort(fileset("${path.module}/chart", "**")) : filesha256("${path.module}/chart/${file}")
  ]))
}

resource "helm_release" "argocd" {
  name             = "argocd"
  namespace        = var.namespace
  create_namespace = true
  repository       = "oci://ghcr.io/argoproj/argo-helm"
  chart            = "argo-cd"
  version          = var.chart_version

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 900

  values = [yamlencode({
    crds   = { install = true, keep = true }
    global = { networkPolicy = { create = true, defaultDenyIngress = true } }

    configs = {
      cm = {
        # A shell in every pod that Argo CD manages, for everyone who may open its page.
        "exec.enabled"  = false
        "admin.enabled" = var.admin_enabled
      }
      # Whoever signs in may do nothing until a policy says so.
      rbac = { "policy.default" = "" }
    }

    # Nothing here sends mail or signs in by a third party yet; each is one more pod and one more way in.
    dex           = { enabled = false }
    notifications = { enabled = false }

    controller = { resources = { requests = { cpu = "50m", memory = "256Mi" }, limits = { memory = "1Gi" } } }
    repoServer = { resources = { requests = { cpu = "20m", memory = "96Mi" }, limits = { memory = "512Mi" } } }
    server     = { resources = { requests = { cpu = "10m", memory = "64Mi" }, limits = { memory = "256Mi" } } }
    redis      = { resources = { requests = { cpu = "10m", memory = "32Mi" }, limits = { memory = "128Mi" } } }
    applicationSet = {
      resources = { requests = { cpu = "10m", memory = "64Mi" }, limits = { memory = "256Mi" } }
    }
  })]
}

# The first objects that Argo CD needs to know what to deploy. A chart, because kubernetes_manifest would
# need their kinds, and the cluster, at plan time.
resource "helm_release" "bootstrap" {
  count = length(var.manifests) + length(var.clusters) > 0 ? 1 : 0

  name        = "argocd-bootstrap"
  namespace   = var.namespace
  chart       = "${path.module}/chart"
  description = "chart ${substr(local.chart_digest, 0, 12)}"

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5

  values = [yamlencode({
    manifests = var.manifests
    clusters = {
      for name, cluster in var.clusters : name => {
        labels = cluster.labels
        server = cluster.in_cluster ? "https://kubernetes.default.svc" : cluster.endpoint
        # No password: Argo CD's pods sign in with the role that their service accounts have.
        config = cluster.in_cluster ? jsonencode({ tlsClientConfig = { insecure = false } }) : jsonencode({
          awsAuthConfig   = { clusterName = name }
          tlsClientConfig = { insecure = false, caData = cluster.ca_data }
        })
      }
    }
  })]

  depends_on = [helm_release.argocd]
}
