variable "name" {
  description = "Name of the application, in the names of the health checks."
  type        = string
}

variable "zone" {
  description = "Hosted zone of the host; it exists already."
  type        = string
}

variable "host" {
  description = "Host name that clients use."
  type        = string

  validation {
    condition     = var.host == var.zone || endswith(var.host, ".${var.zone}")
    error_message = "host must lie in the zone."
  }
}

variable "entries" {
  description = "The load balancers of both clusters: host name and hosted zone id of each, as the cluster's region has them."
  type = object({
    primary   = object({ dns_name = string, zone_id = string })
    secondary = object({ dns_name = string, zone_id = string })
  })
}

variable "health_path" {
  description = "Path that is asked of each cluster."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
