mock_provider "azurerm" {}

variables {
  registry_id  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/flaskapplication"
  principal_id = "11111111-1111-1111-1111-111111111111"
  permission   = "pull"
}

run "pull_on_an_abac_registry_reads_repositories" {
  command = plan

  assert {
    condition     = azurerm_role_assignment.registry.role_definition_name == "Container Registry Repository Reader"
    error_message = "an ABAC registry ignores AcrPull"
  }

  assert {
    condition     = azurerm_role_assignment.registry.condition == null
    error_message = "without repositories the role must carry no condition"
  }

  assert {
    condition     = length(azurerm_role_assignment.visible) == 0
    error_message = "nodes need no more than to pull"
  }
}

run "push_is_limited_to_its_repository" {
  command = plan

  variables {
    permission   = "push"
    repositories = ["flask-application"]
  }

  assert {
    condition     = azurerm_role_assignment.registry.role_definition_name == "Container Registry Repository Writer"
    error_message = "an ABAC registry ignores AcrPush"
  }

  assert {
    condition     = strcontains(azurerm_role_assignment.registry.condition, "repositories:name] StringEqualsIgnoreCase 'flask-application'")
    error_message = "the condition must name the repository"
  }

  assert {
    condition     = strcontains(azurerm_role_assignment.registry.condition, "!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/content/write'})")
    error_message = "the condition must guard writing"
  }

  assert {
    condition     = azurerm_role_assignment.visible[0].role_definition_name == "Reader" && azurerm_role_assignment.visible[0].scope == var.registry_id
    error_message = "az login must find the subscription, and see no more of it than the registry"
  }
}

run "pull_guards_no_write_action" {
  command = plan

  variables {
    repositories = ["flask-application", "team/worker"]
  }

  assert {
    condition     = !strcontains(azurerm_role_assignment.registry.condition, "/write")
    error_message = "a reader's condition must not mention actions that a reader lacks"
  }

  assert {
    condition     = strcontains(azurerm_role_assignment.registry.condition, "'flask-application' OR @Request")
    error_message = "every repository must be admitted"
  }
}

run "a_legacy_registry_takes_the_legacy_roles" {
  command = plan

  variables {
    permission           = "push"
    role_assignment_mode = "LegacyRegistryPermissions"
  }

  assert {
    condition     = azurerm_role_assignment.registry.role_definition_name == "AcrPush"
    error_message = "a legacy registry needs AcrPush"
  }

  assert {
    condition     = length(azurerm_role_assignment.visible) == 0
    error_message = "AcrPush itself makes the registry visible"
  }
}

run "a_registry_id_of_something_else_is_refused" {
  command = plan

  variables {
    registry_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared"
  }

  expect_failures = [var.registry_id]
}

run "an_unknown_permission_is_refused" {
  command = plan

  variables {
    permission = "delete"
  }

  expect_failures = [var.permission]
}

run "an_unknown_mode_is_refused" {
  command = plan

  variables {
    role_assignment_mode = "Abac"
  }

  expect_failures = [var.role_assignment_mode]
}

run "a_repository_with_a_tag_is_refused" {
  command = plan

  variables {
    repositories = ["flask-application:1.0"]
  }

  expect_failures = [var.repositories]
}

run "a_repository_that_closes_the_quote_is_refused" {
  command = plan

  variables {
    repositories = ["x' OR '1' StringEquals '1"]
  }

  expect_failures = [var.repositories]
}

run "a_legacy_registry_cannot_be_limited" {
  command = plan

  variables {
    role_assignment_mode = "LegacyRegistryPermissions"
    repositories         = ["flask-application"]
  }

  expect_failures = [var.repositories]
}
