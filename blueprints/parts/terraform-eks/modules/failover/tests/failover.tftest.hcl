mock_provider "aws" {
  override_during = plan

  mock_data "aws_route53_zone" {
    defaults = { zone_id = "Z0000000000000" }
  }
}

variables {
  name        = "notejam-prod"
  zone        = "example.com"
  host        = "notes.example.com"
  health_path = "/readyz"
  entries = {
    primary   = { dns_name = "a.elb.eu-west-1.amazonaws.com", zone_id = "Z1" }
    secondary = { dns_name = "b.elb.eu-central-1.amazonaws.com", zone_id = "Z2" }
  }
}

run "the_name_follows_the_health_checks" {
  command = plan

  assert {
    condition     = aws_route53_record.host["primary"].failover_routing_policy[0].type == "PRIMARY" && aws_route53_record.host["secondary"].failover_routing_policy[0].type == "SECONDARY"
    error_message = "one is first, the other second"
  }

  assert {
    condition     = aws_route53_record.host["primary"].alias[0].name == "a.elb.eu-west-1.amazonaws.com" && aws_route53_record.host["primary"].alias[0].evaluate_target_health
    error_message = "each leads to its load balancer"
  }

  assert {
    condition     = aws_route53_health_check.entry["secondary"].fqdn == "b.elb.eu-central-1.amazonaws.com" && aws_route53_health_check.entry["secondary"].resource_path == "/readyz"
    error_message = "each is asked by its own name"
  }
}

run "a_host_of_another_zone_is_refused" {
  command = plan

  variables {
    host = "notes.example.net"
  }

  expect_failures = [var.host]
}
