output "namespace" {
  description = "Namespace that the identity may deploy into."
  value       = var.namespace
}
