mock_provider "azurerm" {
  override_during = plan

  mock_resource "azurerm_subnet" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/virtualNetworks/prod/subnets/nodes"
    }
  }

  mock_resource "azurerm_network_security_group" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/prod/providers/Microsoft.Network/networkSecurityGroups/prod-nodes"
    }
  }
}

variables {
  name                = "flask-application-production"
  location            = "westeurope"
  resource_group_name = "flask-application-production"
}

run "nodes_get_a_guarded_subnet" {
  command = plan

  assert {
    condition     = azurerm_subnet.nodes.default_outbound_access_enabled == false
    error_message = "the implicit way out must be closed"
  }

  assert {
    condition     = azurerm_subnet_network_security_group_association.nodes.subnet_id == output.nodes_subnet_id
    error_message = "the subnet must be handed on only with its security group"
  }
}

run "only_the_public_ports_are_open" {
  command = plan

  assert {
    condition     = sort([for rule in azurerm_network_security_group.nodes.security_rule : rule.destination_port_range]) == tolist(["443", "80"])
    error_message = "80 and 443, and nothing else"
  }

  assert {
    condition     = alltrue([for rule in azurerm_network_security_group.nodes.security_rule : rule.source_address_prefix == "Internet" && rule.protocol == "Tcp"])
    error_message = "rules must be narrow"
  }
}

run "no_public_port_opens_nothing" {
  command = plan

  variables {
    public_ports = []
  }

  assert {
    condition     = length(azurerm_network_security_group.nodes.security_rule) == 0
    error_message = "without ports there must be no rule"
  }
}

run "a_name_with_a_slash_is_refused" {
  command = plan

  variables {
    name = "a/b"
  }

  expect_failures = [var.name]
}

run "an_address_space_with_host_bits_is_refused" {
  command = plan

  variables {
    address_space = "10.224.0.1/16"
  }

  expect_failures = [var.address_space]
}

run "a_subnet_with_host_bits_is_refused" {
  command = plan

  variables {
    nodes_subnet = "10.224.0.1/20"
  }

  expect_failures = [var.nodes_subnet]
}

run "a_subnet_outside_is_refused" {
  command = plan

  variables {
    nodes_subnet = "10.225.0.0/20"
  }

  expect_failures = [var.nodes_subnet]
}

run "a_subnet_wider_than_the_network_is_refused" {
  command = plan

  variables {
    nodes_subnet = "10.224.0.0/12"
  }

  expect_failures = [var.nodes_subnet]
}

run "a_subnet_of_eight_addresses_is_refused" {
  command = plan

  variables {
    nodes_subnet = "10.224.0.0/29"
  }

  expect_failures = [var.nodes_subnet]
}

run "a_port_above_65535_is_refused" {
  command = plan

  variables {
    public_ports = [443, 70000]
  }

  expect_failures = [var.public_ports]
}
