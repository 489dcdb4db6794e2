output "arn" {
  description = "ARN of the repository."
  value       = aws_ecr_repository.images.arn
}

output "url" {
  description = "Registry and name, without a tag."
  value       = aws_ecr_repository.images.repository_url
}

output "push_policy" {
  description = "What whoever pushes to this repository may do, as JSON."
  value       = data.aws_iam_policy_document.push.json
}
