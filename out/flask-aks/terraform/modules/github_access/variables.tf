variable "name" {
  description = "Name of the managed identity."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$", var.name))
    error_message = "name must be 3 to 128 letters, digits, dashes and underscores, beginning with a letter or digit."
  }
}

variable "location" {
  description = "Azure region of the managed identity."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group that holds the managed identity."
  type        = string
}

variable "repository" {
  description = "The one GitHub repository that may sign in, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "repository must be owner/name, without https:// and without .git."
  }
}

variable "subjects" {
  description = "Exact OIDC subjects that may sign in: credential name => subject, in the name form (repo:owner/name:…) or the immutable form (repo:owner@1/name@2:…)."
  type        = map(string)

  # One repository and no wildcard: a subject that matches more than one workflow is not an identity.
  # Both ids or neither, as GitHub writes them; `:` inside a branch or environment arrives as %3A.
  validation {
    condition = alltrue([
      for subject in values(var.subjects) : can(regex(join("", [
        "^repo:",
        "(",
        join("/", [for part in split("/", var.repository) : replace(part, ".", "\\.")]),
        "|",
        join("/", [for part in split("/", var.repository) : "${replace(part, ".", "\\.")}@[1-9][0-9]*"]),
        "):",
        "(ref:refs/heads/[^:*?]+|ref:refs/tags/[^:*?]+|environment:[^:*?]+)$",
      ]), subject))
    ])
    error_message = "Every subject must name this repository (with both ids or none) and one branch, tag or environment, without a wildcard. A pull request is never trusted."
  }

  validation {
    condition     = alltrue([for name in keys(var.subjects) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$", name))])
    error_message = "Every credential name must be 3 to 120 letters, digits, dashes and underscores, beginning with a letter or digit."
  }

  validation {
    condition     = length(var.subjects) >= 1 && length(var.subjects) <= 20
    error_message = "Between 1 and 20 subjects: Entra allows no more than 20 credentials per identity."
  }
}

variable "registry" {
  description = "The one registry that the repository may push to; null when the identity pushes nothing. With repositories, only those image repositories."
  type = object({
    id                   = string
    role_assignment_mode = optional(string, "AbacRepositoryPermissions")
    repositories         = optional(list(string), [])
  })
  default = null
}

variable "tags" {
  description = "Tags of the managed identity."
  type        = map(string)
  default     = {}
}
