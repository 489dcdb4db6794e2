# One place that knows how a registry's permission mode decides the roles: AcrPull and AcrPush are
# silently ignored by a registry in ABAC mode, and the repository roles by one in legacy mode.
locals {
  abac = var.role_assignment_mode == "AbacRepositoryPermissions"

  role = {
    pull = local.abac ? "Container Registry Repository Reader" : "AcrPull"
    push = local.abac ? "Container Registry Repository Writer" : "AcrPush"
  }[var.permission]

  guarded_actions = concat(
    ["content/read", "metadata/read"],
    var.permission == "push" ? ["content/write", "metadata/write"] : [],
  )

  # Reads: "either the action is none of these, or the repository is one of those".
  condition = join(" OR ", [
    format("(%s)", join(" AND ", [
      for action in local.guarded_actions :
      "!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/${action}'})"
    ])),
    format("(%s)", join(" OR ", [
      for repository in var.repositories :
      "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase '${repository}'"
    ])),
  ])
}

resource "azurerm_role_assignment" "registry" {
  scope                = var.registry_id
  role_definition_name = local.role
  principal_id         = var.principal_id
  principal_type       = "ServicePrincipal"
  description          = var.description

  condition         = length(var.repositories) > 0 ? "(${local.condition})" : null
  condition_version = length(var.repositories) > 0 ? "2.0" : null

  # A managed identity that is seconds old is often not yet visible in the directory.
  skip_service_principal_aad_check = true
}

# The repository roles hold data actions only, and `az login` finds no subscription for an identity that may
# read nothing in it. Nodes never sign in to a subscription and need no more than their pull role.
resource "azurerm_role_assignment" "visible" {
  count = local.abac && var.permission == "push" ? 1 : 0

  scope                = var.registry_id
  role_definition_name = "Reader"
  principal_id         = var.principal_id
  principal_type       = "ServicePrincipal"
  description          = var.description

  skip_service_principal_aad_check = true
}
