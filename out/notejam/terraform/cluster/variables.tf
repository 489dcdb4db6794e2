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

variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "vpc" {
  description = "The network: addresses, number of zones, and whether every zone has a NAT gateway of its own."
  type = object({
    cidr         = string
    zones        = optional(number, 2)
    nat_per_zone = optional(bool, false)
  })
}

variable "nodes" {
  description = "The nodes. See modules/eks."
  type = object({
    instance_type = optional(string, "t3.large")
    count         = optional(number, 2)
    max_count     = optional(number, 4)
    disk_size_gb  = optional(number, 50)
  })
  default = {}
}

variable "public_access_cidrs" {
  description = "Networks that may reach the API server from outside; empty leaves the private endpoint alone."
  type        = list(string)
  default     = []
}

variable "admin_arns" {
  description = "IAM roles and users that administer the cluster, besides whoever makes it."
  type        = set(string)
  default     = []
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be deleted."
  type        = bool
  default     = true
}

variable "snapshots" {
  description = "Snapshots of the application's volumes; null takes none. See modules/snapshots."
  type = object({
    every_hours = optional(number, 24)
    keep        = optional(object({ number = number, unit = string }))
    copy_region = optional(string)
  })
  default = null
}

variable "database" {
  description = "A PostgreSQL server; null makes none. See modules/postgresql."
  type = object({
    engine_version      = optional(string, "17")
    instance_class      = optional(string, "db.t4g.small")
    size_gb             = optional(number, 20)
    max_size_gb         = optional(number, 100)
    standby             = optional(bool, true)
    backup_days         = optional(number, 35)
    keep_days           = optional(number, 1096)
    copy_region         = optional(string)
    snapshot            = optional(string)
    deletion_protection = optional(bool, true)
  })
  default = null
}
