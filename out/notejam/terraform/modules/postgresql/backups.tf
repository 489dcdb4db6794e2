# RDS itself keeps backups for 35 days at most. AWS Backup keeps a snapshot a day as long as is asked for, and a
# copy of each in the other region.
resource "aws_backup_vault" "here" {
  name        = var.name
  kms_key_arn = aws_kms_key.database.arn
  tags        = var.tags
}

# A key never leaves its region: copies are encrypted anew with this one.
resource "aws_kms_key" "copies" {
  #checkov:skip=CKV2_AWS_64:The default policy leaves it to the account's own IAM, which is what is wanted
  count = var.copy_region == null ? 0 : 1

  region                  = var.copy_region
  description             = "Copies of the database of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

resource "aws_backup_vault" "copies" {
  count = var.copy_region == null ? 0 : 1

  region      = var.copy_region
  name        = var.name
  kms_key_arn = aws_kms_key.copies[0].arn
  tags        = var.tags
}

resource "aws_backup_plan" "database" {
  name = var.name
  tags = var.tags

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.here.name
    schedule          = "cron(0 4 * * ? *)"

    lifecycle {
      delete_after = var.keep_days
    }

    dynamic "copy_action" {
      for_each = aws_backup_vault.copies

      content {
        destination_vault_arn = copy_action.value.arn

        lifecycle {
          delete_after = var.keep_days
        }
      }
    }
  }
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "backups" {
  name               = "${var.name}-backups"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "backups" {
  role       = aws_iam_role.backups.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
}

resource "aws_backup_selection" "database" {
  name         = var.name
  plan_id      = aws_backup_plan.database.id
  iam_role_arn = aws_iam_role.backups.arn
  resources    = [aws_db_instance.database.arn]
}
