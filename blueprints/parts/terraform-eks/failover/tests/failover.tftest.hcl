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
  name        = "notejam"
  environment = "prod"
  region      = "eu-west-1"
  zone        = "example.com"
  host        = "notes.example.com"
  health_path = "/readyz"
  clusters = {
    primary   = { name = "notejam-prod", region = "eu-west-1" }
    secondary = { name = "notejam-prod-recovery", region = "eu-central-1" }
  }
}

run "both_load_balancers_are_found_where_they_are" {
  command = plan

  assert {
    condition     = data.aws_lb.entry["secondary"].region == "eu-central-1" && data.aws_lb.entry["secondary"].tags.entry == "notejam-prod-recovery"
    error_message = "each in its own region, by its tag"
  }
}

run "one_region_is_no_failover" {
  command = plan

  variables {
    clusters = {
      primary   = { name = "a", region = "eu-west-1" }
      secondary = { name = "b", region = "eu-west-1" }
    }
  }

  expect_failures = [var.clusters]
}
