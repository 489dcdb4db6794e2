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

run "a_lost_region_leaves_a_copy" {
  command = plan

  variables {
    copy_regions = ["eu-central-1"]
  }

  assert {
    condition     = one([for destination in aws_ecr_replication_configuration.copies[0].replication_configuration[0].rule[0].destination : destination.region]) == "eu-central-1"
    error_message = "images must be copied"
  }

  assert {
    condition     = aws_ecr_repository_creation_template.copies["eu-central-1"].image_tag_mutability == "IMMUTABLE"
    error_message = "a version must not move in the copy either"
  }
}

run "a_zone_is_no_region_to_copy_to" {
  command = plan

  variables {
    copy_regions = ["eu-central-1a"]
  }

  expect_failures = [var.copy_regions]
}
