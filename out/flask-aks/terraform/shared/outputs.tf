data "azurerm_client_config" "current" {}

output "resource_group_name" {
  description = "Resource group of the shared resources."
  value       = azurerm_resource_group.shared.name
}

output "registry_name" {
  description = "Name of the registry, for az acr login."
  value       = var.registry.name
}

output "registry_login_server" {
  description = "Host that images are pushed to and pulled from."
  value       = module.acr.login_servers[var.registry.name]
}

output "github_variables" {
  description = "Variables of the GitHub repository that the pipeline signs in to Azure with. None of them is a secret."
  value = {
    AZURE_CLIENT_ID       = module.github_access.client_id
    AZURE_TENANT_ID       = module.github_access.tenant_id
    AZURE_SUBSCRIPTION_ID = data.azurerm_client_config.current.subscription_id
  }
}

output "github_subjects" {
  description = "Credential name => OIDC subject that may push images."
  value       = module.github_access.subjects
}

output "name_servers" {
  description = "Name servers to enter at the registrar of the domain; null without a zone."
  value       = try(module.dns[0].name_servers, null)
}
