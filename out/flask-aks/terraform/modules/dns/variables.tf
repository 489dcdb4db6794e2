variable "zone" {
  description = "Domain name of the hosted zone, without a final dot."
  type        = string

  validation {
    condition     = length(var.zone) <= 253 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$", var.zone))
    error_message = "zone must be a lower-case domain name with at least two labels and no final dot, such as example.com."
  }
}

variable "resource_group_name" {
  description = "Resource group that holds the zone."
  type        = string
}

variable "subdomains" {
  description = "Records of the zone. name is relative to the zone (@ is the zone itself, * everything below); record is an address, a host name or a text, by type."
  type = map(object({
    name   = string
    record = string
    type   = string
    ttl    = optional(number, 300)
  }))
  default = {}

  validation {
    condition     = alltrue([for r in values(var.subdomains) : contains(["A", "AAAA", "CNAME", "TXT"], r.type)])
    error_message = "type must be A, AAAA, CNAME or TXT."
  }

  validation {
    condition     = alltrue([for r in values(var.subdomains) : r.ttl >= 30 && r.ttl <= 86400 && floor(r.ttl) == r.ttl])
    error_message = "ttl must be a whole number of seconds between 30 and 86400."
  }

  validation {
    condition = alltrue([
      for r in values(var.subdomains) :
      can(regex("^(@|(\\*|[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*)$", r.name))
    ])
    error_message = "name must be @, or labels relative to the zone such as www or *.preview."
  }

  validation {
    condition     = alltrue([for r in values(var.subdomains) : r.type != "A" || can(cidrnetmask("${r.record}/32"))])
    error_message = "An A record must hold one IPv4 address."
  }

  validation {
    condition     = alltrue([for r in values(var.subdomains) : r.type != "AAAA" || (strcontains(r.record, ":") && can(cidrhost("${r.record}/128", 0)))])
    error_message = "An AAAA record must hold one IPv6 address."
  }

  validation {
    condition     = alltrue([for r in values(var.subdomains) : r.type != "CNAME" || r.name != "@"])
    error_message = "A CNAME cannot stand at @, where the zone's own records are; use an A record."
  }

  validation {
    condition = alltrue([
      for r in values(var.subdomains) :
      r.type != "CNAME" || can(regex("^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$", r.record))
    ])
    error_message = "A CNAME must hold a complete host name, without a final dot."
  }

  validation {
    condition     = alltrue([for r in values(var.subdomains) : r.type != "TXT" || (length(r.record) >= 1 && length(r.record) <= 4096)])
    error_message = "A TXT record must hold 1 to 4096 characters."
  }

  # Two records of one name and type would be one record set that two resources overwrite in turn;
  # a CNAME tolerates nothing beside it.
  validation {
    condition = length(distinct([
      for r in values(var.subdomains) : "${lower(r.name)} ${r.type}"
      ])) == length(var.subdomains) && length(setintersection(
      [for r in values(var.subdomains) : lower(r.name) if r.type == "CNAME"],
      [for r in values(var.subdomains) : lower(r.name) if r.type != "CNAME"],
    )) == 0
    error_message = "One record per name and type, and no other record beside a CNAME."
  }
}

variable "certificate_authorities" {
  description = "Certificate authorities that may issue for the zone (CAA). Empty publishes no CAA record: everyone may."
  type        = set(string)
  default     = ["letsencrypt.org"]

  validation {
    condition     = alltrue([for ca in var.certificate_authorities : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]+$", ca))])
    error_message = "certificate_authorities must be domain names such as letsencrypt.org."
  }
}

variable "tags" {
  description = "Tags of the zone and its records."
  type        = map(string)
  default     = {}
}
