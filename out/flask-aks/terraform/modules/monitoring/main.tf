locals {
  # In place of the chart's own configuration, whose one receiver tells nobody.
  told = var.alert_receiver == null ? {} : {
    config = {
      route = {
        receiver        = "webhook"
        group_by        = ["namespace", "alertname"]
        group_wait      = "30s"
        group_interval  = "5m"
        repeat_interval = "12h"
        # The one that is always on, so that its absence can be seen elsewhere.
        routes = [{ receiver = "null", matchers = ["alertname = \"Watchdog\""] }]
      }
      receivers = [
        { name = "null" },
        { name = "webhook", webhook_configs = [{ url_file = "/etc/alertmanager/secrets/${var.alert_receiver.secret}/${var.alert_receiver.key}" }] },
      ]
    }
  }
}

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

    alertmanager = merge(local.told, {
      alertmanagerSpec = {
        secrets   = var.alert_receiver == null ? [] : [var.alert_receiver.secret]
        resources = { requests = { cpu = "10m", memory = "64Mi" }, limits = { memory = "256Mi" } }
      }
    })

    # The cloud runs these itself and shows nobody their metrics.
    kubeControllerManager = { enabled = false }
    kubeScheduler         = { enabled = false }
    kubeEtcd              = { enabled = false }
  })]
}
