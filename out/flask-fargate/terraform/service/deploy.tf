# Made by the root shared, or by another application of this account.
data "aws_iam_openid_connect_provider" "github" {
  url = "https://token.actions.githubusercontent.com"
}

# What a release needs: the newest task definition with another image, and this one service.
data "aws_iam_policy_document" "deploy" {
  statement {
    # Neither knows a resource; which roles a revision may name is limited below.
    sid       = "Revisions"
    actions   = ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "Service"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = [module.ecs_service.service_arn]
  }

  statement {
    sid       = "Roles"
    actions   = ["iam:PassRole"]
    resources = module.ecs_service.role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

module "deploy" {
  source = "../modules/github_role"

  name         = "${var.service_name}-deploy"
  description  = "Workflows of ${var.github.repository} deploy to ${var.environment}"
  provider_arn = data.aws_iam_openid_connect_provider.github.arn
  repository   = var.github.repository
  subjects     = [var.github.subject]
  policy       = data.aws_iam_policy_document.deploy.json
  tags         = local.tags
}
