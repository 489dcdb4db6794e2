data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:The first ones are taken, in order of their names; a zone that is added comes behind them
  state = "available"

  # No local zones: they have no Fargate.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "current" {}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, var.zones)

  # Eight parts of the same size: the first four public, the last four private, by the number of the zone.
  public  = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 3, index) }
  private = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 3, index + 4) }

  # Which zone's NAT gateway a zone goes out through.
  gateways = { for zone in local.zones : zone => var.nat_per_zone ? zone : local.zones[0] }
}

resource "aws_vpc" "network" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = var.name })
}

# Without rules: whatever forgets to name a group can neither send nor receive.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.network.id
  tags   = merge(var.tags, { Name = "${var.name}-default-closed" })
}

resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.network.id
  tags   = merge(var.tags, { Name = var.name })
}

# Load balancers and NAT gateways.
resource "aws_subnet" "public" {
  for_each = local.public

  vpc_id                  = aws_vpc.network.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, var.public_tags, { Name = "${var.name}-public-${each.key}" })
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.network.id
  tags   = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.out.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  for_each = toset(values(local.gateways))

  domain = "vpc"
  tags   = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })
}

resource "aws_nat_gateway" "out" {
  for_each = aws_eip.nat

  allocation_id = each.value.id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(var.tags, { Name = "${var.name}-${each.key}" })

  # Its traffic leaves through it.
  depends_on = [aws_internet_gateway.out]
}

# Everything that runs: no way in, and a way out through NAT.
resource "aws_subnet" "private" {
  for_each = local.private

  vpc_id                  = aws_vpc.network.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, var.private_tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route_table" "private" {
  for_each = local.private

  vpc_id = aws_vpc.network.id
  tags   = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route" "private" {
  for_each = aws_route_table.private

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.out[local.gateways[each.key]].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# Free, and layers of images from ECR lie in S3: they need not pass the NAT gateway.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.network.id
  service_name      = "com.amazonaws.${data.aws_region.current.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = merge(var.tags, { Name = "${var.name}-s3" })
}
