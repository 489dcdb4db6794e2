variable "name" {
  description = "Name of the application, for the tags."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$", var.name))
    error_message = "name must be at most 53 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "environment" {
  description = "Name of the environment, for the tags."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$", var.environment))
    error_message = "environment must be at most 32 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "location" {
  description = "Azure region, such as westeurope."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{4,}[a-z0-9]*$", var.location))
    error_message = "location must be the short name of an Azure region, such as westeurope."
  }
}

variable "resource_group_name" {
  description = "Resource group that is made for this environment. Not the one of the shared resources."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group_name))
    error_message = "resource_group_name must be at most 90 letters, digits, dots, dashes, underscores and brackets, not ending in a dot."
  }

  validation {
    condition     = lower(var.resource_group_name) != lower(var.registry.resource_group_name)
    error_message = "resource_group_name must differ from that of the registry: two roots would each believe to own the group."
  }
}

variable "cluster_name" {
  description = "Name of the AKS cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes version. A minor version such as 1.36 follows its newest patch."
  type        = string
  default     = "1.36"
}

variable "sku_tier" {
  description = "Free has no uptime guarantee, Standard has one, Premium adds long-term support of old versions."
  type        = string
  default     = "Standard"
}

variable "maintenance_window" {
  description = "When Azure may upgrade Kubernetes and replace node images, once a week."
  type = object({
    day        = optional(string, "Sunday")
    start      = optional(string, "02:00")
    utc_offset = optional(string, "+00:00")
    hours      = optional(number, 4)
  })
  default = {}
}

variable "vm_size" {
  description = "Machine size of the first pool, such as Standard_B2s."
  type        = string
}

variable "auto_scaling_enabled" {
  description = "Whether the first pool grows and shrinks with the load, between min_count and max_count."
  type        = bool
  default     = true
}

variable "node_count" {
  description = "Nodes of the first pool: the number without autoscaling, the lower bound with it unless min_count says otherwise."
  type        = number
}

variable "min_count" {
  description = "Fewest nodes of the first pool; null means node_count."
  type        = number
  default     = null
}

variable "max_count" {
  description = "Most nodes of the first pool; with autoscaling it must be greater than node_count."
  type        = number
}

variable "os_disk_size_gb" {
  description = "OS disk of each node of the first pool, in GB."
  type        = number
}

variable "os_disk_type" {
  description = "Ephemeral or Managed; null takes Ephemeral where the machine has a local disk that is large enough."
  type        = string
  default     = null
}

variable "max_pods" {
  description = "Most pods per node. Cannot be changed without replacing the nodes."
  type        = number
  default     = 110
}

variable "zones" {
  description = "Availability zones of the nodes; null leaves the choice to Azure."
  type        = set(string)
  default     = null
}

variable "host_encryption_enabled" {
  description = "Whether caches and temporary disks are encrypted on the host. The subscription must have the feature EncryptionAtHost registered."
  type        = bool
  default     = true
}

variable "apps_pool" {
  description = "A second pool for the applications; the first one then takes only system pods. null runs everything on the first pool."
  type = object({
    vm_size         = string
    min_count       = optional(number, 1)
    max_count       = optional(number, 3)
    os_disk_size_gb = optional(number, 64)
    os_disk_type    = optional(string)
  })
  default = null
}

variable "private_cluster_enabled" {
  description = "Whether the API server has only a private address."
  type        = bool
  default     = false
}

variable "authorized_ip_ranges" {
  description = "Networks that may reach the API server, as CIDR: where terraform, kubectl and (for push deployments) the pipeline run. Empty only for a private cluster."
  type        = list(string)
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members are cluster administrators. Empty: whoever makes the cluster is."
  type        = list(string)
  default     = []
}

variable "local_account_disabled" {
  description = "Whether certificates of the cluster itself are refused, so that everyone signs in by Entra."
  type        = bool
  default     = true
}

variable "azure_policy_enabled" {
  description = "Whether Azure Policy watches what is deployed into the cluster."
  type        = bool
  default     = true
}

variable "logs" {
  description = "Log Analytics for container logs and the audit log: days to keep, and the most to take in per day (-1 for no bound). null sends nothing."
  type = object({
    retention_days = optional(number, 30)
    daily_quota_gb = optional(number, 1)
  })
  default = {}

  validation {
    condition     = var.logs == null ? true : var.logs.retention_days >= 30 && var.logs.retention_days <= 730
    error_message = "logs.retention_days must lie between 30 and 730."
  }

  validation {
    condition     = var.logs == null ? true : var.logs.daily_quota_gb == -1 || var.logs.daily_quota_gb > 0
    error_message = "logs.daily_quota_gb must be greater than 0, or -1 for no bound."
  }
}

variable "vnet" {
  description = "A virtual network of our own for the nodes; null lets AKS make one."
  type = object({
    address_space = optional(string, "10.224.0.0/16")
    nodes_subnet  = optional(string, "10.224.0.0/20")
  })
  default = null

  # Two networks overlap when they are the same once both are cut to the shorter prefix. Azure says so too,
  # but only ten minutes into the apply.
  validation {
    condition = var.vnet == null ? true : alltrue([
      for other in [var.pod_cidr, var.service_cidr] : try(length(distinct([
        for range in [var.vnet.address_space, other] :
        cidrhost("${split("/", range)[0]}/${min(tonumber(split("/", var.vnet.address_space)[1]), tonumber(split("/", other)[1]))}", 0)
      ])) == 2, true)
    ])
    error_message = "vnet.address_space must not overlap pod_cidr or service_cidr."
  }
}

variable "pod_cidr" {
  description = "Overlay range of the pods. Clusters may share it."
  type        = string
  default     = "10.244.0.0/16"
}

variable "service_cidr" {
  description = "Range of the Services. It must not overlap any network that the cluster talks to."
  type        = string
  default     = "10.0.0.0/16"
}

variable "registry" {
  description = "The shared registry, which this cluster pulls from: its name, resource group and permission mode."
  type = object({
    name                 = string
    resource_group_name  = string
    role_assignment_mode = optional(string, "AbacRepositoryPermissions")
  })
}

variable "image_name" {
  description = "Image repository in the registry: the only one that the nodes may pull."
  type        = string
}

variable "tags" {
  description = "Further tags of every resource."
  type        = map(string)
  default     = {}
}
