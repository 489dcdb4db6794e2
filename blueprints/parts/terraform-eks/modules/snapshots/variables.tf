variable "name" {
  description = "Name of the policy's role and key; that of the cluster does."
  type        = string
}

variable "target_tags" {
  description = "Tags of the volumes that are copied. No two policies of an account may have the same."
  type        = map(string)

  validation {
    condition     = length(var.target_tags) > 0
    error_message = "target_tags must name at least one tag, or every volume of the account is copied."
  }
}

variable "every_hours" {
  description = "Hours between two snapshots."
  type        = number
  default     = 24

  validation {
    condition     = contains([1, 2, 3, 4, 6, 8, 12, 24], var.every_hours)
    error_message = "every_hours must be 1, 2, 3, 4, 6, 8, 12 or 24."
  }
}

variable "start_utc" {
  description = "Time of the first snapshot of a day, in UTC."
  type        = string
  default     = "03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.start_utc))
    error_message = "start_utc must be a time such as 03:00."
  }
}

variable "keep" {
  description = "How long a snapshot is kept: a number of days, weeks, months or years. By time and not by number: of one kind at most 1000 are counted, less than three years of daily ones."
  type = object({
    number = number
    unit   = string
  })
  default = {
    number = 3
    unit   = "years"
  }

  validation {
    condition     = contains(["days", "weeks", "months", "years"], var.keep.unit) && var.keep.number >= 1 && floor(var.keep.number) == var.keep.number
    error_message = "keep must be a whole number of days, weeks, months or years."
  }
}

variable "copy_region" {
  description = "Region that every snapshot is copied to, for the day on which this one is lost; null copies none."
  type        = string
  default     = null

  validation {
    condition     = var.copy_region == null ? true : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.copy_region))
    error_message = "copy_region must be the code of an AWS region, such as eu-central-1."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
