# What exists once, whatever the number of environments: GitHub's way into the account, and the registry.
locals {
  tags = merge({ application = var.name, managed-by = "terraform" }, var.tags)
}

# One for the whole account: another application may have made it.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.github.provider_exists ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_openid_connect_provider" "github" {
  count = var.github.provider_exists ? 1 : 0

  url = "https://token.actions.githubusercontent.com"
}

locals {
  provider_arn = var.github.provider_exists ? data.aws_iam_openid_connect_provider.github[0].arn : aws_iam_openid_connect_provider.github[0].arn
}

module "ecr" {
  source = "../modules/ecr"
  count  = var.repository == null ? 0 : 1

  name         = var.repository.name
  copy_regions = var.repository.copy_regions
  tags         = local.tags
}

module "push" {
  source = "../modules/github_role"
  count  = var.repository == null ? 0 : 1

  name         = "${var.name}-push"
  description  = "Workflows of ${var.github.repository} push images"
  provider_arn = local.provider_arn
  repository   = var.github.repository
  subjects     = [var.github.subject]
  policy       = module.ecr[0].push_policy
  tags         = local.tags
}
