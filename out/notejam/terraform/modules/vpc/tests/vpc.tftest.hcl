mock_provider "aws" {
  override_during = plan

  mock_data "aws_availability_zones" {
    defaults = {
      names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    }
  }

  mock_data "aws_region" {
    defaults = {
      region = "eu-west-1"
    }
  }
}

variables {
  name        = "hello-world-production"
  cidr        = "10.30.0.0/16"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "two_zones_have_a_public_and_a_private_part_each" {
  command = plan

  assert {
    condition     = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == { eu-west-1a = "10.30.0.0/19", eu-west-1b = "10.30.32.0/19" }
    error_message = "the first eighths are public"
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { eu-west-1a = "10.30.128.0/19", eu-west-1b = "10.30.160.0/19" }
    error_message = "the fifth and sixth eighths are private"
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : subnet.map_public_ip_on_launch == false])
    error_message = "nothing gets a public address by being started"
  }

  assert {
    condition     = length(aws_nat_gateway.out) == 1 && length(aws_route.private) == 2
    error_message = "both zones go out through one NAT gateway"
  }

  assert {
    condition     = aws_vpc_endpoint.s3.service_name == "com.amazonaws.eu-west-1.s3"
    error_message = "S3 is reached without NAT"
  }
}

run "each_zone_may_have_its_own_way_out" {
  command = plan

  variables {
    zones        = 3
    nat_per_zone = true
  }

  assert {
    condition     = keys(aws_nat_gateway.out) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    error_message = "one NAT gateway for each zone"
  }

  assert {
    condition     = length(distinct([for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : subnet.cidr_block])) == 6
    error_message = "no two subnets share addresses"
  }
}

run "the_default_group_is_closed_and_traffic_is_logged" {
  command = plan

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "the default security group must have no rules"
  }

  assert {
    condition     = aws_flow_log.network.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.kms_key_arn
    error_message = "accepted and refused traffic is logged, encrypted"
  }
}

run "a_network_with_host_bits_is_refused" {
  command = plan

  variables {
    cidr = "10.30.1.0/16"
  }

  expect_failures = [var.cidr]
}

run "a_network_too_small_is_refused" {
  command = plan

  variables {
    cidr = "10.30.0.0/25"
  }

  expect_failures = [var.cidr]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zones = 1
  }

  expect_failures = [var.zones]
}

run "a_name_in_capitals_is_refused" {
  command = plan

  variables {
    name = "Hello"
  }

  expect_failures = [var.name]
}
