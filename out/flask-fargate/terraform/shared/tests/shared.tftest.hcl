mock_provider "aws" {
  override_during = plan

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = {
      arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  mock_data "aws_iam_openid_connect_provider" {
    defaults = {
      arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  mock_resource "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:eu-west-1:111111111111:repository/hello-world"
      repository_url = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/hello-world"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111111111111:role/hello-world-push"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  name   = "hello-world"
  region = "eu-west-1"
  github = {
    repository = "example/hello-world"
    subject    = "repo:example/hello-world:ref:refs/heads/main"
  }
  account_id = null
  repository = null
}

run "an_image_that_goes_elsewhere_needs_no_registry" {
  command = plan

  assert {
    condition     = length(module.ecr) == 0 && length(module.push) == 0 && output.repository_url == null
    error_message = "no repository and no role to push"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1 && jsonencode(aws_iam_openid_connect_provider.github[0].client_id_list) == jsonencode(["sts.amazonaws.com"])
    error_message = "GitHub may sign in"
  }

  assert {
    condition     = length(output.github_variables) == 0
    error_message = "the pipeline pushes without AWS"
  }
}

run "a_registry_brings_a_role_that_pushes" {
  command = plan

  variables {
    repository = { name = "hello-world" }
  }

  assert {
    condition     = output.github_variables["AWS_PUSH_ROLE_ARN"] == "arn:aws:iam::111111111111:role/hello-world-push"
    error_message = "the pipeline learns what it signs in as"
  }

  assert {
    condition     = output.repository_url == "111111111111.dkr.ecr.eu-west-1.amazonaws.com/hello-world"
    error_message = "the pipeline must learn where to push"
  }
}

run "a_provider_that_exists_is_used" {
  command = plan

  variables {
    github = {
      repository      = "example/hello-world"
      subject         = "repo:example/hello-world:ref:refs/heads/main"
      provider_exists = true
    }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.provider_arn == "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    error_message = "an account has one provider"
  }
}

run "a_region_by_its_display_name_is_refused" {
  command = plan

  variables {
    region = "Ireland"
  }

  expect_failures = [var.region]
}

run "an_account_by_its_name_is_refused" {
  command = plan

  variables {
    account_id = "production"
  }

  expect_failures = [var.account_id]
}

run "a_name_in_upper_case_is_refused" {
  command = plan

  variables {
    name = "HelloWorld"
  }

  expect_failures = [var.name]
}
