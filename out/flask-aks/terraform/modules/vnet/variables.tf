variable "name" {
  description = "Name of the virtual network."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,56}[A-Za-z0-9_])?$", var.name))
    error_message = "name must be 1 to 58 letters, digits, dots, dashes and underscores, beginning with a letter or digit and not ending in a dot or dash."
  }
}

variable "location" {
  description = "Azure region of the network."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group that holds the network."
  type        = string
}

variable "address_space" {
  description = "Address range of the network. It must not overlap the pods and services of the cluster, nor any network it will be peered with."
  type        = string
  default     = "10.224.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.address_space)) && try(cidrhost(var.address_space, 0) == split("/", var.address_space)[0], false)
    error_message = "address_space must be an IPv4 network such as 10.224.0.0/16, with no bits set behind the prefix."
  }
}

variable "nodes_subnet" {
  description = "Range of the nodes inside address_space. With the overlay network only nodes take addresses here, so a /24 holds about 250 of them."
  type        = string
  default     = "10.224.0.0/20"

  validation {
    condition     = can(cidrnetmask(var.nodes_subnet)) && try(cidrhost(var.nodes_subnet, 0) == split("/", var.nodes_subnet)[0], false)
    error_message = "nodes_subnet must be an IPv4 network such as 10.224.0.0/20, with no bits set behind the prefix."
  }

  # Inside means: a longer prefix, and the same network once cut to the outer one.
  validation {
    condition = try(
      tonumber(split("/", var.nodes_subnet)[1]) >= tonumber(split("/", var.address_space)[1])
      && cidrhost("${split("/", var.nodes_subnet)[0]}/${split("/", var.address_space)[1]}", 0) == split("/", var.address_space)[0],
      false,
    )
    error_message = "nodes_subnet must lie inside address_space."
  }

  validation {
    condition     = try(tonumber(split("/", var.nodes_subnet)[1]) <= 28, false)
    error_message = "nodes_subnet must be a /28 or larger: upgrades need addresses for surge nodes, and Azure keeps five."
  }
}

variable "public_ports" {
  description = "TCP ports that the Internet may reach through the load balancer."
  type        = set(number)
  default     = [80, 443]

  validation {
    condition     = alltrue([for port in var.public_ports : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "public_ports must be port numbers between 1 and 65535."
  }
}

variable "tags" {
  description = "Tags of the network and its security group."
  type        = map(string)
  default     = {}
}
