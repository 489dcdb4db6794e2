variable "name" {
  description = "Name of the cluster; roles and keys are called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}[a-z0-9]$", var.name))
    error_message = "name must be at most 50 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
  default     = "1.36"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version such as 1.36."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the nodes and of the control plane's interfaces, in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "EKS needs subnets in two availability zones or more."
  }
}

variable "public_access_cidrs" {
  description = "Networks that may reach the API server from outside; empty leaves the private endpoint alone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.public_access_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "public_access_cidrs must be networks such as 203.0.113.0/24, and never everybody."
  }
}

variable "admin_arns" {
  description = "IAM roles and users that administer the cluster, besides whoever makes it."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.admin_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "admin_arns must be ARNs of IAM roles or users."
  }
}

variable "instance_type" {
  description = "EC2 instance type of the nodes."
  type        = string
  default     = "t3.large"
}

variable "node_count" {
  description = "Nodes at the start, and the fewest."
  type        = number
  default     = 2

  validation {
    condition     = var.node_count >= 1 && floor(var.node_count) == var.node_count && var.node_count < var.max_count
    error_message = "node_count must be a whole number from 1 on, and less than max_count."
  }
}

variable "max_count" {
  description = "Most nodes; an upgrade starts new ones beside the old."
  type        = number
  default     = 4
}

variable "disk_size_gb" {
  description = "Disk of each node in GiB."
  type        = number
  default     = 50

  validation {
    condition     = var.disk_size_gb >= 20 && var.disk_size_gb <= 2048
    error_message = "disk_size_gb must be between 20 and 2048."
  }
}

variable "kms_key_arn" {
  description = "Key that the logs are encrypted with."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the logs of the control plane are kept."
  type        = number
  default     = 365
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be deleted."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
