mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_log_analytics_workspace" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.OperationalInsights/workspaces/prod"
    }
  }

  mock_data "azurerm_container_registry" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/flaskapplication"
    }
  }

  mock_data "azurerm_client_config" {
    defaults = {
      object_id = "44444444-4444-4444-4444-444444444444"
    }
  }
}

# A mocked cluster has no kubelet identity; the module's own tests show the rest.
override_module {
  target = module.aks
  outputs = {
    id                         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod"
    name                       = "flask-application-production"
    host                       = "https://prod-abcd1234.hcp.westeurope.azmk8s.io:443"
    cluster_ca_certificate     = "Y2E="
    client_certificate         = null
    client_key                 = null
    oidc_issuer_url            = "https://westeurope.oic.prod-aks.azure.com/tenant/issuer/"
    node_resource_group        = "MC_flask-application-production"
    kubelet_identity_object_id = "33333333-3333-3333-3333-333333333333"
  }
}

variables {
  name                   = "flask-application"
  environment            = "production"
  location               = "westeurope"
  resource_group_name    = "flask-application-production"
  cluster_name           = "flask-application-production"
  vm_size                = "Standard_B2s"
  node_count             = 1
  max_count              = 3
  os_disk_size_gb        = 30
  authorized_ip_ranges   = ["203.0.113.7/32"]
  admin_group_object_ids = []
  image_name             = "flask-application"
  registry = {
    name                = "flaskapplication"
    resource_group_name = "flask-application-shared"
  }
}

run "nodes_pull_their_image_and_no_other" {
  command = plan

  assert {
    condition     = module.kubelet_pull.role == "Container Registry Repository Reader"
    error_message = "an ABAC registry needs the repository reader role"
  }
}

run "a_legacy_registry_takes_the_legacy_role" {
  command = plan

  variables {
    registry = {
      name                 = "flaskapplication"
      resource_group_name  = "flask-application-shared"
      role_assignment_mode = "LegacyRegistryPermissions"
    }
  }

  assert {
    condition     = module.kubelet_pull.role == "AcrPull"
    error_message = "a legacy registry needs AcrPull"
  }
}

run "someone_can_administrate" {
  command = plan

  assert {
    condition = (
      azurerm_role_assignment.first_administrator[0].principal_id == "44444444-4444-4444-4444-444444444444"
      && azurerm_role_assignment.first_administrator[0].role_definition_name == "Azure Kubernetes Service RBAC Cluster Admin"
    )
    error_message = "without a group whoever makes the cluster must be its administrator"
  }
}

run "a_group_takes_the_place_of_the_first_administrator" {
  command = plan

  variables {
    admin_group_object_ids = ["55555555-5555-5555-5555-555555555555"]
  }

  assert {
    condition     = length(azurerm_role_assignment.first_administrator) == 0
    error_message = "with a group nobody else is administrator"
  }
}

run "logs_are_bounded" {
  command = plan

  assert {
    condition = (
      azurerm_log_analytics_workspace.logs[0].daily_quota_gb == 1
      && azurerm_log_analytics_workspace.logs[0].retention_in_days == 30
      && azurerm_log_analytics_workspace.logs[0].local_authentication_enabled == false
    )
    error_message = "the bill must have a bound and the workspace no shared keys"
  }

  assert {
    condition     = length(module.vnet) == 0
    error_message = "a network comes only when asked for"
  }
}

run "no_logs_and_a_network_of_our_own" {
  command = plan

  variables {
    logs = null
    vnet = {}
  }

  assert {
    condition     = length(azurerm_log_analytics_workspace.logs) == 0 && length(module.vnet) == 1
    error_message = "both switches must work"
  }
}

run "the_name_in_upper_case_is_refused" {
  command = plan

  variables {
    name = "FlaskApplication"
  }

  expect_failures = [var.name]
}

run "an_environment_with_a_slash_is_refused" {
  command = plan

  variables {
    environment = "prod/eu"
  }

  expect_failures = [var.environment]
}

run "a_region_by_its_display_name_is_refused" {
  command = plan

  variables {
    location = "West Europe"
  }

  expect_failures = [var.location]
}

run "a_resource_group_that_ends_in_a_dot_is_refused" {
  command = plan

  variables {
    resource_group_name = "production."
  }

  expect_failures = [var.resource_group_name]
}

run "the_shared_resource_group_is_refused" {
  command = plan

  variables {
    resource_group_name = "Flask-Application-Shared"
  }

  expect_failures = [var.resource_group_name]
}

run "a_retention_of_a_week_is_refused" {
  command = plan

  variables {
    logs = { retention_days = 7 }
  }

  expect_failures = [var.logs]
}

run "a_quota_of_zero_is_refused" {
  command = plan

  variables {
    logs = { daily_quota_gb = 0 }
  }

  expect_failures = [var.logs]
}

run "a_network_over_the_services_is_refused" {
  command = plan

  variables {
    vnet = { address_space = "10.0.0.0/8", nodes_subnet = "10.224.0.0/20" }
  }

  expect_failures = [var.vnet]
}

run "a_network_inside_the_pods_is_refused" {
  command = plan

  variables {
    vnet = { address_space = "10.244.128.0/24", nodes_subnet = "10.244.128.0/24" }
  }

  expect_failures = [var.vnet]
}
