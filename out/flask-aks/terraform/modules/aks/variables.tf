variable "name" {
  description = "Name of the cluster and prefix of its public host name."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?$", var.name))
    error_message = "name must be 1 to 54 letters, digits and dashes, beginning and ending with a letter or digit."
  }
}

variable "location" {
  description = "Azure region of the cluster."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group that holds the cluster. AKS makes a second one for the nodes."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes version. A minor version such as 1.36 follows its newest patch."
  type        = string
  default     = "1.36"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}(\\.[0-9]+)?$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor or patch version such as 1.36 or 1.36.2."
  }
}

variable "sku_tier" {
  description = "Free has no uptime guarantee, Standard has one, Premium adds long-term support of old versions."
  type        = string
  default     = "Standard"

  validation {
    condition     = contains(["Free", "Standard", "Premium"], var.sku_tier)
    error_message = "sku_tier must be Free, Standard or Premium."
  }
}

variable "vm_size" {
  description = "Machine size of the first pool."
  type        = string
  default     = "Standard_D4ads_v5"

  validation {
    condition     = can(regex("^Standard_[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", var.vm_size))
    error_message = "vm_size must be an Azure machine size such as Standard_B2s."
  }
}

variable "auto_scaling_enabled" {
  description = "Whether the first pool grows and shrinks with the load, between min_count and max_count."
  type        = bool
  default     = true
}

variable "node_count" {
  description = "Nodes of the first pool: the number without autoscaling, the lower bound with it unless min_count says otherwise."
  type        = number
  default     = 2

  validation {
    condition     = var.node_count >= 1 && var.node_count <= 1000 && floor(var.node_count) == var.node_count
    error_message = "node_count must be a whole number between 1 and 1000."
  }

  validation {
    condition     = !var.auto_scaling_enabled || var.node_count < var.max_count
    error_message = "node_count must be smaller than max_count, or there is nothing to scale."
  }
}

variable "min_count" {
  description = "Fewest nodes of the first pool; null means node_count."
  type        = number
  default     = null

  validation {
    condition     = var.min_count == null ? true : var.min_count >= 1 && floor(var.min_count) == var.min_count && var.min_count <= var.node_count
    error_message = "min_count must be a whole number between 1 and node_count."
  }
}

variable "max_count" {
  description = "Most nodes of the first pool."
  type        = number
  default     = 5

  validation {
    condition     = var.max_count >= 1 && var.max_count <= 1000 && floor(var.max_count) == var.max_count
    error_message = "max_count must be a whole number between 1 and 1000."
  }
}

variable "os_disk_size_gb" {
  description = "OS disk of each node of the first pool, in GB."
  type        = number
  default     = 128

  validation {
    condition     = var.os_disk_size_gb >= 30 && var.os_disk_size_gb <= 2048 && floor(var.os_disk_size_gb) == var.os_disk_size_gb
    error_message = "os_disk_size_gb must be a whole number between 30 and 2048."
  }
}

variable "os_disk_type" {
  description = "Ephemeral or Managed; null takes Ephemeral where the machine has a local disk that is large enough."
  type        = string
  default     = null

  validation {
    condition     = var.os_disk_type == null ? true : contains(["Ephemeral", "Managed"], var.os_disk_type)
    error_message = "os_disk_type must be Ephemeral or Managed."
  }

  validation {
    condition     = var.os_disk_type == null ? true : var.os_disk_type != "Ephemeral" || !startswith(var.vm_size, "Standard_B")
    error_message = "Burstable (B-series) machines have no disk for an Ephemeral OS: choose Managed."
  }
}

variable "os_sku" {
  description = "Operating system of the nodes."
  type        = string
  default     = "AzureLinux"

  validation {
    condition     = contains(["AzureLinux", "AzureLinux3", "Ubuntu", "Ubuntu2204", "Ubuntu2404"], var.os_sku)
    error_message = "os_sku must be AzureLinux, AzureLinux3, Ubuntu, Ubuntu2204 or Ubuntu2404."
  }
}

variable "max_pods" {
  description = "Most pods per node. Cannot be changed without replacing the nodes."
  type        = number
  default     = 110

  validation {
    condition     = var.max_pods >= 50 && var.max_pods <= 250 && floor(var.max_pods) == var.max_pods
    error_message = "max_pods must be a whole number between 50 and 250."
  }
}

variable "zones" {
  description = "Availability zones of the nodes; null leaves the choice to Azure. Not every region has zones."
  type        = set(string)
  default     = null

  validation {
    condition     = var.zones == null ? true : length(var.zones) > 0 && alltrue([for zone in var.zones : contains(["1", "2", "3"], zone)])
    error_message = "zones must be some of 1, 2 and 3, or null."
  }
}

