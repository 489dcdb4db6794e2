mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/prod-cluster"
      principal_id = "22222222-2222-2222-2222-222222222222"
    }
  }

  mock_resource "azurerm_monitor_data_collection_rule" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Insights/dataCollectionRules/prod-containers"
    }
  }

  mock_resource "azurerm_kubernetes_cluster" {
    defaults = {
      id              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod"
      fqdn            = "prod-abcd1234.hcp.westeurope.azmk8s.io"
      oidc_issuer_url = "https://westeurope.oic.prod-aks.azure.com/tenant/issuer/"
      kube_config = [{
        host                   = "https://prod-abcd1234.hcp.westeurope.azmk8s.io:443"
        cluster_ca_certificate = "Y2E="
        client_certificate     = ""
        client_key             = ""
      }]
      kube_admin_config = [{
        host                   = "https://prod-abcd1234.hcp.westeurope.azmk8s.io:443"
        cluster_ca_certificate = "Y2E="
        client_certificate     = "Y2VydA=="
        client_key             = "a2V5"
      }]
    }
  }
}

variables {
  name                 = "flask-application-production"
  location             = "westeurope"
  resource_group_name  = "flask-application-production"
  vm_size              = "Standard_B2s"
  node_count           = 1
  max_count            = 3
  os_disk_size_gb      = 30
  authorized_ip_ranges = ["203.0.113.7/32"]
}

run "one_small_pool_that_scales" {
  command = plan

  assert {
    condition = (
      azurerm_kubernetes_cluster.cluster.default_node_pool[0].auto_scaling_enabled
      && azurerm_kubernetes_cluster.cluster.default_node_pool[0].min_count == 1
      && azurerm_kubernetes_cluster.cluster.default_node_pool[0].max_count == 3
    )
    error_message = "the pool must scale between node_count and max_count"
  }

  assert {
    condition     = output.os_disk_type == { system = "Managed" }
    error_message = "a burstable machine has no disk for an ephemeral OS"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.default_node_pool[0].only_critical_addons_enabled == false
    error_message = "with one pool the applications must be admitted to it"
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster_node_pool.apps) == 0 && length(azurerm_monitor_diagnostic_setting.audit) == 0 && length(azurerm_monitor_data_collection_rule.containers) == 0 && length(azurerm_role_assignment.subnet) == 0
    error_message = "what was not asked for must not be made"
  }
}

run "the_cluster_is_closed_by_default" {
  command = plan

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.local_account_disabled && !azurerm_kubernetes_cluster.cluster.run_command_enabled
    error_message = "no way in beside Entra"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.azure_active_directory_role_based_access_control[0].azure_rbac_enabled
    error_message = "Azure roles must decide in the cluster"
  }

  assert {
    condition     = tolist(azurerm_kubernetes_cluster.cluster.api_server_access_profile[0].authorized_ip_ranges) == tolist(["203.0.113.7/32"])
    error_message = "the API server must be narrowed"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.network_profile[0].network_policy == "cilium" && azurerm_kubernetes_cluster.cluster.network_profile[0].network_plugin_mode == "overlay"
    error_message = "network policies must be enforced"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.network_profile[0].dns_service_ip == "10.0.0.10"
    error_message = "the DNS address must lie in the service range"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.node_provisioning_profile[0].mode == "Manual"
    error_message = "azurerm 5 needs the provisioning mode"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.default_node_pool[0].host_encryption_enabled
    error_message = "hosts must encrypt"
  }
}

run "outputs_name_the_endpoint_and_no_certificate" {
  command = plan

  assert {
    condition     = output.host == "https://prod-abcd1234.hcp.westeurope.azmk8s.io:443" && output.cluster_ca_certificate == "Y2E="
    error_message = "host and authority must be handed on"
  }

  assert {
    condition     = output.client_certificate == null && output.client_key == null
    error_message = "with local accounts disabled there is no client certificate"
  }
}

run "local_accounts_bring_the_legacy_certificate" {
  command = plan

  variables {
    local_account_disabled = false
  }

  assert {
    condition     = output.client_certificate == "Y2VydA==" && output.client_key == "a2V5"
    error_message = "the legacy outputs must hold the local administrator's certificate"
  }
}

run "a_fixed_pool_has_no_bounds" {
  command = plan

  variables {
    auto_scaling_enabled = false
    node_count           = 3
    max_count            = 3
  }

  assert {
    condition = (
      azurerm_kubernetes_cluster.cluster.default_node_pool[0].node_count == 3
      && azurerm_kubernetes_cluster.cluster.default_node_pool[0].min_count == null
      && azurerm_kubernetes_cluster.cluster.default_node_pool[0].max_count == null
    )
    error_message = "azurerm refuses bounds on a fixed pool"
  }
}

