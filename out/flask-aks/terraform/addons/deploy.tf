# Push deployments only: an identity of the pipeline for this one environment, which may release a chart
# into one namespace.
module "deploy_identity" {
  source = "../modules/github_access"
  count  = var.deploy == null ? 0 : 1

  name                = "${var.name}-${var.environment}-deploy"
  location            = data.azurerm_kubernetes_cluster.cluster.location
  resource_group_name = var.resource_group_name
  tags                = local.tags

  repository = var.deploy.repository
  subjects   = var.deploy.subjects
}

module "cluster_access" {
  source = "../modules/cluster_access"
  count  = var.deploy == null ? 0 : 1

  cluster_id   = data.azurerm_kubernetes_cluster.cluster.id
  principal_id = module.deploy_identity[0].principal_id
  namespace    = var.namespace
}
