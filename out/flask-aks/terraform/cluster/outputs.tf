output "cluster_id" {
  description = "Resource id of the cluster."
  value       = module.aks.id
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.aks.name
}

output "resource_group_name" {
  description = "Resource group of this environment."
  value       = azurerm_resource_group.environment.name
}

output "host" {
  description = "URL of the API server."
  value       = module.aks.host
}

output "cluster_ca_certificate" {
  description = "Certificate authority of the API server, base64."
  value       = module.aks.cluster_ca_certificate
}

output "client_certificate" {
  description = "Legacy client certificate, base64; null where local accounts are disabled. Sign in with kubelogin instead."
  value       = module.aks.client_certificate
  sensitive   = true
}

output "client_key" {
  description = "Key of the legacy client certificate, base64; null where local accounts are disabled."
  value       = module.aks.client_key
  sensitive   = true
}

output "oidc_issuer_url" {
  description = "Issuer of the service account tokens, for workload identity."
  value       = module.aks.oidc_issuer_url
}

output "node_resource_group" {
  description = "Resource group that AKS made for nodes, disks and load balancers."
  value       = module.aks.node_resource_group
}
