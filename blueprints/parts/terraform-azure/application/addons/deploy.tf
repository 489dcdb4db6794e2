# The directory and the login are those of azurerm.
provider "azuread" {}

# Push deployments only: an application of the pipeline for this one environment, which may release a chart
# into one namespace.
module "deploy_identity" {
  source = "../modules/github_access_application"
  count  = var.deploy == null ? 0 : 1

  name       = "${var.name}-${var.environment}-deploy"
  repository = var.deploy.repository
  subjects   = var.deploy.subjects
  tags       = local.tags
}

module "cluster_access" {
  source = "../modules/cluster_access"
  count  = var.deploy == null ? 0 : 1

  cluster_id   = data.azurerm_kubernetes_cluster.cluster.id
  principal_id = module.deploy_identity[0].principal_id
  namespace    = var.namespace
}
