module "gateway" {
  source = "../modules/gateway"
  count  = var.gateway == null ? 0 : 1

  controller       = var.gateway.controller
  acknowledge_eol  = var.gateway.acknowledge_eol
  namespace        = var.gateway.namespace
  class            = var.gateway.class
  gateway_name     = var.gateway.name
  listeners        = var.gateway.listeners
  route_namespaces = [var.namespace]
  replicas         = var.gateway.replicas

  acme = var.gateway.acme == null ? null : merge(var.gateway.acme, {
    route53 = var.zone == null ? null : { zone_id = data.aws_route53_zone.zone[0].zone_id, region = var.region }
  })

  # A load balancer of the fourth layer, found again by its tags.
  service_annotations = {
    "service.beta.kubernetes.io/aws-load-balancer-type"                     = "nlb"
    "service.beta.kubernetes.io/aws-load-balancer-scheme"                   = "internet-facing"
    "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags" = "entry=${var.cluster_name}"
  }

  depends_on = [aws_eks_pod_identity_association.cert_manager]
}

data "aws_route53_zone" "zone" {
  count = var.zone == null ? 0 : 1

  name = var.zone
}

# cert-manager proves hosts by records in the zone, and may change nothing else in it.
data "aws_iam_policy_document" "cert_manager" {
  #checkov:skip=CKV_AWS_356:Reading changes and finding a zone know no resource
  count = var.zone == null ? 0 : 1

  statement {
    actions   = ["route53:GetChange"]
    resources = ["arn:aws:route53:::change/*"]
  }

  statement {
    actions   = ["route53:ListResourceRecordSets"]
    resources = [data.aws_route53_zone.zone[0].arn]
  }

  statement {
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = [data.aws_route53_zone.zone[0].arn]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "route53:ChangeResourceRecordSetsRecordTypes"
      values   = ["TXT"]
    }
  }
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

resource "aws_iam_role" "cert_manager" {
  count = var.zone == null ? 0 : 1

  name               = "${var.cluster_name}-cert-manager"
  assume_role_policy = data.aws_iam_policy_document.pods_trust.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "cert_manager" {
  count = var.zone == null ? 0 : 1

  name   = "records"
  role   = aws_iam_role.cert_manager[0].id
  policy = data.aws_iam_policy_document.cert_manager[0].json
}

resource "aws_eks_pod_identity_association" "cert_manager" {
  count = var.zone == null ? 0 : 1

  cluster_name    = var.cluster_name
  namespace       = "cert-manager"
  service_account = "cert-manager"
  role_arn        = aws_iam_role.cert_manager[0].arn
  tags            = local.tags
}
