data "aws_route53_zone" "zone" {
  name = var.zone
}

# Asked from several continents: the load balancer by its own name, for which there is no certificate, so by
# plain HTTP. The chart has a route for this one path beside the redirect to HTTPS.
resource "aws_route53_health_check" "entry" {
  #checkov:skip=CKV2_AWS_49:Who is told of it is decided where all alerts are, in Prometheus
  for_each = var.entries

  type              = "HTTP"
  fqdn              = each.value.dns_name
  port              = 80
  resource_path     = var.health_path
  failure_threshold = 3
  request_interval  = 10
  measure_latency   = true
  tags              = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_route53_record" "host" {
  #checkov:skip=CKV2_AWS_23:The load balancers are made by Kubernetes, and found by the root
  for_each = var.entries

  zone_id         = data.aws_route53_zone.zone.zone_id
  name            = var.host
  type            = "A"
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.entry[each.key].id

  failover_routing_policy {
    type = upper(each.key)
  }

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = true
  }
}
