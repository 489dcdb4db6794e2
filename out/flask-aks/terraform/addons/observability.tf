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
