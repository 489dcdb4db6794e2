# For organisations whose policies or audits know applications and not managed identities. It takes
# Application.ReadWrite.OwnedBy (or Application Developer) in the directory; nothing here has a password.
resource "azuread_application_registration" "github" {
  display_name = var.name
  description  = "Workflows of https://github.com/${var.repository}"
}

resource "azuread_service_principal" "github" {
  client_id   = azuread_application_registration.github.client_id
  description = "Workflows of https://github.com/${var.repository}"

  # The directory knows tags as plain words.
  tags = [for key, value in var.tags : "${key}:${value}"]
}

resource "azuread_application_federated_identity_credential" "github" {
  #checkov:skip=CKV_AZURE_249:The subject is exact (see the validation of var.subjects); checkov 3.3 does not know GitHub's immutable form repo:owner@1/name@2
  for_each = var.subjects

  application_id = azuread_application_registration.github.id
  display_name   = each.key
  issuer         = "https://token.actions.githubusercontent.com"
  audiences      = ["api://AzureADTokenExchange"]
  subject        = each.value
}

module "push" {
  source = "../registry_role"
  count  = var.registry == null ? 0 : 1

  registry_id          = var.registry.id
  role_assignment_mode = var.registry.role_assignment_mode
  repositories         = var.registry.repositories
  principal_id         = azuread_service_principal.github.object_id
  permission           = "push"
  description          = "Workflows of ${var.repository} push their images"
}
