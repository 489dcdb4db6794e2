mock_provider "aws" {
  override_during = plan

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-west-1:111111111111:certificate/hello"
      domain_validation_options = [{
        domain_name           = "hello.example.com"
        resource_record_name  = "_proof.hello.example.com."
        resource_record_type  = "CNAME"
        resource_record_value = "_value.acm-validations.aws."
      }]
    }
  }

  mock_resource "aws_lb" {
    defaults = {
      arn      = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/hello/1"
      dns_name = "hello-1.eu-west-1.elb.amazonaws.com"
      zone_id  = "Z32O12XQLNTSW2"
    }
  }

  mock_data "aws_route53_zone" {
    defaults = {
      zone_id = "ZEXAMPLE"
    }
  }
}

variables {
  name        = "hello-world-production"
  vpc_id      = "vpc-1"
  vpc_cidr    = "10.30.0.0/16"
  subnet_ids  = ["subnet-1", "subnet-2"]
  target_port = 5000
  health_path = "/readyz"
  host        = "hello.example.com"
  zone        = "example.com"
}

run "a_name_is_served_over_https_and_port_80_redirects" {
  command = plan

  assert {
    condition     = length(aws_lb_listener.https) == 1 && aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    error_message = "HTTPS with a policy of our own choice"
  }

  assert {
    condition     = length(aws_lb_listener.plain) == 0 && aws_lb_listener.redirect[0].default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "nothing is served in the clear"
  }

  assert {
    condition     = aws_route53_record.proof["hello.example.com"].name == "_proof.hello.example.com." && aws_acm_certificate.host[0].validation_method == "DNS"
    error_message = "the certificate is proven by a record of the zone"
  }

  assert {
    condition     = aws_route53_record.host[0].alias[0].name == "hello-1.eu-west-1.elb.amazonaws.com" && aws_route53_record.host[0].zone_id == "ZEXAMPLE"
    error_message = "the name leads to the load balancer"
  }

  assert {
    condition     = output.url == "https://hello.example.com/"
    error_message = "the address is that of the name"
  }
}

run "without_a_name_plain_http_is_served" {
  command = plan

  variables {
    host = null
    zone = null
  }

  assert {
    condition     = length(aws_lb_listener.plain) == 1 && length(aws_lb_listener.https) == 0 && length(aws_lb_listener.redirect) == 0
    error_message = "one listener, in the clear"
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.https) == 0 && length(aws_acm_certificate.host) == 0 && length(aws_route53_record.host) == 0
    error_message = "nothing of TLS is made"
  }

  assert {
    condition     = output.url == "http://hello-1.eu-west-1.elb.amazonaws.com/"
    error_message = "the address is the load balancer's own"
  }
}

run "tasks_are_reached_on_their_port_alone" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_egress_rule.targets.from_port == 5000 && aws_vpc_security_group_egress_rule.targets.to_port == 5000 && aws_vpc_security_group_egress_rule.targets.cidr_ipv4 == "10.30.0.0/16"
    error_message = "the load balancer talks to the tasks and to nothing else"
  }

  assert {
    condition     = aws_lb_target_group.tasks.target_type == "ip" && aws_lb_target_group.tasks.health_check[0].path == "/readyz" && aws_lb_target_group.tasks.health_check[0].matcher == "200"
    error_message = "Fargate tasks are addresses, and must answer 200"
  }
}

run "requests_are_logged_and_ambiguous_ones_dropped" {
  command = plan

  assert {
    condition     = aws_lb.entry.drop_invalid_header_fields && aws_lb.entry.enable_deletion_protection && aws_lb.entry.access_logs[0].enabled
    error_message = "the load balancer is protected and logs"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.logs.restrict_public_buckets && !aws_s3_bucket.logs.force_destroy
    error_message = "the logs are nobody else's, and are not thrown away with the rest"
  }
}

run "a_long_name_is_cut_and_stays_unique" {
  command = plan

  variables {
    name = "a-service-with-a-name-that-is-very-long-production"
  }

  assert {
    condition     = length(aws_lb.entry.name) <= 32 && startswith(aws_lb.entry.name, "a-service-with-a-name-tha-") && !strcontains(aws_lb.entry.name, "--")
    error_message = "a load balancer's name has at most 32 characters"
  }
}

run "a_host_outside_of_the_zone_is_refused" {
  command = plan

  variables {
    host = "hello.example.org"
  }

  expect_failures = [var.host]
}

run "one_subnet_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "a_port_of_root_is_refused" {
  command = plan

  variables {
    target_port = 80
  }

  expect_failures = [var.target_port]
}

run "a_path_begins_with_a_slash" {
  command = plan

  variables {
    health_path = "readyz"
  }

  expect_failures = [var.health_path]
}
