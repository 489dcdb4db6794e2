output "provider_arn" {
  description = "GitHub's OIDC provider in this account."
  value       = local.provider_arn
}

output "repository_url" {
  description = "Where images are pushed to; null where the image goes elsewhere."
  value       = try(module.ecr[0].url, null)
}

output "github_variables" {
  description = "Variables of the GitHub repository that the pipeline signs in to AWS with. None of them is a secret."
  value = var.repository == null ? {} : {
    AWS_PUSH_ROLE_ARN = module.push[0].arn
  }
}
