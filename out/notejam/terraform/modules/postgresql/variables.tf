variable "name" {
  description = "Name of the server; key, groups and vaults are called after it. That of the cluster does."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){0,49}$", var.name)) && length(var.name) <= 50
    error_message = "name must be at most 50 lower-case letters, digits and single dashes, beginning with a letter and not ending with a dash."
  }
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones or more."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS needs subnets in two availability zones or more."
  }
}

variable "client_security_group_id" {
  description = "Security group whose members may connect: that of the nodes."
  type        = string
}

variable "engine_version" {
  description = "Major version of PostgreSQL; RDS chooses and raises the minor one."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^(1[6-9]|2[0-9])$", var.engine_version))
    error_message = "engine_version must be a major version from 16 on, without a minor one: RDS raises that itself."
  }
}

variable "instance_class" {
  description = "Class of the server and of its standby."
  type        = string
  default     = "db.t4g.small"

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class must be a class of RDS such as db.t4g.small."
  }
}

variable "size_gb" {
  description = "Disk at the start, in GiB."
  type        = number
  default     = 20

  validation {
    condition     = var.size_gb >= 20 && var.size_gb < var.max_size_gb
    error_message = "size_gb must be 20 or more, and less than max_size_gb."
  }
}

variable "max_size_gb" {
  description = "What the disk may grow to by itself, in GiB."
  type        = number
  default     = 100
}

variable "standby" {
  description = "Whether a second server in another zone takes over when the first is lost."
  type        = bool
  default     = true
}

variable "backup_days" {
  description = "Days of which every moment can be brought back."
  type        = number
  default     = 35

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "backup_days must be between 1 and 35."
  }
}

variable "keep_days" {
  description = "Days that a daily snapshot is kept."
  type        = number
  default     = 1096

  validation {
    condition     = var.keep_days >= 1 && floor(var.keep_days) == var.keep_days
    error_message = "keep_days must be a whole number from 1 on."
  }
}

variable "copy_region" {
  description = "Region that every daily snapshot is copied to, for the day on which this one is lost; null copies none."
  type        = string
  default     = null

  validation {
    condition     = var.copy_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.copy_region))
    error_message = "copy_region must be the code of an AWS region, such as eu-central-1."
  }
}

variable "snapshot" {
  description = "Snapshot that the server is made from; looked at when it is made, and never again. Null makes an empty one."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether the server refuses to be deleted."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
