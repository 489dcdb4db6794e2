variable "namespace" {
  description = "Namespace of Elasticsearch, Kibana and Fluent Bit. It reads the logs of the nodes, which the restricted Pod Security Standard refuses, so nothing else belongs here."
  type        = string
  default     = "logging"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "chart_versions" {
  description = "Exact versions of the charts."
  type = object({
    eck_operator = optional(string, "3.5.0")
    fluent_bit   = optional(string, "0.58.1")
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.chart_versions) : can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", version))])
    error_message = "chart_versions must be exact versions such as 3.5.0, never a range."
  }
}

variable "stack_version" {
  description = "Version of Elasticsearch and Kibana."
  type        = string
  default     = "9.5.2"

  validation {
    condition     = can(regex("^9\\.[0-9]+\\.[0-9]+$", var.stack_version))
    error_message = "stack_version must be an exact version of the 9 line such as 9.5.2."
  }
}

variable "nodes" {
  description = "Nodes of Elasticsearch; with three or more, losing one loses nothing."
  type        = number
  default     = 1

  validation {
    condition     = var.nodes >= 1 && floor(var.nodes) == var.nodes
    error_message = "nodes must be a whole number from 1 on."
  }
}

variable "size" {
  description = "Volume of each node."
  type        = string
  default     = "30Gi"
}

variable "storage_class" {
  description = "StorageClass of the volumes."
  type        = string
}

variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 on."
  }
}

variable "writer_secret" {
  description = "Secret in the namespace, type kubernetes.io/basic-auth, with the keys username, password and roles (logs_writer). Made by hand: a password in Terraform would be in its state."
  type        = string
  default     = "logs-writer"
}
