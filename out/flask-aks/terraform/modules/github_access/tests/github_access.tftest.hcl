mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ManagedIdentity/userAssignedIdentities/flask-application-github"
      client_id    = "11111111-1111-1111-1111-111111111111"
      principal_id = "22222222-2222-2222-2222-222222222222"
      tenant_id    = "33333333-3333-3333-3333-333333333333"
    }
  }
}

variables {
  name                = "flask-application-github"
  location            = "westeurope"
  resource_group_name = "flask-application-shared"
  repository          = "example/flask-application"
  subjects = {
    branch = "repo:example/flask-application:ref:refs/heads/main"
  }
}

run "a_branch_and_an_environment_may_sign_in" {
  command = plan

  variables {
    subjects = {
      branch-main = "repo:example/flask-application:ref:refs/heads/main"
      production  = "repo:example/flask-application:environment:production"
      release     = "repo:example/flask-application:ref:refs/tags/1.2.3"
    }
  }

  assert {
    condition     = length(azurerm_federated_identity_credential.github) == 3
    error_message = "one credential per subject"
  }

  assert {
    condition     = azurerm_federated_identity_credential.github["production"].subject == "repo:example/flask-application:environment:production"
    error_message = "a subject must arrive unchanged"
  }

  assert {
    condition     = one(azurerm_federated_identity_credential.github["production"].audience) == "api://AzureADTokenExchange"
    error_message = "the audience is Azure's own"
  }

  assert {
    condition     = length(module.push) == 0
    error_message = "without a registry nothing may be pushed"
  }
}

run "the_immutable_form_may_stand_beside_the_legacy_form" {
  command = plan

  variables {
    subjects = {
      branch        = "repo:example@1234/flask-application@5678:ref:refs/heads/main"
      branch-legacy = "repo:example/flask-application:ref:refs/heads/main"
    }
  }

  assert {
    condition     = length(output.subjects) == 2
    error_message = "both forms must be trusted during a migration"
  }
}

run "one_repository_pushes_to_one_registry" {
  command = plan

  variables {
    registry = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/flaskapplication"
      repositories = ["flask-application"]
    }
  }

  assert {
    condition     = length(module.push) == 1 && module.push[0].role == "Container Registry Repository Writer"
    error_message = "the identity must get the push role on the one registry"
  }
}

run "a_repository_url_is_refused" {
  command = plan

  variables {
    repository = "https://github.com/example/flask-application"
  }

  expect_failures = [var.repository]
}

run "another_repository_is_refused" {
  command = plan

  variables {
    subjects = { branch = "repo:example/other:ref:refs/heads/main" }
  }

  expect_failures = [var.subjects]
}

run "a_dot_in_the_name_matches_only_a_dot" {
  command = plan

  variables {
    repository = "example/flask.application"
    subjects   = { branch = "repo:example/flaskXapplication:ref:refs/heads/main" }
  }

  expect_failures = [var.subjects]
}

run "one_id_without_the_other_is_refused" {
  command = plan

  variables {
    subjects = { branch = "repo:example@1234/flask-application:ref:refs/heads/main" }
  }

  expect_failures = [var.subjects]
}

run "a_wildcard_is_refused" {
  command = plan

  variables {
    subjects = { branch = "repo:example/flask-application:ref:refs/heads/*" }
  }

  expect_failures = [var.subjects]
}

run "a_pull_request_is_refused" {
  command = plan

  variables {
    subjects = { pull = "repo:example/flask-application:pull_request" }
  }

  expect_failures = [var.subjects]
}

run "a_bare_repository_is_refused" {
  command = plan

  variables {
    subjects = { bare = "repo:example/flask-application" }
  }

  expect_failures = [var.subjects]
}

run "a_short_credential_name_is_refused" {
  command = plan

  variables {
    subjects = { m = "repo:example/flask-application:ref:refs/heads/main" }
  }

  expect_failures = [var.subjects]
}

run "no_subject_is_refused" {
  command = plan

  variables {
    subjects = {}
  }

  expect_failures = [var.subjects]
}

run "more_than_twenty_subjects_are_refused" {
  command = plan

  variables {
    subjects = { for n in range(21) : "branch-${n}" => "repo:example/flask-application:ref:refs/heads/${n}" }
  }

  expect_failures = [var.subjects]
}

run "a_name_of_two_letters_is_refused" {
  command = plan

  variables {
    name = "gh"
  }

  expect_failures = [var.name]
}
