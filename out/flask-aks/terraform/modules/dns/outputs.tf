output "zone_id" {
  description = "Resource id of the zone."
  value       = azurerm_dns_zone.zone.id
}

output "name_servers" {
  description = "Name servers to enter at the registrar of the domain: until then nobody sees the zone."
  value       = azurerm_dns_zone.zone.name_servers
}

output "fqdns" {
  description = "Key of the record => full name."
  value = {
    for key, record in var.subdomains :
    key => record.name == "@" ? var.zone : "${record.name}.${var.zone}"
  }
}
