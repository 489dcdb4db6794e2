output "health_checks" {
  description = "Ids of the health checks: primary and secondary."
  value       = { for name, check in aws_route53_health_check.entry : name => check.id }
}
