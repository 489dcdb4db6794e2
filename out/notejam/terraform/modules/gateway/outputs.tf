output "class" {
  description = "Name of the GatewayClass or IngressClass."
  value       = local.class
}

output "namespace" {
  description = "Namespace of the proxies, for the NetworkPolicy of an application."
  value       = var.namespace
}

output "gateway" {
  description = "Parent of an HTTPRoute; null with external-nginx."
  value       = local.gateway_api ? { name = var.gateway_name, namespace = var.namespace } : null
}

output "issuer" {
  description = "Name of the ClusterIssuer; null without acme."
  value       = try(var.acme.issuer, null)
}
