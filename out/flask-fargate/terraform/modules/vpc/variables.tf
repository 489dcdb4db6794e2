variable "name" {
  description = "Name of the network; what is in it is named after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.name)) && length(var.name) <= 52
    error_message = "name must be at most 52 lower-case letters, digits and dashes: roles are named after it."
  }
}

variable "cidr" {
  description = "Addresses of the network; each zone gets an eighth of them twice, public and private."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && cidrhost(var.cidr, 0) == split("/", var.cidr)[0] && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24
    error_message = "cidr must be an IPv4 network of 16 to 24 bits without host bits, such as 10.30.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones that are used."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3: a load balancer needs two, and a third is what most regions have."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in every zone: losing one zone leaves the others a way out. It costs one more each."
  type        = bool
  default     = false
}

variable "log_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "Key that the flow logs are encrypted with."
  type        = string
}

variable "public_tags" {
  description = "Further tags of the public subnets, as Kubernetes looks for."
  type        = map(string)
  default     = {}
}

variable "private_tags" {
  description = "Further tags of the private subnets, as Kubernetes looks for."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
