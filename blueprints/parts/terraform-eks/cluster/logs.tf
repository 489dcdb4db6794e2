data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# One key for the logs of one cluster.
data "aws_iam_policy_document" "logs_key" {
  #checkov:skip=CKV_AWS_109:The policy of a key speaks of that key alone, whatever its resource says
  #checkov:skip=CKV_AWS_111:The policy of a key speaks of that key alone, whatever its resource says
  #checkov:skip=CKV_AWS_356:The policy of a key speaks of that key alone, whatever its resource says
  statement {
    sid       = "AccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "LogsOfThisCluster"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values = [
        for group in ["/aws/eks/${var.cluster_name}/cluster", "/vpc/${var.cluster_name}"] :
        "arn:${data.aws_partition.current.partition}:logs:${var.region}:${data.aws_caller_identity.current.account_id}:log-group:${group}"
      ]
    }
  }
}

resource "aws_kms_key" "logs" {
  description             = "Logs of ${var.cluster_name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.logs_key.json
}
