resource "helm_release" "stack" {
  name             = "monitoring"
  namespace        = var.namespace
  create_namespace = true
  repository       = "oci://ghcr.io/prometheus-community/charts"
  chart            = "kube-prometheus-stack"
  version          = var.chart_version

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 900

  values = [yamlencode({
    # Each major version brings newer kinds, which Helm itself never updates.
    crds = { upgradeJob = { enabled = true } }

    prometheus = {
      prometheusSpec = {
        retention = "${var.retention_days}d"
        # Whatever application asks to be watched is watched, not only what carries this release's label.
        serviceMonitorSelectorNilUsesHelmValues = false
        podMonitorSelectorNilUsesHelmValues     = false
        ruleSelectorNilUsesHelmValues           = false
        storageSpec = {
          volumeClaimTemplate = {
            spec = {
              storageClassName = var.storage_class
              accessModes      = ["ReadWriteOnce"]
              resources        = { requests = { storage = var.size } }
            }
          }
        }
        resources = { requests = { cpu = "100m", memory = "512Mi" }, limits = { memory = "2Gi" } }
      }
    }

    grafana = {
      admin = {
        existingSecret = var.grafana_secret
        userKey        = "user"
        passwordKey    = "password"
      }
      sidecar   = { dashboards = { enabled = true, searchNamespace = "ALL" } }
      resources = { requests = { cpu = "50m", memory = "128Mi" }, limits = { memory = "512Mi" } }
    }

    # EKS runs these itself and shows nobody their metrics.
    kubeControllerManager = { enabled = false }
    kubeScheduler         = { enabled = false }
    kubeEtcd              = { enabled = false }
  })]
}
