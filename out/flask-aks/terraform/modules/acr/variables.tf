variable "acrs" {
  description = "Registries to create: registry name => settings. Names are unique in all of Azure."
  type = map(object({
    sku                           = optional(string, "Standard")
    role_assignment_mode          = optional(string, "AbacRepositoryPermissions")
    public_network_access_enabled = optional(bool, true)
    retention_days                = optional(number)
    zone_redundancy_enabled       = optional(bool, false)
    georeplication_locations      = optional(list(string), [])
  }))

  validation {
    condition     = alltrue([for name in keys(var.acrs) : can(regex("^[a-z0-9]{5,50}$", name))])
    error_message = "Every registry name must be 5 to 50 lower-case letters and digits: it becomes the host <name>.azurecr.io."
  }

  validation {
    condition     = alltrue([for acr in values(var.acrs) : contains(["Basic", "Standard", "Premium"], acr.sku)])
    error_message = "sku must be Basic, Standard or Premium."
  }

  validation {
    condition = alltrue([
      for acr in values(var.acrs) :
      contains(["AbacRepositoryPermissions", "LegacyRegistryPermissions"], acr.role_assignment_mode)
    ])
    error_message = "role_assignment_mode must be AbacRepositoryPermissions or LegacyRegistryPermissions."
  }

  validation {
    condition = alltrue([
      for acr in values(var.acrs) : alltrue([
        acr.public_network_access_enabled,
        acr.retention_days == null,
        !acr.zone_redundancy_enabled,
        length(acr.georeplication_locations) == 0,
      ]) if acr.sku != "Premium"
    ])
    error_message = "Closing public network access, retention_days, zone_redundancy_enabled and georeplication_locations need the Premium SKU."
  }

  validation {
    condition = alltrue([
      for acr in values(var.acrs) :
      acr.retention_days == null ? true : acr.retention_days >= 1 && acr.retention_days <= 365
    ])
    error_message = "retention_days must lie between 1 and 365."
  }
}

variable "location" {
  description = "Azure region of the registries."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group that holds the registries."
  type        = string
}

variable "kubelet_identities" {
  description = "Clusters that may pull from every registry here: cluster name => object id of its kubelet identity."
  type        = map(string)
  default     = {}

  # An id that is known only after apply passes unseen; one that is written down is checked.
  validation {
    condition = alltrue([
      for id in values(var.kubelet_identities) :
      can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", id))
    ])
    error_message = "kubelet_identities must hold object ids (GUIDs), not resource ids or client secrets."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
