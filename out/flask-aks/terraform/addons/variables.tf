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

variable "resource_group_name" {
  description = "Resource group of this environment, made by the root cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the AKS cluster, made by the root cluster."
  type        = string
}

variable "namespace" {
  description = "Namespace of the application."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "gateway" {
  description = "The way into the cluster; null where the application is not reachable from outside. See modules/gateway."
  type = object({
    controller      = optional(string, "gateway")
    acknowledge_eol = optional(bool, false)
    namespace       = optional(string, "gateway-system")
    name            = optional(string, "public")
    class           = optional(string)
    listeners = optional(map(object({
      hostname    = string
      certificate = string
    })), {})
    dns_label = optional(string)
    replicas  = optional(number, 2)
    acme = optional(object({
      issuer = optional(string, "letsencrypt")
      server = optional(string, "https://acme-v02.api.letsencrypt.org/directory")
      email  = optional(string)
    }))
  })
  default = null
}

variable "argocd" {
  description = "Argo CD and the files with its first objects, relative to this folder; null where the pipeline deploys. See modules/argocd."
  type = object({
    namespace     = optional(string, "argocd")
    admin_enabled = optional(bool, false)
    manifests     = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.argocd == null ? true : alltrue([for file in var.argocd.manifests : fileexists("${path.root}/${file}")])
    error_message = "Every file in argocd.manifests must exist, relative to this folder."
  }
}

variable "deploy" {
  description = "Push deployments: the GitHub repository (owner/name) and the exact OIDC subjects of its environment, credential name => subject. null where Argo CD deploys."
  type = object({
    repository = string
    subjects   = map(string)
  })
  default = null

  validation {
    condition     = var.deploy == null || var.argocd == null
    error_message = "Either the pipeline deploys or Argo CD does: with both, each undoes what the other did."
  }
}

variable "tags" {
  description = "Further tags of every Azure resource."
  type        = map(string)
  default     = {}
}
