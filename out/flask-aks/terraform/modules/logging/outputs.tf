output "namespace" {
  description = "Namespace of Elasticsearch, Kibana and Fluent Bit."
  value       = var.namespace

  depends_on = [helm_release.fluent_bit]
}