variable "apps_pool" {
  description = "A second pool for the applications; the first one then takes only system pods. null runs everything on the first pool, which is cheaper and enough for one small service."
  type = object({
    vm_size         = string
    min_count       = optional(number, 1)
    max_count       = optional(number, 3)
    os_disk_size_gb = optional(number, 64)
    os_disk_type    = optional(string)
  })
  default = null

  validation {
    condition     = var.apps_pool == null ? true : can(regex("^Standard_[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", var.apps_pool.vm_size))
    error_message = "apps_pool.vm_size must be an Azure machine size such as Standard_D4ads_v5."
  }

  validation {
    condition = var.apps_pool == null ? true : (
      var.apps_pool.min_count >= 0 && var.apps_pool.min_count < var.apps_pool.max_count && var.apps_pool.max_count <= 1000
    )
    error_message = "apps_pool.min_count must be at least 0 and smaller than max_count, which is at most 1000."
  }

  validation {
    condition     = var.apps_pool == null ? true : var.apps_pool.os_disk_size_gb >= 30 && var.apps_pool.os_disk_size_gb <= 2048
    error_message = "apps_pool.os_disk_size_gb must lie between 30 and 2048."
  }

  validation {
    condition = try(var.apps_pool.os_disk_type, null) == null ? true : (
      var.apps_pool.os_disk_type == "Managed"
      || (var.apps_pool.os_disk_type == "Ephemeral" && !startswith(var.apps_pool.vm_size, "Standard_B"))
    )
    error_message = "apps_pool.os_disk_type must be Managed, or Ephemeral on a machine that is not burstable (B-series)."
  }
}

variable "subnet" {
  description = "Subnet of the nodes; null lets AKS make a network of its own."
  type = object({
    id = string
  })
  default = null
}

variable "pod_cidr" {
  description = "Overlay range of the pods. Clusters may share it, networks may not."
  type        = string
  default     = "10.244.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.pod_cidr))
    error_message = "pod_cidr must be an IPv4 network such as 10.244.0.0/16."
  }
}

variable "service_cidr" {
  description = "Range of the Services. It must not overlap any network that the cluster talks to."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.service_cidr)) && try(tonumber(split("/", var.service_cidr)[1]) >= 12 && tonumber(split("/", var.service_cidr)[1]) <= 24, false)
    error_message = "service_cidr must be an IPv4 network between /12 and /24, such as 10.0.0.0/16."
  }
}

variable "private_cluster_enabled" {
  description = "Whether the API server has only a private address. Terraform and pipelines then need a way into the network."
  type        = bool
  default     = false
}

variable "authorized_ip_ranges" {
  description = "Networks that may reach the API server, as CIDR. Required (and only used) unless the cluster is private."
  type        = list(string)

  validation {
    condition     = var.private_cluster_enabled || length(var.authorized_ip_ranges) > 0
    error_message = "Name at least one network that may reach the API server, or make the cluster private. An empty list opens it to everyone."
  }

  validation {
    condition     = alltrue([for range in var.authorized_ip_ranges : can(cidrnetmask(range))])
    error_message = "Every range must be an IPv4 network in CIDR form, such as 203.0.113.7/32."
  }
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members are cluster administrators. May be empty, because Azure role assignments decide as well."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for id in var.admin_group_object_ids :
      can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", id))
    ])
    error_message = "admin_group_object_ids must be object ids (GUIDs) of Entra groups."
  }
}

variable "local_account_disabled" {
  description = "Whether certificates of the cluster itself are refused, so that everyone signs in by Entra."
  type        = bool
  default     = true
}

variable "host_encryption_enabled" {
  description = "Whether caches and temporary disks are encrypted on the host. The subscription must have the feature EncryptionAtHost registered."
  type        = bool
  default     = true
}

variable "disk_encryption_set_id" {
  description = "Disk encryption set with a key of your own; null encrypts with Azure's."
  type        = string
  default     = null
}

variable "azure_policy_enabled" {
  description = "Whether Azure Policy watches what is deployed into the cluster."
  type        = bool
  default     = true
}

variable "logs" {
  description = "Log Analytics workspace for container logs and the audit log; null sends nothing."
  type = object({
    workspace_id = string
  })
  default = null
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

  validation {
    condition     = contains(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], var.maintenance_window.day)
    error_message = "maintenance_window.day must be a day of the week in English, such as Sunday."
  }

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window.start))
    error_message = "maintenance_window.start must be a time such as 02:00."
  }

  validation {
    condition     = can(regex("^[+-](0[0-9]|1[0-4]):[0-5][0-9]$", var.maintenance_window.utc_offset))
    error_message = "maintenance_window.utc_offset must be an offset such as +01:00."
  }

  validation {
    condition     = var.maintenance_window.hours >= 4 && var.maintenance_window.hours <= 24
    error_message = "maintenance_window.hours must lie between 4 and 24: Azure grants no shorter window."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}
