output "client_id" {
  description = "Client id for azure/login: the GitHub variable AZURE_CLIENT_ID. Not a secret."
  value       = azurerm_user_assigned_identity.github.client_id
}

output "tenant_id" {
  description = "Tenant for azure/login: the GitHub variable AZURE_TENANT_ID. Not a secret."
  value       = azurerm_user_assigned_identity.github.tenant_id
}

output "principal_id" {
  description = "Object id, for further role assignments."
  value       = azurerm_user_assigned_identity.github.principal_id
}

output "subjects" {
  description = "Credential name => OIDC subject that may sign in."
  value       = { for name, credential in azurerm_federated_identity_credential.github : name => credential.subject }
}
