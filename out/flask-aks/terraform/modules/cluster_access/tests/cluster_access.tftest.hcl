mock_provider "azurerm" {}
mock_provider "helm" {}

variables {
  cluster_id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod"
  principal_id = "11111111-1111-1111-1111-111111111111"
  namespace    = "flask-application"
}

run "an_identity_deploys_into_one_namespace" {
  command = plan

  assert {
    condition     = azurerm_role_assignment.kubeconfig.role_definition_name == "Azure Kubernetes Service Cluster User Role"
    error_message = "the identity may fetch a kubeconfig and no more of Azure"
  }

  assert {
    condition     = yamldecode(helm_release.access.values[0]) == { namespace = "flask-application", principalId = "11111111-1111-1111-1111-111111111111" }
    error_message = "the binding must name the identity and the namespace"
  }
}

run "another_kind_of_cluster_is_refused" {
  command = plan

  variables {
    cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod"
  }

  expect_failures = [var.cluster_id]
}

run "a_principal_by_name_is_refused" {
  command = plan

  variables {
    principal_id = "flask-application-deploy"
  }

  expect_failures = [var.principal_id]
}

run "a_namespace_in_upper_case_is_refused" {
  command = plan

  variables {
    namespace = "Flask"
  }

  expect_failures = [var.namespace]
}

run "the_namespace_of_the_system_is_refused" {
  command = plan

  variables {
    namespace = "kube-system"
  }

  expect_failures = [var.namespace]
}
