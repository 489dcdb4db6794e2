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
  description = "Name of the EKS cluster, made by the root cluster."
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
    replicas = optional(number, 2)
    acme = optional(object({
      issuer = optional(string, "letsencrypt")
      server = optional(string, "https://acme-v02.api.letsencrypt.org/directory")
      email  = optional(string)
    }))
  })
  default = null
}

variable "zone" {
  description = "Hosted zone that certificates are proven in by records; null proves them by requests, which must reach this cluster for that."
  type        = string
  default     = null
}

variable "argocd" {
  description = "Argo CD and the files with its first objects, relative to this folder; null where another cluster's Argo CD deploys here. clusters: the clusters that it deploys to, each with its region and the values file of its own; without any, its own alone. See modules/argocd."
  type = object({
    namespace     = optional(string, "argocd")
    admin_enabled = optional(bool, false)
    manifests     = optional(list(string), [])
    clusters = optional(list(object({
      name   = string
      region = string
      values = string
    })), [])
  })
  default = null

  validation {
    condition     = var.argocd == null ? true : alltrue([for file in var.argocd.manifests : fileexists("${path.root}/${file}")])
    error_message = "Every file in argocd.manifests must exist, relative to this folder."
  }
}

variable "deployed_by" {
  description = "Name of the cluster whose Argo CD deploys to this one; null where it is its own."
  type        = string
  default     = null
}

variable "node_autoscaler" {
  description = "Whether nodes are added and ended by the pods that wait for them. See modules/node_autoscaler."
  type        = bool
  default     = true
}

variable "monitoring" {
  description = "Prometheus and Grafana; null installs neither. See modules/monitoring."
  type = object({
    namespace      = optional(string, "monitoring")
    retention_days = optional(number, 15)
    size           = optional(string, "20Gi")
    alert_receiver = optional(object({ secret = string, key = string }))
    alert_mail     = optional(object({ to = list(string), from = string, server = string, port = optional(number), login = optional(object({ username = string, secret = string, key = string })) }))
  })
  default = null
}

variable "logging" {
  description = "Elasticsearch, Kibana and Fluent Bit; null installs none. See modules/logging."
  type = object({
    retention_days = optional(number, 30)
    size           = optional(string, "30Gi")
    nodes          = optional(number, 1)
  })
  default = null
}
