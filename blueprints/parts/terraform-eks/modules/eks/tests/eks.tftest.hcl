mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_eks_addon_version" {
    defaults = { version = "v1.2.3-eksbuild.1" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/notejam-prod" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name        = "notejam-prod"
  subnet_ids  = ["subnet-1", "subnet-2"]
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000000"
}

run "the_api_server_is_private_unless_networks_are_named" {
  command = plan

  assert {
    condition     = aws_eks_cluster.cluster.vpc_config[0].endpoint_private_access && !aws_eks_cluster.cluster.vpc_config[0].endpoint_public_access
    error_message = "nobody outside was named"
  }

  assert {
    condition     = length(aws_eks_cluster.cluster.enabled_cluster_log_types) == 5 && aws_eks_cluster.cluster.access_config[0].authentication_mode == "API"
    error_message = "all logs, and access by entries alone"
  }

  assert {
    condition     = aws_eks_cluster.cluster.encryption_config[0].resources == toset(["secrets"])
    error_message = "Secrets are encrypted with a key of the account"
  }
}

run "named_networks_reach_it" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.cluster.vpc_config[0].endpoint_public_access && aws_eks_cluster.cluster.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "the networks that were named, and no others"
  }
}

run "everybody_is_no_network" {
  command = plan

  variables {
    public_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "volumes_policies_and_metrics_are_there" {
  command = plan

  assert {
    condition     = toset(concat(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.after_nodes))) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "metrics-server", "aws-ebs-csi-driver", "snapshot-controller"])
    error_message = "an add-on is missing"
  }

  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies must be enforced"
  }

  assert {
    condition     = one(aws_eks_addon.after_nodes["aws-ebs-csi-driver"].pod_identity_association).service_account == "ebs-csi-controller-sa" && endswith(aws_iam_role_policy_attachment.addon["aws-ebs-csi-driver"].policy_arn, ":policy/AmazonEBSCSIDriverPolicyV2")
    error_message = "the driver signs in by the identity of its pods"
  }
}

run "nodes_are_encrypted_and_keep_their_identity_to_themselves" {
  command = plan

  assert {
    condition     = aws_launch_template.nodes.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.nodes.metadata_options[0].http_tokens == "required" && aws_launch_template.nodes.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "disks and metadata"
  }

  assert {
    condition     = aws_eks_node_group.nodes.scaling_config[0].desired_size == 2 && aws_eks_node_group.nodes.scaling_config[0].max_size == 4
    error_message = "two nodes, and room for an upgrade"
  }
}

run "administrators_are_entries" {
  command = plan

  variables {
    admin_arns = ["arn:aws:iam::111111111111:role/platform"]
  }

  assert {
    condition     = endswith(aws_eks_access_policy_association.admin["arn:aws:iam::111111111111:role/platform"].policy_arn, "/AmazonEKSClusterAdminPolicy")
    error_message = "an administrator may administer"
  }
}

run "an_upgrade_needs_room" {
  command = plan

  variables {
    node_count = 4
  }

  expect_failures = [var.node_count]
}

run "a_name_in_capitals_is_refused" {
  command = plan

  variables {
    name = "Notejam"
  }

  expect_failures = [var.name]
}

run "a_patch_version_is_refused" {
  command = plan

  variables {
    kubernetes_version = "1.36.3"
  }

  expect_failures = [var.kubernetes_version]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "an_administrator_is_named_by_arn" {
  command = plan

  variables {
    admin_arns = ["admin"]
  }

  expect_failures = [var.admin_arns]
}

run "a_disk_too_small_for_images_is_refused" {
  command = plan

  variables {
    disk_size_gb = 10
  }

  expect_failures = [var.disk_size_gb]
}
