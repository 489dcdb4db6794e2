variable "registry_id" {
  description = "Resource id of the container registry."
  type        = string

  validation {
    condition     = can(regex("/providers/Microsoft\\.ContainerRegistry/registries/[^/]+$", var.registry_id))
    error_message = "registry_id must be the resource id of a container registry, ending in /providers/Microsoft.ContainerRegistry/registries/<name>."
  }
}

variable "principal_id" {
  description = "Object id of the identity that gets the role (not its client id)."
  type        = string
}

variable "permission" {
  description = "What the identity may do: pull, or push (which includes pull)."
  type        = string

  validation {
    condition     = contains(["pull", "push"], var.permission)
    error_message = "permission must be pull or push."
  }
}

variable "role_assignment_mode" {
  description = "Permission mode of the registry. It decides which built-in roles have an effect."
  type        = string
  default     = "AbacRepositoryPermissions"

  validation {
    condition     = contains(["AbacRepositoryPermissions", "LegacyRegistryPermissions"], var.role_assignment_mode)
    error_message = "role_assignment_mode must be AbacRepositoryPermissions or LegacyRegistryPermissions."
  }
}

variable "repositories" {
  description = "Image repositories that the role is limited to. Empty means all of the registry. Only a registry in ABAC mode can be limited."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for repository in var.repositories :
      can(regex("^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$", repository))
    ])
    error_message = "repositories must be image repository names without registry and tag, such as team/flask-application."
  }

  validation {
    condition     = length(var.repositories) == 0 || var.role_assignment_mode == "AbacRepositoryPermissions"
    error_message = "repositories can be limited only when role_assignment_mode is AbacRepositoryPermissions."
  }
}

variable "description" {
  description = "Text shown beside the role assignment in Azure."
  type        = string
  default     = null
}
