mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_container_registry" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/flaskapplication"
      login_server = "flaskapplication.azurecr.io"
    }
  }
}

variables {
  location            = "westeurope"
  resource_group_name = "flask-application-shared"
  acrs = {
    flaskapplication = {}
  }
}

run "a_registry_is_closed_to_everyone_without_a_role" {
  command = plan

  assert {
    condition     = azurerm_container_registry.registry["flaskapplication"].admin_enabled == false
    error_message = "the admin account must be off"
  }

  assert {
    condition     = azurerm_container_registry.registry["flaskapplication"].anonymous_pull_enabled == false
    error_message = "anonymous pull must be off"
  }

  assert {
    condition     = azurerm_container_registry.registry["flaskapplication"].role_assignment_mode == "AbacRepositoryPermissions"
    error_message = "the permission mode must be stated, never left to Azure's default"
  }

  assert {
    condition     = output.login_servers["flaskapplication"] == "flaskapplication.azurecr.io"
    error_message = "login_servers must be keyed by registry name"
  }

  assert {
    condition     = length(module.kubelet_pull) == 0
    error_message = "nobody may pull unless named"
  }
}

run "each_cluster_pulls_from_each_registry" {
  command = plan

  variables {
    acrs = {
      flaskapplication = {}
      legacyregistry   = { role_assignment_mode = "LegacyRegistryPermissions" }
    }
    kubelet_identities = {
      dev  = "11111111-1111-1111-1111-111111111111"
      prod = "22222222-2222-2222-2222-222222222222"
    }
  }

  assert {
    condition     = length(module.kubelet_pull) == 4
    error_message = "two registries and two clusters make four assignments"
  }

  assert {
    condition     = module.kubelet_pull["flaskapplication-dev"].role == "Container Registry Repository Reader"
    error_message = "an ABAC registry needs the repository reader role"
  }

  assert {
    condition     = module.kubelet_pull["legacyregistry-prod"].role == "AcrPull"
    error_message = "a legacy registry needs AcrPull"
  }
}

run "premium_brings_its_features" {
  command = plan

  variables {
    acrs = {
      flaskapplication = {
        sku                           = "Premium"
        public_network_access_enabled = false
        retention_days                = 30
        zone_redundancy_enabled       = true
        georeplication_locations      = ["swedencentral", "northeurope"]
      }
    }
  }

  assert {
    condition     = azurerm_container_registry.registry["flaskapplication"].data_endpoint_enabled
    error_message = "Premium comes with dedicated data endpoints"
  }

  assert {
    condition     = [for r in azurerm_container_registry.registry["flaskapplication"].georeplications : r.location] == ["northeurope", "swedencentral"]
    error_message = "replications must be in alphabetical order"
  }
}

run "an_upper_case_name_is_refused" {
  command = plan

  variables {
    acrs = { FlaskApplication = {} }
  }

  expect_failures = [var.acrs]
}

run "a_name_with_a_dash_is_refused" {
  command = plan

  variables {
    acrs = { flask-application = {} }
  }

  expect_failures = [var.acrs]
}

run "a_short_name_is_refused" {
  command = plan

  variables {
    acrs = { acr1 = {} }
  }

  expect_failures = [var.acrs]
}

run "an_unknown_sku_is_refused" {
  command = plan

  variables {
    acrs = { flaskapplication = { sku = "Classic" } }
  }

  expect_failures = [var.acrs]
}

run "an_unknown_permission_mode_is_refused" {
  command = plan

  variables {
    acrs = { flaskapplication = { role_assignment_mode = "Rbac" } }
  }

  expect_failures = [var.acrs]
}

run "retention_below_premium_is_refused" {
  command = plan

  variables {
    acrs = { flaskapplication = { retention_days = 30 } }
  }

  expect_failures = [var.acrs]
}

run "a_closed_network_below_premium_is_refused" {
  command = plan

  variables {
    acrs = { flaskapplication = { public_network_access_enabled = false } }
  }

  expect_failures = [var.acrs]
}

run "a_retention_of_ten_years_is_refused" {
  command = plan

  variables {
    acrs = { flaskapplication = { sku = "Premium", retention_days = 3650 } }
  }

  expect_failures = [var.acrs]
}

run "a_kubelet_identity_that_is_no_guid_is_refused" {
  command = plan

  variables {
    kubelet_identities = { dev = "kubelet" }
  }

  expect_failures = [var.kubelet_identities]
}
