mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/notejam-prod-snapshots" }
  }
}

variables {
  name        = "notejam-prod"
  target_tags = { Snapshot = "notejam-prod" }
}

run "daily_and_kept_three_years" {
  command = plan

  assert {
    condition     = aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].create_rule[0].interval == 24 && aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].retain_rule[0].interval == 3 && aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].retain_rule[0].interval_unit == "YEARS"
    error_message = "a snapshot a day, kept three years"
  }

  assert {
    condition     = length(aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].cross_region_copy_rule) == 0 && length(aws_kms_key.copies) == 0
    error_message = "nobody asked for copies"
  }
}

run "copies_lie_encrypted_in_the_other_region_as_long" {
  command = plan

  variables {
    copy_region = "eu-central-1"
    keep        = { number = 90, unit = "days" }
  }

  assert {
    condition     = one(aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].cross_region_copy_rule).target == "eu-central-1" && one(aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].cross_region_copy_rule).encrypted
    error_message = "encrypted, and in the other region"
  }

  assert {
    condition     = one(aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].cross_region_copy_rule).retain_rule[0].interval == 90 && one(aws_dlm_lifecycle_policy.volumes.policy_details[0].schedule[0].cross_region_copy_rule).retain_rule[0].interval_unit == "DAYS"
    error_message = "kept as long as what they are copies of"
  }

  assert {
    condition     = aws_kms_key.copies[0].region == "eu-central-1"
    error_message = "a key never leaves its region"
  }
}

run "a_policy_for_everything_is_refused" {
  command = plan

  variables {
    target_tags = {}
  }

  expect_failures = [var.target_tags]
}

run "five_hours_do_not_divide_a_day" {
  command = plan

  variables {
    every_hours = 5
  }

  expect_failures = [var.every_hours]
}

run "a_time_has_four_digits" {
  command = plan

  variables {
    start_utc = "3:00"
  }

  expect_failures = [var.start_utc]
}

run "a_span_has_a_known_unit" {
  command = plan

  variables {
    keep = { number = 3, unit = "decades" }
  }

  expect_failures = [var.keep]
}

run "a_zone_is_no_region" {
  command = plan

  variables {
    copy_region = "eu-central-1a"
  }

  expect_failures = [var.copy_region]
}
