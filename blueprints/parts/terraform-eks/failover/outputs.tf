output "health_checks" {
  description = "Ids of the health checks: primary and secondary."
  value       = module.failover.health_checks
}
