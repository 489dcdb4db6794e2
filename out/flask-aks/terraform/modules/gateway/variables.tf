variable "controller" {
  description = "gateway: Gateway API by Envoy Gateway. external-nginx: Ingress by ingress-nginx, which is retired."
  type        = string
  default     = "gateway"

  validation {
    condition     = contains(["gateway", "external-nginx"], var.controller)
    error_message = "controller must be gateway or external-nginx."
  }

  validation {
    condition     = var.controller != "external-nginx" || var.acknowledge_eol
    error_message = "ingress-nginx ended in March 2026: its repository is archived and gets no security fixes. Choose gateway, or set acknowledge_eol = true."
  }
}

variable "acknowledge_eol" {
  description = "That you know that ingress-nginx gets no security fixes any more, and want it nevertheless."
  type        = bool
  default     = false
}

variable "namespace" {
  description = "Namespace of the controller, its proxies and the Gateway. A NetworkPolicy of an application must admit this one."
  type        = string
  default     = "gateway-system"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "class" {
  description = "Name of the GatewayClass or IngressClass; null means envoy or external-nginx."
  type        = string
  default     = null

  validation {
    condition     = var.class == null ? true : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.class))
    error_message = "class must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "gateway_name" {
  description = "Name of the Gateway that HTTPRoutes attach to."
  type        = string
  default     = "public"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.gateway_name))
    error_message = "gateway_name must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }
}

variable "listeners" {
  description = "HTTPS listeners of the Gateway: listener name (the sectionName of a route) => host and the Secret of its certificate. Empty serves plain HTTP on the listener http; otherwise what has no route of its own there is redirected to HTTPS."
  type = map(object({
    hostname    = string
    certificate = string
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.listeners) : name != "http" && can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", name))])
    error_message = "A listener name must be a Kubernetes name other than http, which is the plain listener."
  }

  validation {
    condition = alltrue([
      for listener in values(var.listeners) :
      can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$", listener.hostname))
    ])
    error_message = "hostname must be a lower-case host name such as www.example.com."
  }

  validation {
    condition     = var.acme == null || try(var.acme.route53, null) != null || alltrue([for listener in values(var.listeners) : !startswith(listener.hostname, "*.")])
    error_message = "The HTTP challenge of acme cannot prove a wildcard host: give the certificate yourself (acme = null)."
  }

  validation {
    condition     = alltrue([for listener in values(var.listeners) : can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", listener.certificate))])
    error_message = "certificate must be the name of a Secret."
  }

  validation {
    condition     = length(var.listeners) == 0 || var.controller == "gateway"
    error_message = "listeners belong to the Gateway; with external-nginx every Ingress states its own TLS."
  }
}

variable "route_namespaces" {
  description = "Namespaces whose HTTPRoutes may attach to the Gateway."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for namespace in var.route_namespaces : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", namespace))])
    error_message = "route_namespaces must be Kubernetes names: at most 63 lower-case letters, digits and dashes."
  }
}

variable "dns_label" {
  description = "Label of a stable public host name <label>.<region>.cloudapp.azure.com for the load balancer, as target of a CNAME; null asks for none."
  type        = string
  default     = null

  validation {
    condition     = var.dns_label == null ? true : can(regex("^[a-z]([a-z0-9-]{1,61}[a-z0-9])$", var.dns_label))
    error_message = "dns_label must be 3 to 63 lower-case letters, digits and dashes, beginning with a letter."
  }
}

variable "service_annotations" {
  description = "Further annotations of the Service in front of the proxies, which the cloud makes a load balancer of."
  type        = map(string)
  default     = {}
}

variable "replicas" {
  description = "Copies of the proxy."
  type        = number
  default     = 2

  validation {
    condition     = var.replicas >= 1 && var.replicas <= 20 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number between 1 and 20."
  }
}

variable "acme" {
  description = "Issuer of the certificates, installed with cert-manager; null installs neither."
  type = object({
    issuer = optional(string, "letsencrypt")
    server = optional(string, "https://acme-v02.api.letsencrypt.org/directory")
    email  = optional(string)
    # Proves hosts by records instead of by requests: certificates come before clients do, and to a cluster
    # that no client reaches yet.
    route53 = optional(object({
      zone_id = string
      region  = string
    }))
  })
  default = null

  validation {
    condition     = var.acme == null ? true : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.acme.issuer))
    error_message = "acme.issuer must be a Kubernetes name: at most 63 lower-case letters, digits and dashes."
  }

  validation {
    condition     = var.acme == null ? true : can(regex("^https://[^/ ]+/", var.acme.server))
    error_message = "acme.server must be the https URL of an ACME directory."
  }

  validation {
    condition     = try(var.acme.email, null) == null ? true : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.acme.email))
    error_message = "acme.email must be a mail address."
  }
}

variable "chart_versions" {
  description = "Exact versions of the charts."
  type = object({
    envoy_gateway = optional(string, "v1.9.2")
    cert_manager  = optional(string, "v1.21.1")
    ingress_nginx = optional(string, "4.15.1")
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.chart_versions) : can(regex("^v?[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", version))])
    error_message = "chart_versions must be exact versions such as v1.9.2, never a range."
  }
}