run "a_pool_may_shrink_below_its_first_size" {
  command = plan

  variables {
    node_count = 2
    min_count  = 1
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.default_node_pool[0].min_count == 1
    error_message = "min_count must win over node_count"
  }
}

run "applications_get_a_pool_of_their_own" {
  command = plan

  variables {
    vm_size         = "Standard_D4ads_v5"
    os_disk_size_gb = 128
    zones           = ["1", "2", "3"]
    apps_pool       = { vm_size = "Standard_D2ads_v5", max_count = 5 }
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.default_node_pool[0].only_critical_addons_enabled
    error_message = "the first pool must then refuse applications"
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.apps[0].mode == "User" && azurerm_kubernetes_cluster_node_pool.apps[0].min_count == 1 && azurerm_kubernetes_cluster_node_pool.apps[0].max_count == 5
    error_message = "the pool must scale as told"
  }

  assert {
    condition     = output.os_disk_type == { apps = "Ephemeral", system = "Ephemeral" }
    error_message = "machines with a local disk take an ephemeral OS disk"
  }
}

run "a_local_disk_that_is_too_small_is_not_used" {
  command = plan

  variables {
    vm_size         = "Standard_D2ads_v5"
    os_disk_size_gb = 128
  }

  assert {
    condition     = output.os_disk_type == { system = "Managed" }
    error_message = "75 GB of local disk do not hold 128"
  }
}

run "a_machine_without_local_disk_takes_a_managed_one" {
  command = plan

  variables {
    vm_size         = "Standard_D4as_v5"
    os_disk_size_gb = 64
  }

  assert {
    condition     = output.os_disk_type == { system = "Managed" }
    error_message = "only a d among the features means a local disk"
  }
}

