mock_provider "helm" {}

run "argocd_alone_is_closed" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.argocd.values[0]).configs.cm == { "admin.enabled" = false, "exec.enabled" = false }
    error_message = "no built-in administrator and no shell"
  }

  assert {
    condition     = yamldecode(helm_release.argocd.values[0]).global.networkPolicy == { create = true, defaultDenyIngress = true }
    error_message = "network policies must be on"
  }

  assert {
    condition     = helm_release.argocd.version == "10.9.0"
    error_message = "the chart must be pinned"
  }

  assert {
    condition     = length(helm_release.bootstrap) == 0
    error_message = "without manifests there is nothing to hand over"
  }
}

run "manifests_are_handed_over_as_they_are" {
  command = plan

  variables {
    manifests = {
      "project.yaml"      = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: flask-application\n"
      "environments.yaml" = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: flask-application\n  namespace: argocd\nspec:\n  goTemplate: true\n  template:\n    metadata:\n      name: '{{ .environment }}'\n"
    }
  }

  assert {
    condition     = strcontains(yamldecode(helm_release.bootstrap[0].values[0]).manifests["environments.yaml"], "'{{ .environment }}'")
    error_message = "the braces of an ApplicationSet must survive"
  }
}

run "a_namespace_in_upper_case_is_refused" {
  command = plan

  variables {
    namespace = "ArgoCD"
  }

  expect_failures = [var.namespace]
}

run "a_range_of_versions_is_refused" {
  command = plan

  variables {
    chart_version = "~10"
  }

  expect_failures = [var.chart_version]
}

run "a_text_that_is_no_object_is_refused" {
  command = plan

  variables {
    manifests = { "project.yaml" = "just a line" }
  }

  expect_failures = [var.manifests]
}

run "two_objects_in_one_text_are_refused" {
  command = plan

  variables {
    manifests = { "project.yaml" = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\n---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n" }
  }

  expect_failures = [var.manifests]
}

run "another_kind_is_refused" {
  command = plan

  variables {
    manifests = { "role.yaml" = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n" }
  }

  expect_failures = [var.manifests]
}

run "another_namespace_is_refused" {
  command = plan

  variables {
    manifests = { "project.yaml" = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: flask-application\n  namespace: kube-system\n" }
  }

  expect_failures = [var.manifests]
}

run "another_cluster_is_reached_by_its_address" {
  command = plan

  variables {
    clusters = { second = { labels = {} } }
  }

  expect_failures = [var.clusters]
}
