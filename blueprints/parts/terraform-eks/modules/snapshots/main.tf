data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dlm.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "snapshots" {
  name               = "${var.name}-snapshots"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "snapshots" {
  role       = aws_iam_role.snapshots.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
}

# A key never leaves its region: copies are encrypted anew with this one.
resource "aws_kms_key" "copies" {
  #checkov:skip=CKV2_AWS_64:The default policy leaves it to the account's own IAM, which is what is wanted
  count = var.copy_region == null ? 0 : 1

  region                  = var.copy_region
  description             = "Copies of the snapshots of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

# The role encrypts with it, and lets EBS do so on its behalf.
data "aws_iam_policy_document" "copies" {
  count = var.copy_region == null ? 0 : 1

  statement {
    actions   = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext"]
    resources = [aws_kms_key.copies[0].arn]
  }

  statement {
    actions   = ["kms:CreateGrant"]
    resources = [aws_kms_key.copies[0].arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role_policy" "copies" {
  count = var.copy_region == null ? 0 : 1

  name   = "copies"
  role   = aws_iam_role.snapshots.id
  policy = data.aws_iam_policy_document.copies[0].json
}

resource "aws_dlm_lifecycle_policy" "volumes" {
  description        = "Snapshots of the volumes of ${var.name}"
  execution_role_arn = aws_iam_role.snapshots.arn
  state              = "ENABLED"
  tags               = var.tags

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = var.target_tags

    schedule {
      name      = "every ${var.every_hours} h, kept ${var.keep.number} ${var.keep.unit}"
      copy_tags = true
      tags_to_add = {
        SnapshotOf = var.name
      }

      create_rule {
        interval      = var.every_hours
        interval_unit = "HOURS"
        times         = [var.start_utc]
      }

      retain_rule {
        interval      = var.keep.number
        interval_unit = upper(var.keep.unit)
      }

      dynamic "cross_region_copy_rule" {
        for_each = var.copy_region == null ? [] : [var.copy_region]

        content {
          target    = cross_region_copy_rule.value
          encrypted = true
          cmk_arn   = aws_kms_key.copies[0].arn
          copy_tags = true

          retain_rule {
            interval      = var.keep.number
            interval_unit = upper(var.keep.unit)
          }
        }
      }
    }
  }
}
