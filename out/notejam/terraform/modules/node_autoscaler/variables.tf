variable "cluster_name" {
  description = "Name of the EKS cluster; the role is called after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}[a-z0-9]$", var.cluster_name))
    error_message = "cluster_name must be at most 50 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes that the cluster runs; the autoscaler of that version is installed."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version such as 1.36."
  }
}

variable "region" {
  description = "Region of the cluster."
  type        = string
}

variable "chart_version" {
  description = "Exact version of the cluster-autoscaler chart."
  type        = string
  default     = "9.59.0"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.chart_version))
    error_message = "chart_version must be an exact version such as 9.59.0, never a range."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
