variable "name" {
  description = "Name of the application; resources are called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$", var.name))
    error_message = "name must be at most 53 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "region" {
  description = "AWS region, such as eu-west-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, such as eu-west-1."
  }
}

variable "account_id" {
  description = "Number of the account; any other is refused. Null takes the one that is signed in to."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "github" {
  description = "The GitHub repository (owner/name), the exact OIDC subject of its branch, and whether the account has GitHub's OIDC provider already."
  type = object({
    repository      = string
    subject         = string
    provider_exists = optional(bool, false)
  })
}

variable "repository" {
  description = "Repository in ECR that the pipeline pushes to; null where the image goes elsewhere. copy_regions: where every image is copied to."
  type = object({
    name         = string
    copy_regions = optional(set(string), [])
  })
  default = null
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}
