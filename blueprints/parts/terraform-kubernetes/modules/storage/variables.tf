variable "class" {
  description = "Name of the StorageClass that becomes the cluster's default."
  type        = string
  default     = "gp3-encrypted"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.class))
    error_message = "class must be a Kubernetes name."
  }
}

variable "kept_class" {
  description = "Name of the StorageClass of what must not be lost, and of the class of its snapshots."
  type        = string
  default     = "gp3-kept"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.kept_class)) && var.kept_class != var.class
    error_message = "kept_class must be a Kubernetes name other than class."
  }
}

variable "volume_tags" {
  description = "Tags of the kept disks in AWS: the snapshot policy finds them by these."
  type        = map(string)

  validation {
    condition     = length(var.volume_tags) > 0
    error_message = "volume_tags must name at least one tag, or no snapshot is ever taken."
  }
}
