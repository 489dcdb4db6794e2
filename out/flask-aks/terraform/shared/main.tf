# What exists once, whatever the number of environments: an image is built once and then deployed everywhere.
resource "azurerm_resource_group" "shared" {
  name     = var.resource_group_name
  location = var.location
  tags     = local.tags
}

locals {
  tags = merge({ application = var.name, managed-by = "terraform" }, var.tags)
}

module "acr" {
  source = "../modules/acr"

  location            = var.location
  resource_group_name = azurerm_resource_group.shared.name
  tags                = local.tags

  acrs = {
    (var.registry.name) = {
      sku                  = var.registry.sku
      role_assignment_mode = var.registry.role_assignment_mode
    }
  }
}
