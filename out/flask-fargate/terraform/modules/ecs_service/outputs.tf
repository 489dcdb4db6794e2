output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.cluster.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.service.name
}

output "service_arn" {
  description = "ARN of the service."
  value       = aws_ecs_service.service.arn
}

output "role_arns" {
  description = "Roles that a task definition of this service names."
  value       = [aws_iam_role.execution.arn, aws_iam_role.task.arn]
}

output "task_role_name" {
  description = "Role of the application, to give it rights."
  value       = aws_iam_role.task.name
}

output "log_group_name" {
  description = "Where the application's log is."
  value       = aws_cloudwatch_log_group.service.name
}
