variable "namespace" {
  description = "Namespace of Argo CD and of the objects it is told by."
  type        = string
  default     = "argocd"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "chart_version" {
  description = "Exact version of the argo-cd chart."
  type        = string
  default     = "10.9.0"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.chart_version))
    error_message = "chart_version must be an exact version such as 10.9.0, never a range."
  }
}

variable "admin_enabled" {
  description = "Whether the built-in administrator may sign in. Not needed to deploy: kubectl and argocd --core work without it."
  type        = bool
  default     = false
}

variable "clusters" {
  description = "Clusters on EKS that Argo CD deploys to, by their name; with one here, all of them, also its own. labels choose what ApplicationSets deploy there, values names the file of values that is a cluster's own. in_cluster is the one that Argo CD runs in; of the others it needs endpoint and certificate, and its role in them."
  type = map(object({
    labels     = map(string)
    in_cluster = optional(bool, false)
    endpoint   = optional(string)
    ca_data    = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for cluster in values(var.clusters) : cluster.in_cluster || (cluster.endpoint != null && cluster.ca_data != null)])
    error_message = "A cluster other than Argo CD's own needs endpoint and ca_data."
  }

  validation {
    condition     = length([for cluster in values(var.clusters) : cluster if cluster.in_cluster]) <= 1
    error_message = "Argo CD runs in one cluster."
  }
}

variable "manifests" {
  description = "AppProject, ApplicationSet and Application objects to begin with: name => YAML text, one object each. They are handed over as they are."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for text in values(var.manifests) : can(yamldecode(text).kind)])
    error_message = "Every manifest must be YAML with one object."
  }

  validation {
    condition = alltrue([
      for text in values(var.manifests) :
      try(
        yamldecode(text).apiVersion == "argoproj.io/v1alpha1"
        && contains(["AppProject", "ApplicationSet", "Application"], yamldecode(text).kind),
        true,
      )
    ])
    error_message = "Only AppProject, ApplicationSet and Application (argoproj.io/v1alpha1) belong here: everything else is deployed by them."
  }

  validation {
    condition = alltrue([
      for text in values(var.manifests) :
      try(yamldecode(text).metadata.namespace, var.namespace) == var.namespace
    ])
    error_message = "Every manifest must be in the namespace of Argo CD, or name none: it reads no other."
  }
}
