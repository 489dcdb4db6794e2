locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

# Made by Kubernetes for the Gateway of each cluster, which tags them.
data "aws_lb" "entry" {
  for_each = var.clusters

  region = each.value.region
  tags   = { entry = each.value.name }
}

module "failover" {
  source = "../modules/failover"

  name        = "${var.name}-${var.environment}"
  zone        = var.zone
  host        = var.host
  health_path = var.health_path
  tags        = local.tags

  entries = {
    for role, cluster in var.clusters : role => {
      dns_name = data.aws_lb.entry[role].dns_name
      zone_id  = data.aws_lb.entry[role].zone_id
    }
  }
}
