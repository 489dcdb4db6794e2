locals {
  # What nodes need to become ready, and what needs nodes to run on.
  before_nodes = {
    # Network policies are enforced only when this add-on is told to.
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    kube-proxy             = null
    eks-pod-identity-agent = null
  }
  after_nodes = {
    coredns = null
    # The autoscaler asks it for the use of CPU.
    metrics-server = null
    # Volumes of EBS, and snapshots of them as objects of Kubernetes.
    aws-ebs-csi-driver  = null
    snapshot-controller = null
  }

  # Whose pods sign in to AWS, and with what.
  identities = {
    vpc-cni = {
      role            = "vpc-cni"
      service_account = "aws-node"
      policy          = "AmazonEKS_CNI_Policy"
    }
    aws-ebs-csi-driver = {
      role            = "ebs-csi"
      service_account = "ebs-csi-controller-sa"
      policy          = "AmazonEBSCSIDriverPolicyV2"
    }
  }
}

# The version that EKS takes for this version of Kubernetes unless somebody asks for another.
data "aws_eks_addon_version" "default" {
  for_each = merge(local.before_nodes, local.after_nodes)

  addon_name         = each.key
  kubernetes_version = var.kubernetes_version
}

data "aws_iam_policy_document" "pods_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "addon" {
  for_each = local.identities

  name               = "${var.name}-${each.value.role}"
  assume_role_policy = data.aws_iam_policy_document.pods_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = local.identities

  role       = aws_iam_role.addon[each.key].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value.policy}"
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.before_nodes

  cluster_name                = aws_eks_cluster.cluster.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.default[each.key].version
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  dynamic "pod_identity_association" {
    for_each = { for name, identity in local.identities : name => identity if name == each.key }

    content {
      role_arn        = aws_iam_role.addon[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [aws_iam_role_policy_attachment.addon]
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.after_nodes

  cluster_name                = aws_eks_cluster.cluster.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.default[each.key].version
  configuration_values        = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  dynamic "pod_identity_association" {
    for_each = { for name, identity in local.identities : name => identity if name == each.key }

    content {
      role_arn        = aws_iam_role.addon[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [aws_iam_role_policy_attachment.addon, aws_eks_node_group.nodes]
}
