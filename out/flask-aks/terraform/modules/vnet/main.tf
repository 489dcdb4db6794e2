resource "azurerm_virtual_network" "vnet" {
  name                = var.name
  location            = var.location
  resource_group_name = var.resource_group_name
  address_space       = [var.address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = var.resource_group_name
  virtual_network_name = azurerm_virtual_network.vnet.name
  address_prefixes     = [var.nodes_subnet]

  # Nodes leave through the cluster's load balancer; Azure's implicit way out is being retired.
  default_outbound_access_enabled = false
}

# AKS manages a security group of its own on the node interfaces. One on the subnet applies as well,
# so it must admit what the load balancer forwards; all else from outside stays closed by default.
resource "azurerm_network_security_group" "nodes" {
  #checkov:skip=CKV_AZURE_160:Port 80 is the public listener that redirects to HTTPS; closed by public_ports
  name                = "${var.name}-nodes"
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags

  dynamic "security_rule" {
    for_each = { for index, port in sort(formatlist("%05d", var.public_ports)) : tonumber(port) => 200 + index }

    content {
      name                       = "public-${security_rule.key}"
      description                = "Public listener of the gateway"
      priority                   = security_rule.value
      direction                  = "Inbound"
      access                     = "Allow"
      protocol                   = "Tcp"
      source_address_prefix      = "Internet"
      source_port_range          = "*"
      destination_address_prefix = "*"
      destination_port_range     = security_rule.key
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "nodes" {
  subnet_id                 = azurerm_subnet.nodes.id
  network_security_group_id = azurerm_network_security_group.nodes.id
}
