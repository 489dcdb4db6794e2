mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecr_repository" {
    defaults = {
      arn = "arn:aws:ecr:eu-west-1:111111111111:repository/hello-world"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  name = "hello-world"
}

run "a_version_is_never_moved" {
  command = plan

  assert {
    condition     = aws_ecr_repository.images.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.images.image_scanning_configuration[0].scan_on_push
    error_message = "tags stay where they are, and images are scanned"
  }
}

run "pushing_is_for_this_repository_alone" {
  command = plan

  assert {
    condition     = [for statement in data.aws_iam_policy_document.push.statement : statement.resources if contains(statement.actions, "ecr:PutImage")] == [toset(["arn:aws:ecr:eu-west-1:111111111111:repository/hello-world"])]
    error_message = "no other repository can be written"
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.push.statement : statement.actions == toset(["ecr:GetAuthorizationToken"]) if contains(statement.resources, "*")])
    error_message = "only signing in knows no resource"
  }
}

run "the_newest_images_are_kept" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.images.policy).rules[1].selection.countNumber == 100
    error_message = "a hundred images"
  }
}

run "a_name_in_upper_case_is_refused" {
  command = plan

  variables {
    name = "Hello"
  }

  expect_failures = [var.name]
}

run "keeping_too_few_is_refused" {
  command = plan

  variables {
    kept = 2
  }

  expect_failures = [var.kept]
}
