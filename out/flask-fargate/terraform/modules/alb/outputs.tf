output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.entry.arn
}

output "dns_name" {
  description = "The load balancer's own name."
  value       = aws_lb.entry.dns_name
}

output "url" {
  description = "Where the service answers."
  value       = var.host == null ? "http://${aws_lb.entry.dns_name}/" : "https://${var.host}/"
}

output "security_group_id" {
  description = "Where requests to the tasks come from."
  value       = aws_security_group.alb.id
}

output "target_group_arn" {
  description = "Where the service registers its tasks."
  value       = aws_lb_target_group.tasks.arn

  # A service refuses a target group that no listener uses.
  depends_on = [aws_lb_listener.https, aws_lb_listener.plain]
}
