output "cluster_name" {
  description = "Name of the cluster, once its add-ons run."
  value       = module.eks.name
}

output "vpc_id" {
  description = "The network."
  value       = module.vpc.id
}

output "egress_addresses" {
  description = "Public addresses that the pods call out from. The API server of another cluster has to admit those of the Argo CD that deploys to it."
  value       = module.vpc.egress_addresses
}

output "database" {
  description = "The PostgreSQL server: its host name, and the secret of Secrets Manager with its administrator's password. Null without one."
  value       = var.database == null ? null : { address = module.postgresql[0].address, master_secret_arn = module.postgresql[0].master_secret_arn }
}
