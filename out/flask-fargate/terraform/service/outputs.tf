output "url" {
  description = "Where the service answers."
  value       = module.alb.url
}

output "github_environment_variables" {
  description = "Variables of the GitHub environment that the pipeline deploys with. None of them is a secret."
  value = {
    AWS_DEPLOY_ROLE_ARN = module.deploy.arn
  }
}

output "log_group_name" {
  description = "Where the application's log is."
  value       = module.ecs_service.log_group_name
}

output "egress_addresses" {
  description = "Addresses that the service is seen under by those that it calls."
  value       = module.vpc.egress_addresses
}
