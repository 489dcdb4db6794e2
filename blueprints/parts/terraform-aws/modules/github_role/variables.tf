variable "name" {
  description = "Name of the role."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 characters that IAM allows."
  }
}

variable "description" {
  description = "What the role is for."
  type        = string
}

variable "provider_arn" {
  description = "The account's OIDC provider for GitHub."
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
  description = "Exact OIDC subjects that may sign in, in the name form (repo:owner/name:…) or the immutable form (repo:owner@1/name@2:…)."
  type        = set(string)

  # One repository and no wildcard: a subject that matches more than one workflow is not an identity.
  validation {
    condition = length(var.subjects) > 0 && alltrue([
      for subject in var.subjects : can(regex(join("", [
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
}

variable "policy" {
  description = "What the role may do, as JSON."
  type        = string
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
}
