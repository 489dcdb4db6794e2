output "ids" {
  description = "Registry name => resource id."
  value       = { for name, registry in azurerm_container_registry.registry : name => registry.id }
}

output "login_servers" {
  description = "Registry name => host to push to and pull from."
  value       = { for name, registry in azurerm_container_registry.registry : name => registry.login_server }
}
