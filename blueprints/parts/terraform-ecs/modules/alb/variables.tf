variable "name" {
  description = "Name of the load balancer; what belongs to it is named after it."
  type        = string
}

variable "vpc_id" {
  description = "Network that it stands in."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of that network, where the tasks are."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A load balancer needs subnets in two zones."
  }
}

variable "target_port" {
  description = "Port that the tasks listen on."
  type        = number

  validation {
    condition     = var.target_port >= 1024 && var.target_port <= 65535
    error_message = "target_port must be between 1024 and 65535: the tasks do not run as root."
  }
}

variable "health_path" {
  description = "Path that tells whether a task can take requests; it must answer 200."
  type        = string

  validation {
    condition     = startswith(var.health_path, "/")
    error_message = "health_path must begin with a slash."
  }
}

variable "host" {
  description = "Host name to serve over HTTPS; null serves plain HTTP under the load balancer's own name."
  type        = string
  default     = null

  validation {
    condition     = var.host == null || var.host == var.zone || endswith(coalesce(var.host, "-"), ".${coalesce(var.zone, "-")}")
    error_message = "host must lie in the zone."
  }
}

variable "zone" {
  description = "Hosted zone that the host lies in; it exists. Null without a host."
  type        = string
  default     = null
}

variable "drain_seconds" {
  description = "Seconds that requests get to finish when a task is taken out."
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted, and its logs with it."
  type        = bool
  default     = true
}

variable "log_days" {
  description = "Days that access logs are kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
