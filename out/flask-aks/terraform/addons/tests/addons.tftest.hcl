mock_provider "azurerm" {
  override_during = plan

  mock_data "azurerm_kubernetes_cluster" {
    defaults = {
      id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod"
      location = "westeurope"
      kube_config = [{
        host                   = "https://prod-abcd1234.hcp.westeurope.azmk8s.io:443"
        cluster_ca_certificate = "Y2E="
      }]
    }
  }

  mock_data "azurerm_client_config" {
    defaults = {
      subscription_id = "00000000-0000-0000-0000-000000000000"
    }
  }
}

mock_provider "helm" {}

# Which kind of identity it is does not matter to this root.
override_module {
  target = module.deploy_identity
  outputs = {
    client_id    = "11111111-1111-1111-1111-111111111111"
    principal_id = "22222222-2222-2222-2222-222222222222"
    tenant_id    = "33333333-3333-3333-3333-333333333333"
    subjects     = { environment = "repo:example/flask-application:environment:production" }
  }
}

variables {
  name                = "flask-application"
  environment         = "production"
  resource_group_name = "flask-application-production"
  cluster_name        = "flask-application-production"
  namespace           = "flask-application"
  gateway             = {}
  argocd              = { manifests = ["tests/project.yaml.txt"] }
  deploy              = null
}

run "argocd_deploys_and_the_pipeline_has_no_right" {
  command = plan

  assert {
    condition     = length(module.argocd) == 1 && length(module.cluster_access) == 0 && length(module.deploy_identity) == 0
    error_message = "with Argo CD the pipeline must get nothing"
  }

  assert {
    condition     = output.gateway == { name = "public", namespace = "gateway-system" }
    error_message = "routes need their parent"
  }

  assert {
    condition     = output.github_environment_variables == null
    error_message = "there is nothing to sign in with"
  }
}

run "the_pipeline_deploys_into_one_namespace" {
  command = plan

  variables {
    argocd = null
    deploy = {
      repository = "example/flask-application"
      subjects   = { environment = "repo:example/flask-application:environment:production" }
    }
  }

  assert {
    condition     = length(module.argocd) == 0 && module.cluster_access[0].namespace == "flask-application"
    error_message = "the identity must be let into the application's namespace"
  }

  assert {
    condition     = output.github_environment_variables.AZURE_CLIENT_ID == "11111111-1111-1111-1111-111111111111"
    error_message = "the GitHub environment needs the identity of its own"
  }

  assert {
    condition     = output.argocd_namespace == null
    error_message = "there is no Argo CD"
  }
}

run "an_application_without_a_way_in" {
  command = plan

  variables {
    gateway = null
  }

  assert {
    condition     = length(module.gateway) == 0 && output.gateway == null
    error_message = "no controller unless asked for"
  }
}

run "two_deployers_are_refused" {
  command = plan

  variables {
    deploy = {
      repository = "example/flask-application"
      subjects   = { environment = "repo:example/flask-application:environment:production" }
    }
  }

  expect_failures = [var.deploy]
}

run "a_missing_manifest_is_refused" {
  command = plan

  variables {
    argocd = { manifests = ["tests/missing.yaml"] }
  }

  expect_failures = [var.argocd]
}

run "a_namespace_in_upper_case_is_refused" {
  command = plan

  variables {
    namespace = "Flask"
  }

  expect_failures = [var.namespace]
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
