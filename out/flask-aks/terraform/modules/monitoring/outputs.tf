output "namespace" {
  description = "Namespace of Prometheus and Grafana."
  value       = var.namespace

  depends_on = [helm_release.stack]
}
