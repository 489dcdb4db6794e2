variable "name" {
  description = "Name of the application, for the tags."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$", var.name))
    error_message = "name must be at most 53 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "environment" {
  description = "Name of the environment, for the tags."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$", var.environment))
    error_message = "environment must be at most 32 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "service_name" {
  description = "Name of cluster, service and everything around them; one for each environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.service_name)) && length(var.service_name) <= 52
    error_message = "service_name must be at most 52 lower-case letters, digits and dashes, beginning with a letter."
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

variable "vpc" {
  description = "Addresses of the network, how many zones it uses, and whether each has a NAT gateway."
  type = object({
    cidr         = string
    zones        = optional(number, 2)
    nat_per_zone = optional(bool, false)
  })
}

variable "https" {
  description = "Host name and the hosted zone that it lies in; null serves plain HTTP, for development only."
  type = object({
    host = string
    zone = string
  })
  default = null
}

variable "image" {
  description = "Image of the first revision, with its tag; each release brings its own."
  type        = string
}

variable "repository_name" {
  description = "Repository in ECR that the image is pulled from; null for other registries."
  type        = string
  default     = null
}

variable "registry_secret_arn" {
  description = "Secret with user and password of a private registry outside of AWS; null where the image is public or in ECR."
  type        = string
  default     = null
}

variable "cpu" {
  description = "CPU of a task; 1024 is one virtual CPU."
  type        = number
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
}

variable "tasks" {
  description = "Tasks at the start, and always where nothing scales."
  type        = number
  default     = 2
}

variable "autoscaling" {
  description = "Fewest and most tasks, and the average CPU use in percent to steer for; null switches it off."
  type = object({
    min = number
    max = number
    cpu = number
  })
  default = null
}

variable "port" {
  description = "Port that the application listens on."
  type        = number
}

variable "health_path" {
  description = "Path that tells whether a task can take requests; it must answer 200."
  type        = string
}

variable "variables" {
  description = "Environment variables of the application. Never secrets."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variable of the application => ARN of the secret that it is read from."
  type        = map(string)
  default     = {}
}

variable "user_id" {
  description = "Numeric user and group of the process, as in the image."
  type        = number
  default     = 10001
}

variable "drain_seconds" {
  description = "Seconds that requests get to finish when a task is taken out; the server's own graceful timeout."
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
  default     = true
}

variable "log_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365
}

variable "github" {
  description = "The GitHub repository (owner/name) and the exact OIDC subject of its environment."
  type = object({
    repository = string
    subject    = string
  })
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}
