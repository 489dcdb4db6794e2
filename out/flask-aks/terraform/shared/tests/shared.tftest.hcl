mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_container_registry" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/flaskapplication"
      login_server = "flaskapplication.azurecr.io"
    }
  }
}

# Which kind of identity it is does not matter to this root.
override_module {
  target = module.github_access
  outputs = {
    client_id    = "11111111-1111-1111-1111-111111111111"
    principal_id = "22222222-2222-2222-2222-222222222222"
    tenant_id    = "33333333-3333-3333-3333-333333333333"
    subjects     = { branch = "repo:example/flask-application:ref:refs/heads/main" }
  }
}

override_data {
  target = data.azurerm_client_config.current
  values = {
    subscription_id = "00000000-0000-0000-0000-000000000000"
  }
}

variables {
  name                = "flask-application"
  location            = "westeurope"
  resource_group_name = "flask-application-shared"
  image_name          = "flask-application"
  registry            = { name = "flaskapplication" }
  github = {
    repository = "example/flask-application"
    subjects   = { branch = "repo:example/flask-application:ref:refs/heads/main" }
  }
  dns  = null
  tags = {}
}

run "outputs_are_what_the_pipeline_needs" {
  command = plan

  assert {
    condition = output.github_variables == {
      AZURE_CLIENT_ID       = "11111111-1111-1111-1111-111111111111"
      AZURE_SUBSCRIPTION_ID = "00000000-0000-0000-0000-000000000000"
      AZURE_TENANT_ID       = "33333333-3333-3333-3333-333333333333"
    }
    error_message = "azure/login reads these three variables"
  }

  assert {
    condition     = output.registry_login_server == "flaskapplication.azurecr.io"
    error_message = "the pipeline must learn where to push"
  }

  assert {
    condition     = output.name_servers == null && length(module.dns) == 0
    error_message = "without dns there is no zone"
  }

  assert {
    condition     = azurerm_resource_group.shared.tags["application"] == "flask-application"
    error_message = "resources must say whose they are"
  }
}

run "a_zone_brings_its_name_servers" {
  command = plan

  variables {
    dns = {
      zone    = "example.com"
      records = { flask = { type = "CNAME", value = "flask-test.duckdns.org", ttl = 300 } }
    }
  }

  assert {
    condition     = length(module.dns) == 1 && module.dns[0].fqdns == { flask = "flask.example.com" }
    error_message = "the record must be made in the zone"
  }
}

run "a_name_in_upper_case_is_refused" {
  command = plan

  variables {
    name = "FlaskApplication"
  }

  expect_failures = [var.name]
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
    resource_group_name = "shared."
  }

  expect_failures = [var.resource_group_name]
}
