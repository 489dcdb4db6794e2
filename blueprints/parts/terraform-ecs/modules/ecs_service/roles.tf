data "aws_iam_policy_document" "tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# What Fargate itself needs to start a task: image, secrets, log.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Fargate starts tasks of ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
  tags               = var.tags
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.service.arn}:*"]
  }

  dynamic "statement" {
    for_each = var.repository_arn == null ? [] : [var.repository_arn]

    content {
      sid       = "Pull"
      actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.repository_arn == null ? [] : [var.repository_arn]

    content {
      sid       = "SignIn"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.read_secrets) == 0 ? [] : [local.read_secrets]

    content {
      sid       = "Secrets"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = statement.value
    }
  }
}

locals {
  # A reference may name a key inside the secret behind the ARN's seven parts.
  read_secrets = distinct([
    for arn in concat(values(var.secrets), var.registry_secret_arn == null ? [] : [var.registry_secret_arn]) :
    join(":", slice(split(":", arn), 0, 7))
  ])
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# What the application may do in AWS: nothing, until it needs something.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "The application ${var.name} itself"
  assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
  tags               = var.tags
}
