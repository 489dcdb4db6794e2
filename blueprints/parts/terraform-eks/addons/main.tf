locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

# Made by the root cluster. Read, not made here: the helm provider cannot be configured by a resource of
# the same apply.
data "aws_eks_cluster" "cluster" {
  name = var.cluster_name
}

module "storage" {
  source = "../modules/storage"

  # The snapshot policy of the root cluster looks for this tag.
  volume_tags = { Snapshot = var.cluster_name }
}

module "node_autoscaler" {
  source = "../modules/node_autoscaler"
  count  = var.node_autoscaler ? 1 : 0

  cluster_name       = var.cluster_name
  kubernetes_version = data.aws_eks_cluster.cluster.version
  region             = var.region
  tags               = local.tags
}

module "monitoring" {
  source = "../modules/monitoring"
  count  = var.monitoring == null ? 0 : 1

  namespace      = var.monitoring.namespace
  retention_days = var.monitoring.retention_days
  size           = var.monitoring.size
  alert_receiver = var.monitoring.alert_receiver
  alert_mail     = var.monitoring.alert_mail
  storage_class  = module.storage.class
}

module "logging" {
  source = "../modules/logging"
  count  = var.logging == null ? 0 : 1

  retention_days = var.logging.retention_days
  size           = var.logging.size
  nodes          = var.logging.nodes
  storage_class  = module.storage.class
}
