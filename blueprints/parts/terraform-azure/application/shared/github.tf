# The directory and the login are those of azurerm.
provider "azuread" {}

# One repository, one registry, one image: another repository gets an application and a registry of its own.
module "github_access" {
  source = "../modules/github_access_application"

  name       = "${var.name}-github"
  repository = var.github.repository
  subjects   = var.github.subjects
  tags       = local.tags

  registry = {
    id                   = module.acr.ids[var.registry.name]
    role_assignment_mode = var.registry.role_assignment_mode
    repositories         = var.registry.role_assignment_mode == "AbacRepositoryPermissions" ? [var.image_name] : []
  }
}
