mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { id = "notejam-prod-autoscaler", arn = "arn:aws:iam::111111111111:role/notejam-prod-autoscaler" }
  }
}

mock_provider "helm" {}

variables {
  cluster_name       = "notejam-prod"
  kubernetes_version = "1.35"
  region             = "eu-west-1"
}

run "it_changes_the_groups_of_its_cluster_alone" {
  command = plan

  assert {
    condition     = toset(data.aws_iam_policy_document.scale.statement[2].actions) == toset(["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"])
    error_message = "nothing else is changed"
  }

  assert {
    condition = { for condition in data.aws_iam_policy_document.scale.statement[2].condition : condition.variable => one(condition.values) } == {
      "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled"      = "true"
      "aws:ResourceTag/k8s.io/cluster-autoscaler/notejam-prod" = "owned"
    }
    error_message = "only groups with the tags of this cluster"
  }

  assert {
    condition     = alltrue([for statement in slice(data.aws_iam_policy_document.scale.statement, 0, 2) : alltrue([for action in statement.actions : can(regex(":(Describe|Get)", action))])])
    error_message = "the rest only looks"
  }
}

run "its_pod_and_no_other_signs_in" {
  command = plan

  assert {
    condition     = aws_eks_pod_identity_association.autoscaler.service_account == yamldecode(helm_release.autoscaler.values[0]).rbac.serviceAccount.name && aws_eks_pod_identity_association.autoscaler.namespace == helm_release.autoscaler.namespace
    error_message = "the association is for the account that the chart makes"
  }

  assert {
    condition     = data.aws_iam_policy_document.trust.statement[0].principals == toset([{ type = "Service", identifiers = toset(["pods.eks.amazonaws.com"]) }])
    error_message = "pods of EKS sign in, and nobody else"
  }
}

run "it_is_that_of_its_kubernetes" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.autoscaler.values[0]).image.tag == "v1.35.2" && yamldecode(helm_release.autoscaler.values[0]).autoDiscovery.clusterName == "notejam-prod"
    error_message = "the minor version is that of the cluster, and so are the groups"
  }
}

run "a_version_that_has_none_gets_the_newest" {
  command = plan

  variables {
    kubernetes_version = "1.37"
  }

  assert {
    condition     = yamldecode(helm_release.autoscaler.values[0]).image.tag == "v1.36.1"
    error_message = "the newest that is known"
  }
}

run "a_patch_version_is_refused" {
  command = plan

  variables {
    kubernetes_version = "1.36.3"
  }

  expect_failures = [var.kubernetes_version]
}

run "a_name_that_no_role_can_have_is_refused" {
  command = plan

  variables {
    cluster_name = "a-cluster-with-a-name-that-goes-on-and-on-and-on-x-y"
  }

  expect_failures = [var.cluster_name]
}

run "a_range_is_no_version" {
  command = plan

  variables {
    chart_version = "~9"
  }

  expect_failures = [var.chart_version]
}
