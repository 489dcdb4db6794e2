output "role_arn" {
  description = "The role that the autoscaler signs in to AWS as."
  value       = aws_iam_role.autoscaler.arn
}
