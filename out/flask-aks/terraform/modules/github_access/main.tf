# A managed identity needs no right in the directory and has no password that could leak: the only
# way in is a token that GitHub signs for exactly one of the subjects.
resource "azurerm_user_assigned_identity" "github" {
  name                = var.name
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_federated_identity_credential" "github" {
  for_each = var.subjects

  name                      = each.key
  user_assigned_identity_id = azurerm_user_assigned_identity.github.id
  issuer                    = "https://token.actions.githubusercontent.com"
  audience                  = ["api://AzureADTokenExchange"]
  subject                   = each.value
}

module "push" {
  source = "../registry_role"
  count  = var.registry == null ? 0 : 1

  registry_id          = var.registry.id
  role_assignment_mode = var.registry.role_assignment_mode
  repositories         = var.registry.repositories
  principal_id         = azurerm_user_assigned_identity.github.principal_id
  permission           = "push"
  description          = "Workflows of ${var.repository} push their images"
}
