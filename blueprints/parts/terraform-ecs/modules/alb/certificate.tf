# The name, its certificate, and the records that prove it. The zone exists: it has a life of its own.
data "aws_route53_zone" "zone" {
  count = var.host == null ? 0 : 1

  name = var.zone
}

resource "aws_acm_certificate" "host" {
  count = var.host == null ? 0 : 1

  domain_name       = var.host
  validation_method = "DNS"
  tags              = merge(var.tags, { Name = var.host })

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # One name, one proof. Keyed by the name, which is known before the certificate is.
  proofs = var.host == null ? {} : {
    (var.host) = one([
      for option in aws_acm_certificate.host[0].domain_validation_options : option if option.domain_name == var.host
    ])
  }
}

resource "aws_route53_record" "proof" {
  for_each = local.proofs

  zone_id = data.aws_route53_zone.zone[0].zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 60
  # Another environment may have proven the same name.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "host" {
  count = var.host == null ? 0 : 1

  certificate_arn         = aws_acm_certificate.host[0].arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

resource "aws_route53_record" "host" {
  count = var.host == null ? 0 : 1

  zone_id = data.aws_route53_zone.zone[0].zone_id
  name    = var.host
  type    = "A"

  alias {
    name                   = aws_lb.entry.dns_name
    zone_id                = aws_lb.entry.zone_id
    evaluate_target_health = true
  }
}
