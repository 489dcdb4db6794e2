variable "monitoring" {
  description = "Prometheus and Grafana; null installs neither. See modules/monitoring."
  type = object({
    namespace      = optional(string, "monitoring")
    retention_days = optional(number, 15)
    size           = optional(string, "20Gi")
    alert_receiver = optional(object({ secret = string, key = string }))
    alert_mail     = optional(object({ to = list(string), from = string, server = string, port = optional(number), login = optional(object({ username = string, secret = string, key = string })) }))
  })
  default = null
}

variable "logging" {
  description = "Elasticsearch, Kibana and Fluent Bit; null installs none. See modules/logging."
  type = object({
    retention_days = optional(number, 30)
    size           = optional(string, "30Gi")
    nodes          = optional(number, 1)
  })
  default = null
}

locals {
  # Every AKS cluster has this class: encrypted disks of the zone that the pod runs in.
  storage_class = "managed-csi"
}

module "monitoring" {
  source = "../modules/monitoring"
  count  = var.monitoring == null ? 0 : 1

  namespace      = var.monitoring.namespace
  retention_days = var.monitoring.retention_days
  size           = var.monitoring.size
  alert_receiver = var.monitoring.alert_receiver
  alert_mail     = var.monitoring.alert_mail
  storage_class  = local.storage_class
}

module "logging" {
  source = "../modules/logging"
  count  = var.logging == null ? 0 : 1

  retention_days = var.logging.retention_days
  size           = var.logging.size
  nodes          = var.logging.nodes
  storage_class  = local.storage_class
}
