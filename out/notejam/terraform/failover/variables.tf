variable "name" {
  description = "Name of the application."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$", var.name))
    error_message = "name must be at most 53 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "environment" {
  description = "Name of the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$", var.environment))
    error_message = "environment must be at most 32 lower-case letters, digits and dashes, beginning with a letter."
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

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}

variable "zone" {
  description = "Hosted zone of the host; it exists already."
  type        = string
}

variable "host" {
  description = "Host name that clients use."
  type        = string
}

variable "clusters" {
  description = "Both clusters: name and region of each. The load balancers are found by the names."
  type = object({
    primary   = object({ name = string, region = string })
    secondary = object({ name = string, region = string })
  })

  validation {
    condition     = var.clusters.primary.region != var.clusters.secondary.region
    error_message = "Two clusters in one region are lost together."
  }
}

variable "health_path" {
  description = "Path that says whether the application can take requests."
  type        = string

  validation {
    condition     = startswith(var.health_path, "/")
    error_message = "health_path must begin with a slash."
  }
}
