output "id" {
  description = "Resource id of the virtual network."
  value       = azurerm_virtual_network.vnet.id
}

# Through the association: nodes must not start in a subnet that has no security group yet.
output "nodes_subnet_id" {
  description = "Resource id of the subnet for the nodes."
  value       = azurerm_subnet_network_security_group_association.nodes.subnet_id
}
