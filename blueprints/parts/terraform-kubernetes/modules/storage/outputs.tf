output "class" {
  description = "Name of the default StorageClass, once it is there."
  value       = var.class

  depends_on = [helm_release.classes]
}
