output "client_id" {
  description = "Client id for azure/login: the GitHub variable AZURE_CLIENT_ID. Not a secret."
  value       = azuread_application_registration.github.client_id
}

output "tenant_id" {
  description = "Tenant for azure/login: the GitHub variable AZURE_TENANT_ID. Not a secret."
  value       = azuread_service_principal.github.application_tenant_id
}

output "principal_id" {
  description = "Object id of the service principal, for further role assignments."
  value       = azuread_service_principal.github.object_id
}

output "subjects" {
  description = "Credential name => OIDC subject that may sign in."
  value       = { for name, credential in azuread_application_federated_identity_credential.github : name => credential.subject }
}
