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

variables {
  name               = "notejam"
  environment        = "prod"
  region             = "eu-west-1"
  cluster_name       = "notejam-prod"
  kubernetes_version = "1.36"
  vpc                = { cidr = "10.30.0.0/16" }
  snapshots          = null
}

run "a_cluster_in_a_network_of_its_own" {
  command = plan

  assert {
    condition     = length(module.snapshots) == 0 && module.vpc.cidr == "10.30.0.0/16"
    error_message = "a network, and no snapshots that nobody asked for"
  }
}

run "volumes_are_copied_to_the_second_region" {
  command = plan

  variables {
    snapshots = { every_hours = 24, keep = { number = 3, unit = "years" }, copy_region = "eu-central-1" }
  }

  assert {
    condition     = length(module.snapshots) == 1
    error_message = "snapshots were asked for"
  }
}

run "another_account_is_no_number" {
  command = plan

  variables {
    account_id = "12"
  }

  expect_failures = [var.account_id]
}
