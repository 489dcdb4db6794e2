module "dns" {
  source = "../modules/dns"
  count  = var.dns == null ? 0 : 1

  zone                    = var.dns.zone
  certificate_authorities = var.dns.certificate_authorities
  subdomains = {
    for name, record in var.dns.records :
    name => { name = name, record = record.value, type = record.type, ttl = record.ttl }
  }

  resource_group_name = azurerm_resource_group.shared.name
  tags                = local.tags
}
