# The pipeline has no right in any cluster: Argo CD fetches what it deploys.
module "argocd" {
  source = "../modules/argocd"
  count  = var.argocd == null ? 0 : 1

  namespace     = var.argocd.namespace
  admin_enabled = var.argocd.admin_enabled
  manifests     = { for name in var.argocd.manifests : basename(name) => file("${path.root}/${name}") }

  clusters = {
    for cluster in var.argocd.clusters : cluster.name => {
      labels     = { environment = var.environment, values = cluster.values }
      in_cluster = cluster.name == var.cluster_name
      endpoint   = cluster.name == var.cluster_name ? null : data.aws_eks_cluster.other[cluster.name].endpoint
      ca_data    = cluster.name == var.cluster_name ? null : data.aws_eks_cluster.other[cluster.name].certificate_authority[0].data
    }
  }

  # Its first synchronisation creates routes, which must find their kind and their Gateway.
  depends_on = [module.gateway, aws_eks_pod_identity_association.argocd]
}

locals {
  others = var.argocd == null ? {} : { for cluster in var.argocd.clusters : cluster.name => cluster if cluster.name != var.cluster_name }
}

data "aws_eks_cluster" "other" {
  for_each = local.others

  name   = each.key
  region = each.value.region
}

# Where it deploys to other clusters, Argo CD signs in to them as this role, which each admits.
resource "aws_iam_role" "argocd" {
  count = length(local.others) > 0 ? 1 : 0

  name               = "${var.cluster_name}-argocd"
  assume_role_policy = data.aws_iam_policy_document.pods_trust.json
  tags               = local.tags
}

resource "aws_eks_pod_identity_association" "argocd" {
  for_each = length(local.others) > 0 ? toset(["argocd-application-controller", "argocd-applicationset-controller", "argocd-server"]) : []

  cluster_name    = var.cluster_name
  namespace       = var.argocd.namespace
  service_account = each.value
  role_arn        = aws_iam_role.argocd[0].arn
  tags            = local.tags
}

# In this cluster: the Argo CD of the other one may do here what one of its own could.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

resource "aws_eks_access_entry" "argocd" {
  count = var.deployed_by == null ? 0 : 1

  cluster_name  = data.aws_eks_cluster.cluster.name
  principal_arn = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/${var.deployed_by}-argocd"
  tags          = local.tags
}

resource "aws_eks_access_policy_association" "argocd" {
  count = var.deployed_by == null ? 0 : 1

  cluster_name  = data.aws_eks_cluster.cluster.name
  principal_arn = aws_eks_access_entry.argocd[0].principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}
