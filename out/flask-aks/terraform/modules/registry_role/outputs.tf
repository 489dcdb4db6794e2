output "role" {
  description = "Name of the built-in role that was assigned."
  value       = azurerm_role_assignment.registry.role_definition_name
}

output "id" {
  description = "Resource id of the role assignment."
  value       = azurerm_role_assignment.registry.id
}
