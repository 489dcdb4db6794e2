# One repository, one registry, one image: another repository gets an identity and a registry of its own.
module "github_access" {
  source = "../modules/github_access"

  name                = "${var.name}-github"
  location            = var.location
  resource_group_name = azurerm_resource_group.shared.name
  tags                = local.tags

  repository = var.github.repository
  subjects   = var.github.subjects

  registry = {
    id                   = module.acr.ids[var.registry.name]
    role_assignment_mode = var.registry.role_assignment_mode
    repositories         = var.registry.role_assignment_mode == "AbacRepositoryPermissions" ? [var.image_name] : []
  }
}
