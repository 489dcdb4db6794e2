resource "azurerm_dns_zone" "zone" {
  name                = var.zone
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_dns_a_record" "record" {
  for_each = { for key, record in var.subdomains : key => record if record.type == "A" }

  name                = each.value.name
  zone_name           = azurerm_dns_zone.zone.name
  resource_group_name = var.resource_group_name
  ttl                 = each.value.ttl
  records             = [each.value.record]
  tags                = var.tags
}

resource "azurerm_dns_aaaa_record" "record" {
  for_each = { for key, record in var.subdomains : key => record if record.type == "AAAA" }

  name                = each.value.name
  zone_name           = azurerm_dns_zone.zone.name
  resource_group_name = var.resource_group_name
  ttl                 = each.value.ttl
  records             = [each.value.record]
  tags                = var.tags
}

resource "azurerm_dns_cname_record" "record" {
  for_each = { for key, record in var.subdomains : key => record if record.type == "CNAME" }

  name                = each.value.name
  zone_name           = azurerm_dns_zone.zone.name
  resource_group_name = var.resource_group_name
  ttl                 = each.value.ttl
  record              = each.value.record
  tags                = var.tags
}

resource "azurerm_dns_txt_record" "record" {
  for_each = { for key, record in var.subdomains : key => record if record.type == "TXT" }

  name                = each.value.name
  zone_name           = azurerm_dns_zone.zone.name
  resource_group_name = var.resource_group_name
  ttl                 = each.value.ttl
  tags                = var.tags

  record {
    value = each.value.record
  }
}

# Without a CAA record any certificate authority in the world may issue for the zone.
resource "azurerm_dns_caa_record" "issuers" {
  count = length(var.certificate_authorities) > 0 ? 1 : 0

  name                = "@"
  zone_name           = azurerm_dns_zone.zone.name
  resource_group_name = var.resource_group_name
  ttl                 = 3600
  tags                = var.tags

  dynamic "record" {
    for_each = sort(var.certificate_authorities)

    content {
      flags = 0
      tag   = "issue"
      value = record.value
    }
  }
}
