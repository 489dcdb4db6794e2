locals {
  # Where Alertmanager finds the Secrets that alertmanagerSpec.secrets names.
  secrets = "/etc/alertmanager/secrets"

  webhook = var.alert_receiver == null ? [] : [{
    url_file = "${local.secrets}/${var.alert_receiver.secret}/${var.alert_receiver.key}"
  }]

  login = try({
    auth_username      = var.alert_mail.login.username
    auth_password_file = "${local.secrets}/${var.alert_mail.login.secret}/${var.alert_mail.login.key}"
  }, {})

  mail = var.alert_mail == null ? [] : [merge(local.login, {
    to            = join(", ", var.alert_mail.to)
    from          = var.alert_mail.from
    smarthost     = "${var.alert_mail.server}:${var.alert_mail.port}"
    require_tls   = true
    send_resolved = true
  })]

  # In place of the chart's own configuration, whose one receiver tells nobody.
  told = length(local.webhook) + length(local.mail) == 0 ? {} : {
    config = {
      route = {
        receiver        = "team"
        group_by        = ["namespace", "alertname"]
        group_wait      = "30s"
        group_interval  = "5m"
        repeat_interval = "12h"
        # The one that is always on, so that its absence can be seen elsewhere.
        routes = [{ receiver = "null", matchers = ["alertname = \"Watchdog\""] }]
      }
      receivers = [
        { name = "null" },
        { name = "team", webhook_configs = local.webhook, email_configs = local.mail },
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
        secrets   = distinct(compact([try(var.alert_receiver.secret, null), try(var.alert_mail.login.secret, null)]))
        resources = { requests = { cpu = "10m", memory = "64Mi" }, limits = { memory = "256Mi" } }
      }
    })

    # The cloud runs these itself and shows nobody their metrics.
    kubeControllerManager = { enabled = false }
    kubeScheduler         = { enabled = false }
    kubeEtcd              = { enabled = false }
  })]
}
