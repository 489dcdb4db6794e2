variable "name" {
  description = "Name of the application; resources are called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$", var.name))
    error_message = "name must be at most 53 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "location" {
  description = "Azure region, such as westeurope."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{4,}[a-z0-9]*$", var.location))
    error_message = "location must be the short name of an Azure region, such as westeurope."
  }
}

variable "resource_group_name" {
  description = "Resource group that is made for the shared resources."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group_name))
    error_message = "resource_group_name must be at most 90 letters, digits, dots, dashes, underscores and brackets, not ending in a dot."
  }
}

variable "registry" {
  description = "The container registry: its name (unique in all of Azure), SKU and permission mode."
  type = object({
    name                 = string
    sku                  = optional(string, "Standard")
    role_assignment_mode = optional(string, "AbacRepositoryPermissions")
  })
}

variable "image_name" {
  description = "Image repository in the registry: the only one that the pipeline may push to."
  type        = string
}

variable "github" {
  description = "The GitHub repository (owner/name) whose pipeline pushes images, and the exact OIDC subjects it signs in with: credential name => subject."
  type = object({
    repository = string
    subjects   = map(string)
  })
}

variable "dns" {
  description = "Hosted zone with its records, by their name inside the zone (@ for the zone itself); null where the domain lives elsewhere."
  type = object({
    zone = string
    records = optional(map(object({
      type  = string
      value = string
      ttl   = optional(number, 300)
    })), {})
    certificate_authorities = optional(set(string), ["letsencrypt.org"])
  })
  default = null
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}
