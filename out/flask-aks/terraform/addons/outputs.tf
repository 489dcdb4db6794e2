data "azurerm_client_config" "current" {}

output "gateway" {
  description = "Parent of an HTTPRoute; null without a Gateway."
  value       = try(module.gateway[0].gateway, null)
}

output "argocd_namespace" {
  description = "Namespace of Argo CD, where the credentials of its repositories belong; null without it."
  value       = try(module.argocd[0].namespace, null)
}

output "github_environment_variables" {
  description = "Variables of the GitHub environment for push deployments; null with Argo CD, where that environment needs none. None of them is a secret."
  value = var.deploy == null ? null : {
    AZURE_CLIENT_ID       = module.deploy_identity[0].client_id
    AZURE_TENANT_ID       = module.deploy_identity[0].tenant_id
    AZURE_SUBSCRIPTION_ID = data.azurerm_client_config.current.subscription_id
  }
}