run "logs_bring_the_agent_and_the_audit_trail" {
  command = plan

  variables {
    logs = { workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.OperationalInsights/workspaces/prod" }
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.oms_agent[0].msi_auth_for_monitoring_enabled
    error_message = "the agent must sign in by identity, not by the workspace key"
  }

  assert {
    condition     = sort([for log in azurerm_monitor_diagnostic_setting.audit[0].enabled_log : log.category]) == tolist(["guard", "kube-audit-admin"])
    error_message = "changes and sign-ins must be recorded"
  }

  assert {
    condition     = azurerm_monitor_data_collection_rule_association.containers[0].name == "ContainerInsightsExtension"
    error_message = "the agent looks for its rule under this name and collects nothing without it"
  }
}

run "a_subnet_brings_its_role" {
  command = plan

  variables {
    subnet = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/virtualNetworks/prod/subnets/nodes" }
  }

  assert {
    condition     = azurerm_role_assignment.subnet[0].role_definition_name == "Network Contributor" && endswith(azurerm_role_assignment.subnet[0].scope, "/subnets/nodes")
    error_message = "the control plane needs its role on that subnet, and on no more"
  }

  assert {
    condition     = endswith(azurerm_kubernetes_cluster.cluster.default_node_pool[0].vnet_subnet_id, "/subnets/nodes")
    error_message = "nodes must start in the subnet"
  }
}

run "a_private_cluster_needs_no_ranges" {
  command = plan

  variables {
    private_cluster_enabled = true
    authorized_ip_ranges    = []
  }

  assert {
    condition     = azurerm_kubernetes_cluster.cluster.private_cluster_enabled && length(azurerm_kubernetes_cluster.cluster.api_server_access_profile) == 0
    error_message = "Azure refuses ranges on a private cluster"
  }
}

run "a_name_that_ends_in_a_dash_is_refused" {
  command = plan

  variables {
    name = "prod-"
  }

  expect_failures = [var.name]
}

run "a_name_of_55_letters_is_refused" {
  command = plan

  variables {
    name = join("", [for n in range(55) : "a"])
  }

  expect_failures = [var.name]
}

run "a_version_with_a_v_is_refused" {
  command = plan

  variables {
    kubernetes_version = "v1.36"
  }

  expect_failures = [var.kubernetes_version]
}

run "an_unknown_tier_is_refused" {
  command = plan

  variables {
    sku_tier = "Paid"
  }

  expect_failures = [var.sku_tier]
}

run "a_size_without_its_prefix_is_refused" {
  command = plan

  variables {
    vm_size = "B2s"
  }

  expect_failures = [var.vm_size]
}

run "as_many_nodes_as_the_maximum_are_refused" {
  command = plan

  variables {
    node_count = 3
  }

  expect_failures = [var.node_count]
}

run "no_node_is_refused" {
  command = plan

  variables {
    node_count = 0
  }

  expect_failures = [var.node_count]
}

run "half_a_node_is_refused" {
  command = plan

  variables {
    node_count = 1.5
  }

  expect_failures = [var.node_count]
}

run "a_lower_bound_above_the_node_count_is_refused" {
  command = plan

  variables {
    min_count = 2
  }

  expect_failures = [var.min_count]
}

run "a_maximum_above_a_thousand_is_refused" {
  command = plan

  variables {
    max_count = 1001
  }

  expect_failures = [var.max_count]
}

run "a_disk_of_16_gb_is_refused" {
  command = plan

  variables {
    os_disk_size_gb = 16
  }

  expect_failures = [var.os_disk_size_gb]
}

run "an_ephemeral_disk_on_a_burstable_machine_is_refused" {
  command = plan

  variables {
    os_disk_type = "Ephemeral"
  }

  expect_failures = [var.os_disk_type]
}

run "an_unknown_disk_type_is_refused" {
  command = plan

  variables {
    os_disk_type = "Premium"
  }

  expect_failures = [var.os_disk_type]
}

run "an_unknown_operating_system_is_refused" {
  command = plan

  variables {
    os_sku = "Windows2022"
  }

  expect_failures = [var.os_sku]
}

run "thirty_pods_per_node_are_refused" {
  command = plan

  variables {
    max_pods = 30
  }

  expect_failures = [var.max_pods]
}

run "a_fourth_zone_is_refused" {
  command = plan

  variables {
    zones = ["4"]
  }

  expect_failures = [var.zones]
}

run "an_apps_pool_with_a_bare_size_is_refused" {
  command = plan

  variables {
    apps_pool = { vm_size = "D4ads_v5" }
  }

  expect_failures = [var.apps_pool]
}

run "an_apps_pool_that_cannot_scale_is_refused" {
  command = plan

  variables {
    apps_pool = { vm_size = "Standard_D4ads_v5", min_count = 3 }
  }

  expect_failures = [var.apps_pool]
}

run "an_apps_pool_with_a_tiny_disk_is_refused" {
  command = plan

  variables {
    apps_pool = { vm_size = "Standard_D4ads_v5", os_disk_size_gb = 10 }
  }

  expect_failures = [var.apps_pool]
}

run "an_ephemeral_apps_pool_on_burstable_machines_is_refused" {
  command = plan

  variables {
    apps_pool = { vm_size = "Standard_B4ms", os_disk_type = "Ephemeral" }
  }

  expect_failures = [var.apps_pool]
}

run "a_pod_range_that_is_no_network_is_refused" {
  command = plan

  variables {
    pod_cidr = "10.244.0.0"
  }

  expect_failures = [var.pod_cidr]
}

run "a_service_range_that_is_too_small_is_refused" {
  command = plan

  variables {
    service_cidr = "10.0.0.0/28"
  }

  expect_failures = [var.service_cidr]
}

run "a_public_cluster_open_to_everyone_by_omission_is_refused" {
  command = plan

  variables {
    authorized_ip_ranges = []
  }

  expect_failures = [var.authorized_ip_ranges]
}

run "a_range_that_is_no_network_is_refused" {
  command = plan

  variables {
    authorized_ip_ranges = ["203.0.113.7"]
  }

  expect_failures = [var.authorized_ip_ranges]
}

run "an_admin_group_by_name_is_refused" {
  command = plan

  variables {
    admin_group_object_ids = ["platform-admins"]
  }

  expect_failures = [var.admin_group_object_ids]
}

run "an_unknown_day_is_refused" {
  command = plan

  variables {
    maintenance_window = { day = "sunday" }
  }

  expect_failures = [var.maintenance_window]
}

run "an_hour_of_25_is_refused" {
  command = plan

  variables {
    maintenance_window = { start = "25:00" }
  }

  expect_failures = [var.maintenance_window]
}

run "an_offset_without_sign_is_refused" {
  command = plan

  variables {
    maintenance_window = { utc_offset = "01:00" }
  }

  expect_failures = [var.maintenance_window]
}

run "a_window_of_two_hours_is_refused" {
  command = plan

  variables {
    maintenance_window = { hours = 2 }
  }

  expect_failures = [var.maintenance_window]
}
