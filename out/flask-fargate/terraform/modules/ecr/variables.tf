variable "name" {
  description = "Name of the repository in the account's registry."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$", var.name)) && length(var.name) >= 2
    error_message = "name must be lower-case letters and digits with single separators, at least two characters."
  }
}

variable "kept" {
  description = "Images that are kept; what runs must be among them."
  type        = number
  default     = 100

  validation {
    condition     = var.kept >= 10
    error_message = "kept must be at least 10, or going back finds nothing."
  }
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "copy_regions" {
  description = "Other regions that every image is copied to."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.copy_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "copy_regions must be codes of AWS regions, such as eu-central-1."
  }
}
