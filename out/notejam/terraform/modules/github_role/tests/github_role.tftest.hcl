mock_provider "aws" {
  override_during = plan

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  name         = "hello-world-production-deploy"
  description  = "Deploys"
  provider_arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com"
  repository   = "example/hello-world"
  subjects     = ["repo:example/hello-world:environment:production"]
  policy       = "{}"
}

run "one_workflow_of_one_repository_may_sign_in" {
  command = plan

  assert {
    condition = jsonencode({
      for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable => condition.values
      }) == jsonencode({
      "token.actions.githubusercontent.com:aud" = ["sts.amazonaws.com"]
      "token.actions.githubusercontent.com:sub" = ["repo:example/hello-world:environment:production"]
    })
    error_message = "audience and subject are both held, exactly"
  }

  assert {
    condition     = alltrue([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.test == "StringEquals"])
    error_message = "never by a pattern"
  }
}

run "a_subject_with_ids_is_accepted" {
  command = plan

  variables {
    subjects = ["repo:example@7/hello-world@42:ref:refs/heads/main"]
  }

  assert {
    condition     = aws_iam_role.github.max_session_duration == 3600
    error_message = "an hour is enough"
  }
}

run "a_wildcard_is_refused" {
  command = plan

  variables {
    subjects = ["repo:example/hello-world:*"]
  }

  expect_failures = [var.subjects]
}

run "another_repository_is_refused" {
  command = plan

  variables {
    subjects = ["repo:example/other:environment:production"]
  }

  expect_failures = [var.subjects]
}

run "a_pull_request_is_refused" {
  command = plan

  variables {
    subjects = ["repo:example/hello-world:pull_request"]
  }

  expect_failures = [var.subjects]
}

run "nobody_is_refused" {
  command = plan

  variables {
    subjects = []
  }

  expect_failures = [var.subjects]
}

run "a_name_with_a_space_is_refused" {
  command = plan

  variables {
    name = "hello world"
  }

  expect_failures = [var.name]
}

run "a_repository_without_its_owner_is_refused" {
  command = plan

  variables {
    repository = "hello-world"
  }

  expect_failures = [var.repository]
}
