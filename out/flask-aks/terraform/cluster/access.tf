# Made by the root shared.
data "azurerm_container_registry" "shared" {
  name                = var.registry.name
  resource_group_name = var.registry.resource_group_name
}

# Nodes pull by their own identity: no pull secret anywhere.
module "kubelet_pull" {
  source = "../modules/registry_role"

  registry_id          = data.azurerm_container_registry.shared.id
  role_assignment_mode = var.registry.role_assignment_mode
  repositories         = var.registry.role_assignment_mode == "AbacRepositoryPermissions" ? [var.image_name] : []
  principal_id         = module.aks.kubelet_identity_object_id
  permission           = "pull"
  description          = "Nodes of ${var.cluster_name} pull their images"
}

data "azurerm_client_config" "current" {}

# Without an administrators' group nobody could do anything in a cluster whose local accounts are disabled.
# Whoever makes it becomes its first administrator.
resource "azurerm_role_assignment" "first_administrator" {
  count = length(var.admin_group_object_ids) == 0 ? 1 : 0

  scope                = module.aks.id
  role_definition_name = "Azure Kubernetes Service RBAC Cluster Admin"
  principal_id         = data.azurerm_client_config.current.object_id
  description          = "Made ${var.cluster_name}"

  lifecycle {
    # The next one to run terraform does not take the place of the first.
    ignore_changes = [principal_id]
  }
}
