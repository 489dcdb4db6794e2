# The pipeline has no right in the cluster: Argo CD fetches what it deploys.
module "argocd" {
  source = "../modules/argocd"
  count  = var.argocd == null ? 0 : 1

  namespace     = var.argocd.namespace
  admin_enabled = var.argocd.admin_enabled
  manifests     = { for name in var.argocd.manifests : basename(name) => file("${path.root}/${name}") }

  # Its first synchronisation creates routes, which must find their kind and their Gateway.
  depends_on = [module.gateway]
}
