locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

module "vpc" {
  source = "../modules/vpc"

  name         = var.service_name
  cidr         = var.vpc.cidr
  zones        = var.vpc.zones
  nat_per_zone = var.vpc.nat_per_zone
  log_days     = var.log_days
  kms_key_arn  = aws_kms_key.logs.arn
  tags         = local.tags
}

module "alb" {
  source = "../modules/alb"

  name                = var.service_name
  vpc_id              = module.vpc.id
  vpc_cidr            = module.vpc.cidr
  subnet_ids          = module.vpc.public_subnet_ids
  target_port         = var.port
  health_path         = var.health_path
  host                = try(var.https.host, null)
  zone                = try(var.https.zone, null)
  drain_seconds       = var.drain_seconds
  deletion_protection = var.deletion_protection
  log_days            = var.log_days
  tags                = local.tags
}

# Made by the root shared.
data "aws_ecr_repository" "images" {
  count = var.repository_name == null ? 0 : 1

  name = var.repository_name
}

module "ecs_service" {
  source = "../modules/ecs_service"

  name                = var.service_name
  image               = var.image
  registry_secret_arn = var.registry_secret_arn
  repository_arn      = try(data.aws_ecr_repository.images[0].arn, null)

  cpu          = var.cpu
  memory       = var.memory
  tasks        = var.tasks
  autoscaling  = var.autoscaling
  port         = var.port
  environment  = var.variables
  secrets      = var.secrets
  user_id      = var.user_id
  stop_seconds = var.drain_seconds + 15

  vpc_id                          = module.vpc.id
  subnet_ids                      = module.vpc.private_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id
  target_group_arn                = module.alb.target_group_arn

  kms_key_arn = aws_kms_key.logs.arn
  log_days    = var.log_days
  tags        = local.tags
}
