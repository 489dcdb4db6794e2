output "id" {
  description = "Resource id of the cluster."
  value       = azurerm_kubernetes_cluster.cluster.id
}

output "name" {
  description = "Name of the cluster."
  value       = azurerm_kubernetes_cluster.cluster.name
}

output "host" {
  description = "URL of the API server."
  value       = "https://${coalesce(azurerm_kubernetes_cluster.cluster.fqdn, azurerm_kubernetes_cluster.cluster.private_fqdn)}:443"
}

output "cluster_ca_certificate" {
  description = "Certificate authority of the API server, base64. Not a secret: every kubeconfig shows it."
  value       = nonsensitive(azurerm_kubernetes_cluster.cluster.kube_config[0].cluster_ca_certificate)
}

# Legacy: one shared certificate that names no person, that conditional access cannot see, that stays in
# the state, and that only rotating the cluster's authority revokes. Sign in by Entra instead:
# kubelogin get-token --login azurecli --server-id 6dae42f8-4368-4678-94ff-3960e28e3630
output "client_certificate" {
  description = "Client certificate of the local administrator, base64; null where local accounts are disabled."
  value       = var.local_account_disabled ? null : azurerm_kubernetes_cluster.cluster.kube_admin_config[0].client_certificate
  sensitive   = true
}

output "client_key" {
  description = "Key of the client certificate, base64; null where local accounts are disabled."
  value       = var.local_account_disabled ? null : azurerm_kubernetes_cluster.cluster.kube_admin_config[0].client_key
  sensitive   = true
}

output "oidc_issuer_url" {
  description = "Issuer of the service account tokens, for workload identity."
  value       = azurerm_kubernetes_cluster.cluster.oidc_issuer_url
}

output "node_resource_group" {
  description = "Resource group that AKS made for nodes, disks and load balancers."
  value       = azurerm_kubernetes_cluster.cluster.node_resource_group
}

output "kubelet_identity_object_id" {
  description = "Object id of the identity that pulls images, for the pull role on a registry."
  value       = one(azurerm_kubernetes_cluster.cluster.kubelet_identity[*].object_id)
}

output "os_disk_type" {
  description = "Pool => kind of OS disk that was chosen."
  value       = { for name, type in local.os_disk_type : name => type if name == "system" || var.apps_pool != null }
}
