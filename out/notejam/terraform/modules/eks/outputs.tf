output "name" {
  description = "Name of the cluster, known once its add-ons run."
  value       = aws_eks_cluster.cluster.name

  depends_on = [aws_eks_addon.after_nodes]
}

output "arn" {
  description = "ARN of the cluster."
  value       = aws_eks_cluster.cluster.arn
}

output "security_group_id" {
  description = "Security group of the nodes and of the control plane, which EKS makes."
  value       = aws_eks_cluster.cluster.vpc_config[0].cluster_security_group_id
}
