locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

# Made by the root cluster. Read, not made here: the helm provider cannot be configured by a resource of
# the same apply.
data "azurerm_kubernetes_cluster" "cluster" {
  name                = var.cluster_name
  resource_group_name = var.resource_group_name
}
