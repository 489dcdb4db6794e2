locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

resource "azurerm_resource_group" "environment" {
  name     = var.resource_group_name
  location = var.location
  tags     = local.tags
}

module "vnet" {
  source = "../modules/vnet"
  count  = var.vnet == null ? 0 : 1

  name                = var.cluster_name
  location            = var.location
  resource_group_name = azurerm_resource_group.environment.name
  address_space       = var.vnet.address_space
  nodes_subnet        = var.vnet.nodes_subnet
  tags                = local.tags
}

resource "azurerm_log_analytics_workspace" "logs" {
  count = var.logs == null ? 0 : 1

  name                = var.cluster_name
  location            = var.location
  resource_group_name = azurerm_resource_group.environment.name
  sku                 = "PerGB2018"
  retention_in_days   = var.logs.retention_days
  tags                = local.tags

  # A bound on the bill: what comes above it on one day is dropped.
  daily_quota_gb = var.logs.daily_quota_gb

  # No shared keys: agents and people sign in by identity.
  local_authentication_enabled = false
}

module "aks" {
  source = "../modules/aks"

  name                = var.cluster_name
  location            = var.location
  resource_group_name = azurerm_resource_group.environment.name
  tags                = local.tags

  kubernetes_version = var.kubernetes_version
  sku_tier           = var.sku_tier
  maintenance_window = var.maintenance_window

  vm_size                 = var.vm_size
  auto_scaling_enabled    = var.auto_scaling_enabled
  node_count              = var.node_count
  min_count               = var.min_count
  max_count               = var.max_count
  os_disk_size_gb         = var.os_disk_size_gb
  os_disk_type            = var.os_disk_type
  max_pods                = var.max_pods
  zones                   = var.zones
  host_encryption_enabled = var.host_encryption_enabled
  apps_pool               = var.apps_pool

  private_cluster_enabled = var.private_cluster_enabled
  authorized_ip_ranges    = var.authorized_ip_ranges
  admin_group_object_ids  = var.admin_group_object_ids
  local_account_disabled  = var.local_account_disabled
  azure_policy_enabled    = var.azure_policy_enabled

  pod_cidr     = var.pod_cidr
  service_cidr = var.service_cidr

  # Objects, so that it is known before the apply whether they are there.
  subnet = var.vnet == null ? null : { id = module.vnet[0].nodes_subnet_id }
  logs   = var.logs == null ? null : { workspace_id = azurerm_log_analytics_workspace.logs[0].id }
}
