variable "name" {
  description = "Name of cluster, service and task definition."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.name)) && length(var.name) <= 54
    error_message = "name must be at most 54 lower-case letters, digits and dashes: roles are named after it."
  }
}

variable "image" {
  description = "Image of the first revision; each release brings its own."
  type        = string
}

variable "registry_secret_arn" {
  description = "Secret with user and password of a private registry outside of AWS; null where the image is public or in ECR."
  type        = string
  default     = null
}

variable "repository_arn" {
  description = "Repository in ECR that the image is pulled from; null for other registries."
  type        = string
  default     = null
}

variable "cpu" {
  description = "CPU of a task; 1024 is one virtual CPU."
  type        = number

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu must be 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number

  # Fewest, most and step for each CPU, as Fargate sells them.
  validation {
    condition = try(
      var.memory == 512 && var.cpu == 256 || (
        var.memory >= { 256 = 1024, 512 = 1024, 1024 = 2048, 2048 = 4096, 4096 = 8192, 8192 = 16384, 16384 = 32768 }[var.cpu] &&
        var.memory <= { 256 = 2048, 512 = 4096, 1024 = 8192, 2048 = 16384, 4096 = 30720, 8192 = 61440, 16384 = 122880 }[var.cpu] &&
        var.memory % { 8192 = 4096, 16384 = 8192, 256 = 1024, 512 = 1024, 1024 = 1024, 2048 = 1024, 4096 = 1024 }[var.cpu] == 0
    ), false)
    error_message = "Fargate does not sell that much memory with that much CPU."
  }
}

variable "architecture" {
  description = "Processor that the image is built for."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture must be X86_64 or ARM64."
  }
}

variable "tasks" {
  description = "Tasks at the start, and always where nothing scales."
  type        = number
  default     = 2

  validation {
    condition     = var.tasks >= 1
    error_message = "tasks must be at least 1."
  }
}

variable "autoscaling" {
  description = "Fewest and most tasks, and the average CPU use in percent to steer for; null switches it off."
  type = object({
    min = number
    max = number
    cpu = number
  })
  default = null

  validation {
    condition     = try(var.autoscaling.min <= var.autoscaling.max && var.autoscaling.min >= 1 && var.autoscaling.cpu >= 1 && var.autoscaling.cpu <= 100, var.autoscaling == null)
    error_message = "min must be at least 1 and at most max, cpu a percentage."
  }
}

variable "port" {
  description = "Port that the application listens on."
  type        = number
}

variable "environment" {
  description = "Environment variables. Never secrets."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Environment variable => ARN of the secret that it is read from."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:aws[a-z-]*:secretsmanager:", arn))])
    error_message = "secrets must name secrets of Secrets Manager by their ARN."
  }
}

variable "user_id" {
  description = "Numeric user and group of the process, as in the image."
  type        = number
  default     = 10001

  validation {
    condition     = var.user_id > 10000
    error_message = "user_id must be above 10000, where no user of a host lives."
  }
}

variable "stop_seconds" {
  description = "Seconds between being told to stop and being killed; at most 120 are given."
  type        = number
  default     = 45
}

variable "vpc_id" {
  description = "Network that the tasks run in."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets that the tasks run in."
  type        = list(string)
}

variable "load_balancer_security_group_id" {
  description = "Where requests come from; nothing else reaches a task."
  type        = string
}

variable "target_group_arn" {
  description = "Target group that the tasks are registered in."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that the logs are encrypted with."
  type        = string
}

variable "log_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
