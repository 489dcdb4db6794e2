locals {
  # Helm compares a local chart by its version alone; the digest makes an edited template a change.
  chart_digest = sha256(join("", [
    for file in sort(fileset("${path.module}/chart", "**")) : filesha256("${path.module}/chart/${file}")
  ]))
}

# Lets the identity fetch a kubeconfig, and nothing else: what it may do with it is decided below.
resource "azurerm_role_assignment" "kubeconfig" {
  scope                = var.cluster_id
  role_definition_name = "Azure Kubernetes Service Cluster User Role"
  principal_id         = var.principal_id
  principal_type       = "ServicePrincipal"
  description          = "Deployments into ${var.namespace} fetch their kubeconfig"

  # A managed identity that is seconds old is often not yet visible in the directory.
  skip_service_principal_aad_check = true
}

# A Role instead of Azure's "RBAC Writer": that one knows nothing of custom resources such as
# HTTPRoute, and grants much that a release of the chart never needs.
resource "helm_release" "access" {
  name        = "${var.namespace}-access"
  namespace   = "kube-system"
  chart       = "${path.module}/chart"
  description = "chart ${substr(local.chart_digest, 0, 12)}"

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5

  values = [yamlencode({
    namespace   = var.namespace
    principalId = var.principal_id
  })]
}
