output "policy_arn" {
  description = "ARN of the lifecycle policy."
  value       = aws_dlm_lifecycle_policy.volumes.arn
}
