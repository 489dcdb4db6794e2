output "gateway" {
  description = "Parent of an HTTPRoute; null without a Gateway."
  value       = try(module.gateway[0].gateway, null)
}

output "argocd_namespace" {
  description = "Namespace of Argo CD, where the credentials of its repositories belong; null without it."
  value       = try(module.argocd[0].namespace, null)
}

output "storage_class" {
  description = "The cluster's default StorageClass."
  value       = module.storage.class
}
