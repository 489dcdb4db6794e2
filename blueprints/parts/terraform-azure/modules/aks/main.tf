locals {
  # An ephemeral OS disk is faster and costs nothing, but lives on the local disk of the machine: only
  # sizes with a `d` among their features have one (from generation 5 on about 37 GB per core), and
  # burstable sizes cannot use it at all.
  pools = {
    system = { vm_size = var.vm_size, os_disk_size_gb = var.os_disk_size_gb, os_disk_type = var.os_disk_type }
    apps = {
      vm_size         = try(var.apps_pool.vm_size, null)
      os_disk_size_gb = try(var.apps_pool.os_disk_size_gb, null)
      os_disk_type    = try(var.apps_pool.os_disk_type, null)
    }
  }

  # Logs and what happened to pods. Metrics are left out: they cost more than the logs of a small cluster.
  log_streams = ["Microsoft-ContainerLogV2", "Microsoft-KubeEvents", "Microsoft-KubePodInventory"]

  local_disk_gb = {
    for name, pool in local.pools :
    name => try(37 * tonumber(regex("^Standard_[A-Z]+([0-9]+)[a-z]*d[a-z]*_v(?:[5-9]|[1-9][0-9])$", pool.vm_size)[0]), 0)
  }

  os_disk_type = {
    for name, pool in local.pools :
    name => coalesce(pool.os_disk_type, local.local_disk_gb[name] >= coalesce(pool.os_disk_size_gb, 0) && local.local_disk_gb[name] > 0 ? "Ephemeral" : "Managed")
  }
}

# An identity of our own, because it must hold its role on the subnet before the cluster exists.
resource "azurerm_user_assigned_identity" "cluster" {
  name                = "${var.name}-cluster"
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_role_assignment" "subnet" {
  count = var.subnet == null ? 0 : 1

  scope                = var.subnet.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
  description          = "The control plane of ${var.name} attaches nodes and load balancers to their subnet"

  # A managed identity that is seconds old is often not yet visible in the directory.
  skip_service_principal_aad_check = true
}

#trivy:ignore:AZU-0065 public API server on purpose, narrowed by authorized_ip_ranges
#trivy:ignore:AZU-0067 platform-managed keys accepted unless disk_encryption_set_id is given
resource "azurerm_kubernetes_cluster" "cluster" {
  #checkov:skip=CKV_AZURE_6:A validation demands authorized_ip_ranges unless the cluster is private; checkov does not see them in a dynamic block
  #checkov:skip=CKV_AZURE_115:The API server is public but narrowed to authorized_ip_ranges; private_cluster_enabled closes it where a private network exists to reach it from
  #checkov:skip=CKV_AZURE_117:Platform-managed keys are accepted; disk_encryption_set_id takes a customer-managed key
  #checkov:skip=CKV_AZURE_141:Local accounts are off unless the caller asks for them, for tools that cannot sign in through Entra
  #checkov:skip=CKV_AZURE_170:Standard unless the caller chooses another tier; Free is one's own choice, and checkov does not know Premium
  name                = var.name
  location            = var.location
  resource_group_name = var.resource_group_name
  dns_prefix          = var.name
  kubernetes_version  = var.kubernetes_version
  sku_tier            = var.sku_tier
  tags                = var.tags

  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"

  local_account_disabled    = var.local_account_disabled
  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  run_command_enabled       = false
  azure_policy_enabled      = var.azure_policy_enabled
  private_cluster_enabled   = var.private_cluster_enabled
  disk_encryption_set_id    = var.disk_encryption_set_id

  image_cleaner_enabled        = true
  image_cleaner_interval_hours = 168

  default_node_pool {
    name    = "system"
    vm_size = var.vm_size
    os_sku  = var.os_sku
    zones   = var.zones

    # With autoscaling the number of nodes belongs to the autoscaler. A fixed number beside it would be
    # reset (and refused by the provider) at every apply; ignore_changes would also ignore the number
    # where autoscaling is off.
    auto_scaling_enabled = var.auto_scaling_enabled
    node_count           = var.auto_scaling_enabled ? null : var.node_count
    min_count            = var.auto_scaling_enabled ? coalesce(var.min_count, var.node_count) : null
    max_count            = var.auto_scaling_enabled ? var.max_count : null

    max_pods                     = var.max_pods
    os_disk_size_gb              = var.os_disk_size_gb
    os_disk_type                 = local.os_disk_type["system"]
    host_encryption_enabled      = var.host_encryption_enabled
    only_critical_addons_enabled = var.apps_pool != null
    vnet_subnet_id               = try(var.subnet.id, null)
    temporary_name_for_rotation  = "systemtmp"
    tags                         = var.tags

    upgrade_settings {
      max_surge                = "10%"
      drain_timeout_in_minutes = 30
    }
  }

  # Classic node pools. "Auto" would let Azure choose machines and cannot be joined with pool autoscaling.
  node_provisioning_profile {
    mode = "Manual"
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_object_ids
  }

  dynamic "api_server_access_profile" {
    for_each = var.private_cluster_enabled ? [] : [var.authorized_ip_ranges]

    content {
      authorized_ip_ranges = api_server_access_profile.value
    }
  }

  # Without this block AKS falls back to kubenet, which has no network policy.
  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    load_balancer_sku   = "standard"
    pod_cidr            = var.pod_cidr
    service_cidr        = var.service_cidr
    dns_service_ip      = cidrhost(var.service_cidr, 10)
  }

  key_vault_secrets_provider {
    secret_rotation_enabled = true
  }

  dynamic "oms_agent" {
    for_each = var.logs == null ? [] : [var.logs]

    content {
      log_analytics_workspace_id      = oms_agent.value.workspace_id
      msi_auth_for_monitoring_enabled = true
    }
  }

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_window.day
    start_time  = var.maintenance_window.start
    utc_offset  = var.maintenance_window.utc_offset
    duration    = var.maintenance_window.hours
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_window.day
    start_time  = var.maintenance_window.start
    utc_offset  = var.maintenance_window.utc_offset
    duration    = var.maintenance_window.hours
  }

  depends_on = [azurerm_role_assignment.subnet]
}

