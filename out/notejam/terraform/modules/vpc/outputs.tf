output "id" {
  description = "Id of the network."
  value       = aws_vpc.network.id

  # Nothing starts before it can reach what it needs.
  depends_on = [aws_route.private, aws_route_table_association.private]
}

output "cidr" {
  description = "Addresses of the network."
  value       = aws_vpc.network.cidr_block
}

output "public_subnet_ids" {
  description = "Subnets of load balancers, one for each zone."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]

  depends_on = [aws_route.public, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "Subnets of what runs, one for each zone."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]

  depends_on = [aws_route.private, aws_route_table_association.private]
}

output "egress_addresses" {
  description = "Addresses that what runs is seen under from outside."
  value       = [for address in aws_eip.nat : address.public_ip]
}
