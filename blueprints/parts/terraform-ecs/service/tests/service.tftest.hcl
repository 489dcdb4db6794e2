mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    }
  }

  mock_data "aws_region" {
    defaults = {
      region = "eu-west-1"
    }
  }

  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "111111111111"
    }
  }

  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }

  mock_data "aws_iam_openid_connect_provider" {
    defaults = {
      arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  mock_data "aws_ecr_repository" {
    defaults = {
      arn = "arn:aws:ecr:eu-west-1:111111111111:repository/hello-world"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111111111111:role/hello-world"
    }
  }

  mock_resource "aws_ecs_service" {
    defaults = {
      arn = "arn:aws:ecs:eu-west-1:111111111111:service/hello-world-production/hello-world-production"
    }
  }

  mock_resource "aws_lb" {
    defaults = {
      dns_name = "hello-1.eu-west-1.elb.amazonaws.com"
    }
  }
}

variables {
  name         = "hello-world"
  environment  = "production"
  service_name = "hello-world-production"
  region       = "eu-west-1"
  vpc          = { cidr = "10.30.0.0/16" }
  https        = { host = "hello.example.com", zone = "example.com" }
  image        = "docker.io/example/hello-world:0.0.0"
  cpu          = 256
  memory       = 512
  port         = 5000
  health_path  = "/readyz"
  github = {
    repository = "example/hello-world"
    subject    = "repo:example/hello-world:environment:production"
  }
}

run "the_pipeline_learns_what_it_deploys_with" {
  command = plan

  assert {
    condition     = output.github_environment_variables == { AWS_DEPLOY_ROLE_ARN = "arn:aws:iam::111111111111:role/hello-world" }
    error_message = "the role of this environment"
  }

  assert {
    condition     = output.url == "https://hello.example.com/" && output.log_group_name == "/ecs/hello-world-production"
    error_message = "people learn where it answers and where its log is"
  }
}

run "a_release_may_touch_this_service_alone" {
  command = plan

  assert {
    condition     = { for statement in data.aws_iam_policy_document.deploy.statement : statement.sid => statement.resources }["Service"] == toset([module.ecs_service.service_arn])
    error_message = "no other service"
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.deploy.statement : one(statement.condition).values if statement.sid == "Roles"] == [tolist(["ecs-tasks.amazonaws.com"])]
    error_message = "roles are handed to tasks and to nothing else"
  }
}

run "the_key_is_for_the_logs_of_this_environment" {
  command = plan

  assert {
    condition = one(data.aws_iam_policy_document.logs_key.statement[1].condition).values == tolist([
      "arn:aws:logs:eu-west-1:111111111111:log-group:/ecs/hello-world-production",
      "arn:aws:logs:eu-west-1:111111111111:log-group:/vpc/hello-world-production",
    ])
    error_message = "no other log group can use the key"
  }
}

run "without_https_it_is_served_in_the_clear" {
  command = plan

  variables {
    https = null
  }

  assert {
    condition     = output.url == "http://hello-1.eu-west-1.elb.amazonaws.com/"
    error_message = "under the load balancer's own name"
  }
}

run "an_image_of_the_accounts_own_registry_may_be_pulled" {
  command = plan

  variables {
    repository_name = "hello-world"
  }

  assert {
    condition     = length(data.aws_ecr_repository.images) == 1
    error_message = "the repository is looked up by its name"
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

run "an_environment_in_upper_case_is_refused" {
  command = plan

  variables {
    environment = "Production"
  }

  expect_failures = [var.environment]
}

run "a_name_in_upper_case_is_refused" {
  command = plan

  variables {
    name = "HelloWorld"
  }

  expect_failures = [var.name]
}

run "a_service_name_that_roles_cannot_carry_is_refused" {
  command = plan

  variables {
    service_name = "a-service-with-a-name-that-is-much-too-long-for-a-role"
  }

  expect_failures = [var.service_name]
}
