variable "namespace" {
  description = "Namespace of Prometheus and Grafana. A NetworkPolicy of an application must admit it."
  type        = string
  default     = "monitoring"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "chart_version" {
  description = "Exact version of the kube-prometheus-stack chart."
  type        = string
  default     = "91.5.0"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.chart_version))
    error_message = "chart_version must be an exact version such as 91.5.0, never a range."
  }
}

variable "retention_days" {
  description = "Days that Prometheus keeps what it measured."
  type        = number
  default     = 15

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number from 1 on."
  }
}

variable "size" {
  description = "Volume of Prometheus."
  type        = string
  default     = "20Gi"
}

variable "storage_class" {
  description = "StorageClass of that volume."
  type        = string
}

variable "alert_receiver" {
  description = "Secret in the namespace, and its key, with the address of a webhook that Alertmanager tells; null tells none. Made by hand: who knows the address can write there."
  type = object({
    secret = string
    key    = string
  })
  default = null

  validation {
    condition     = var.alert_receiver == null ? true : can(regex("^[A-Za-z0-9._-]+$", var.alert_receiver.key)) && !startswith(var.alert_receiver.key, "..")
    error_message = "The key of alert_receiver must be one of a Secret: letters, digits, dots, dashes and underscores."
  }
}

variable "alert_mail" {
  description = "Who hears of alerts by mail, and by which server; null writes none. The password is in a Secret in the namespace: login names it, and its key."
  type = object({
    to     = list(string)
    from   = string
    server = string
    port   = optional(number, 587)
    login  = optional(object({ username = string, secret = string, key = string }))
  })
  default = null

  validation {
    condition     = var.alert_mail == null ? true : length(var.alert_mail.to) > 0 && alltrue([for address in concat(var.alert_mail.to, [var.alert_mail.from]) : can(regex("^[^@, ]+@[^@, ]+$", address))])
    error_message = "alert_mail needs somebody to write to; to and from are mail addresses."
  }

  validation {
    condition     = try(var.alert_mail.login.key, null) == null ? true : can(regex("^[A-Za-z0-9._-]+$", var.alert_mail.login.key)) && !startswith(var.alert_mail.login.key, "..")
    error_message = "The key of alert_mail's login must be one of a Secret: letters, digits, dots, dashes and underscores."
  }
}

variable "grafana_secret" {
  description = "Secret in the namespace with the keys user and password of Grafana. Made by hand: a password in Terraform would be in its state."
  type        = string
  default     = "grafana-admin"
}
