locals {
  service_account = "cluster-autoscaler"

  # Each minor version of Kubernetes has an autoscaler of its own; without one, the newest does.
  versions = { "1.35" = "v1.35.2", "1.36" = "v1.36.1" }
  image    = lookup(local.versions, var.kubernetes_version, "v1.36.1")

  # EKS puts these tags on the scaling groups of its node groups.
  tags = { "k8s.io/cluster-autoscaler/enabled" = "true", "k8s.io/cluster-autoscaler/${var.cluster_name}" = "owned" }
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

# It looks at everything that may become a node, and changes the groups of this cluster alone.
data "aws_iam_policy_document" "scale" {
  #checkov:skip=CKV_AWS_356:What only describes knows no resource
  statement {
    sid = "Look"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeTags",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:GetInstanceTypesFromInstanceRequirements",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "LookAtNodeGroups"
    actions   = ["eks:DescribeNodegroup"]
    resources = ["arn:${data.aws_partition.current.partition}:eks:${var.region}:${data.aws_caller_identity.current.account_id}:nodegroup/${var.cluster_name}/*"]
  }

  statement {
    sid       = "Scale"
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["arn:${data.aws_partition.current.partition}:autoscaling:${var.region}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*"]

    dynamic "condition" {
      for_each = local.tags

      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "autoscaler" {
  name               = "${var.cluster_name}-autoscaler"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "scale" {
  name   = "scale"
  role   = aws_iam_role.autoscaler.id
  policy = data.aws_iam_policy_document.scale.json
}

resource "aws_eks_pod_identity_association" "autoscaler" {
  cluster_name    = var.cluster_name
  namespace       = "kube-system"
  service_account = local.service_account
  role_arn        = aws_iam_role.autoscaler.arn
  tags            = var.tags
}

resource "helm_release" "autoscaler" {
  name       = "cluster-autoscaler"
  namespace  = "kube-system"
  repository = "https://kubernetes.github.io/autoscaler"
  chart      = "cluster-autoscaler"
  version    = var.chart_version

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600

  values = [yamlencode({
    fullnameOverride  = "cluster-autoscaler"
    cloudProvider     = "aws"
    awsRegion         = var.region
    autoDiscovery     = { clusterName = var.cluster_name }
    image             = { tag = local.image }
    rbac              = { serviceAccount = { name = local.service_account } }
    priorityClassName = "system-cluster-critical"
    resources         = { requests = { cpu = "20m", memory = "128Mi" }, limits = { memory = "512Mi" } }

    securityContext = {
      runAsNonRoot   = true
      runAsUser      = 65534
      runAsGroup     = 65534
      seccompProfile = { type = "RuntimeDefault" }
    }
    containerSecurityContext = {
      allowPrivilegeEscalation = false
      readOnlyRootFilesystem   = true
      capabilities             = { drop = ["ALL"] }
    }

    extraArgs = {
      # Every pod of ours has a folder for what is temporary: that must keep no node alive.
      skip-nodes-with-local-storage = false
      expander                      = "least-waste"
    }
  })]

  # Pods get their identity when they start, and never later.
  depends_on = [aws_eks_pod_identity_association.autoscaler, aws_iam_role_policy.scale]
}
