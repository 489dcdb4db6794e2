mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/notejam-prod-backups" }
  }

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:111111111111:backup-vault:copies" }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      arn                = "arn:aws:rds:eu-west-1:111111111111:db:notejam-prod"
      address            = "notejam-prod.example.eu-west-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!db-1" }]
    }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-database" }
  }
}

variables {
  name                     = "notejam-prod"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b"]
  client_security_group_id = "sg-nodes"
}

run "closed_encrypted_and_not_to_be_lost" {
  command = plan

  assert {
    condition     = aws_db_instance.database.storage_encrypted && !aws_db_instance.database.publicly_accessible && aws_db_instance.database.multi_az && aws_db_instance.database.deletion_protection && !aws_db_instance.database.skip_final_snapshot
    error_message = "encrypted, private, with a standby, and it cannot be deleted by mistake"
  }

  assert {
    condition     = aws_db_instance.database.manage_master_user_password && aws_db_instance.database.password == null
    error_message = "no password may be in the state"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.nodes.referenced_security_group_id == "sg-nodes" && aws_vpc_security_group_ingress_rule.nodes.from_port == 5432 && aws_vpc_security_group_ingress_rule.nodes.to_port == 5432
    error_message = "the nodes come in, and nobody else"
  }

  assert {
    condition     = one([for each in aws_db_parameter_group.database.parameter : each.value if each.name == "rds.force_ssl"]) == "1" && aws_db_parameter_group.database.family == "postgres17"
    error_message = "no connection without TLS"
  }

  assert {
    condition     = output.address == "notejam-prod.example.eu-west-1.rds.amazonaws.com"
    error_message = "the address is what the application is told"
  }
}

run "any_moment_of_a_month_and_a_snapshot_a_day_for_three_years" {
  command = plan

  assert {
    condition     = aws_db_instance.database.backup_retention_period == 35 && one(one(aws_backup_plan.database.rule).lifecycle).delete_after == 1096
    error_message = "35 days in full, three years by the day"
  }

  assert {
    condition     = length(one(aws_backup_plan.database.rule).copy_action) == 0 && length(aws_kms_key.copies) == 0
    error_message = "nobody asked for copies"
  }

  assert {
    condition     = one(aws_backup_selection.database.resources) == aws_db_instance.database.arn
    error_message = "this server, and nothing else of the account"
  }
}

run "copies_lie_in_the_other_region_as_long" {
  command = plan

  variables {
    copy_region = "eu-central-1"
    keep_days   = 90
  }

  assert {
    condition     = one(one(one(aws_backup_plan.database.rule).copy_action).lifecycle).delete_after == 90
    error_message = "kept as long as what they are copies of"
  }

  assert {
    condition     = aws_backup_vault.copies[0].region == "eu-central-1" && aws_kms_key.copies[0].region == "eu-central-1"
    error_message = "vault and key are in the other region"
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

run "a_minor_version_is_refused" {
  command = plan

  variables {
    engine_version = "17.4"
  }

  expect_failures = [var.engine_version]
}

run "a_disk_that_cannot_grow_is_refused" {
  command = plan

  variables {
    size_gb     = 100
    max_size_gb = 100
  }

  expect_failures = [var.size_gb]
}

run "a_class_of_ec2_is_refused" {
  command = plan

  variables {
    instance_class = "t3.large"
  }

  expect_failures = [var.instance_class]
}

run "more_days_than_rds_keeps_are_refused" {
  command = plan

  variables {
    backup_days = 36
  }

  expect_failures = [var.backup_days]
}

run "part_of_a_day_is_refused" {
  command = plan

  variables {
    keep_days = 1.5
  }

  expect_failures = [var.keep_days]
}

run "a_zone_is_no_region" {
  command = plan

  variables {
    copy_region = "eu-central-1a"
  }

  expect_failures = [var.copy_region]
}

run "a_name_that_rds_refuses_is_refused_here" {
  command = plan

  variables {
    name = "notejam--prod"
  }

  expect_failures = [var.name]
}
