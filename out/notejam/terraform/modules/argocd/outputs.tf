output "namespace" {
  description = "Namespace of Argo CD, where the credentials of its repositories belong."
  value       = helm_release.argocd.namespace
}