resource "azurerm_kubernetes_cluster_node_pool" "apps" {
  count = var.apps_pool == null ? 0 : 1

  name                  = "apps"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.cluster.id
  mode                  = "User"
  orchestrator_version  = var.kubernetes_version
  vm_size               = var.apps_pool.vm_size
  os_sku                = var.os_sku
  zones                 = var.zones

  auto_scaling_enabled = true
  min_count            = var.apps_pool.min_count
  max_count            = var.apps_pool.max_count

  max_pods                    = var.max_pods
  os_disk_size_gb             = var.apps_pool.os_disk_size_gb
  os_disk_type                = local.os_disk_type["apps"]
  host_encryption_enabled     = var.host_encryption_enabled
  vnet_subnet_id              = try(var.subnet.id, null)
  temporary_name_for_rotation = "appstmp"
  tags                        = var.tags

  upgrade_settings {
    max_surge                = "10%"
    drain_timeout_in_minutes = 30
  }
}

# With an agent that signs in by identity, what it collects is decided by a rule; without one it collects
# nothing. The name of the association is the one that the agent looks for.
resource "azurerm_monitor_data_collection_rule" "containers" {
  count = var.logs == null ? 0 : 1

  name                = "${var.name}-containers"
  location            = var.location
  resource_group_name = var.resource_group_name
  kind                = "Linux"
  tags                = var.tags

  data_sources {
    extension {
      name           = "ContainerInsightsExtension"
      extension_name = "ContainerInsights"
      streams        = local.log_streams
      extension_json = jsonencode({
        dataCollectionSettings = {
          interval               = "5m"
          namespaceFilteringMode = "Off"
          enableContainerLogV2   = true
        }
      })
    }
  }

  destinations {
    log_analytics {
      name                  = "workspace"
      workspace_resource_id = var.logs.workspace_id
    }
  }

  data_flow {
    streams      = local.log_streams
    destinations = ["workspace"]
  }
}

resource "azurerm_monitor_data_collection_rule_association" "containers" {
  count = var.logs == null ? 0 : 1

  name                    = "ContainerInsightsExtension"
  target_resource_id      = azurerm_kubernetes_cluster.cluster.id
  data_collection_rule_id = azurerm_monitor_data_collection_rule.containers[0].id
}

# Who changed what through the API server. Reads are left out: they are most of the volume and of the bill.
resource "azurerm_monitor_diagnostic_setting" "audit" {
  count = var.logs == null ? 0 : 1

  name                           = "audit"
  target_resource_id             = azurerm_kubernetes_cluster.cluster.id
  log_analytics_workspace_id     = var.logs.workspace_id
  log_analytics_destination_type = "Dedicated"

  enabled_log {
    category = "kube-audit-admin"
  }

  enabled_log {
    category = "guard"
  }
}
