mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { region = "eu-west-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_eks_addon_version" {
    defaults = { version = "v1.2.3-eksbuild.1" }
  }

  mock_data "aws_route53_zone" {
    defaults = { zone_id = "Z0000000000000", arn = "arn:aws:route53:::hostedzone/Z0000000000000" }
  }

  mock_data "aws_lb" {
    defaults = { dns_name = "entry.elb.amazonaws.com", zone_id = "Z1" }
  }

  mock_data "aws_eks_cluster" {
    defaults = {
      name                  = "notejam-prod"
      version               = "1.36"
      endpoint              = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
      certificate_authority = [{ data = "Y2E=" }]
    }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/notejam-prod" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/vpc/notejam-prod" }
  }
}

mock_provider "helm" {}

variables {
  name         = "notejam"
  environment  = "prod"
  region       = "eu-west-1"
  cluster_name = "notejam-prod"
  namespace    = "notejam"
  gateway      = { acme = {} }
  zone         = "example.com"
  argocd       = { manifests = ["tests/project.yaml.txt"] }
  deployed_by  = null
  monitoring   = {}
  logging      = {}
}

run "a_cluster_that_deploys_to_itself" {
  command = plan

  assert {
    condition     = length(module.argocd) == 1 && length(aws_iam_role.argocd) == 0 && length(aws_eks_access_entry.argocd) == 0
    error_message = "its Argo CD needs no right in AWS, and nobody else's has one here"
  }

  assert {
    condition     = output.gateway == { name = "public", namespace = "gateway-system" } && output.storage_class == "gp3-encrypted"
    error_message = "routes need their parent, and claims their class"
  }

  assert {
    condition     = aws_eks_pod_identity_association.cert_manager[0].service_account == "cert-manager"
    error_message = "certificates are proven by records"
  }
}

run "nodes_come_and_go_where_nobody_says_otherwise" {
  command = plan

  assert {
    condition     = length(module.node_autoscaler) == 1
    error_message = "pods that find no room get a node"
  }
}

run "the_second_cluster_deploys_to_both" {
  command = plan

  variables {
    region       = "eu-central-1"
    cluster_name = "notejam-prod-recovery"
    argocd = {
      manifests = ["tests/project.yaml.txt"]
      clusters = [
        { name = "notejam-prod", region = "eu-west-1", values = "prod" },
        { name = "notejam-prod-recovery", region = "eu-central-1", values = "prod-recovery" },
      ]
    }
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.argocd) == 3 && keys(data.aws_eks_cluster.other) == ["notejam-prod"]
    error_message = "its Argo CD signs in to the first cluster"
  }
}

run "the_first_cluster_admits_it" {
  command = plan

  variables {
    argocd      = null
    deployed_by = "notejam-prod-recovery"
  }

  assert {
    condition     = aws_eks_access_entry.argocd[0].principal_arn == "arn:aws:iam::111111111111:role/notejam-prod-recovery-argocd" && length(module.argocd) == 0
    error_message = "one Argo CD, with one role"
  }
}

run "nothing_but_what_is_asked_for" {
  command = plan

  variables {
    gateway    = null
    zone       = null
    argocd     = null
    monitoring = null
    logging    = null

    node_autoscaler = false
  }

  assert {
    condition     = length(module.node_autoscaler) + length(module.gateway) + length(module.monitoring) + length(module.logging) + length(aws_iam_role.cert_manager) == 0
    error_message = "nothing was asked for"
  }
}
