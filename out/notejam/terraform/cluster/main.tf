locals {
  tags = merge({ application = var.name, environment = var.environment, managed-by = "terraform" }, var.tags)
}

module "vpc" {
  source = "../modules/vpc"

  name         = var.cluster_name
  cidr         = var.vpc.cidr
  zones        = var.vpc.zones
  nat_per_zone = var.vpc.nat_per_zone
  kms_key_arn  = aws_kms_key.logs.arn
  tags         = local.tags

  # How the cluster finds the subnets that load balancers belong in.
  public_tags  = { "kubernetes.io/role/elb" = "1", "kubernetes.io/cluster/${var.cluster_name}" = "shared" }
  private_tags = { "kubernetes.io/role/internal-elb" = "1", "kubernetes.io/cluster/${var.cluster_name}" = "shared" }
}

module "eks" {
  source = "../modules/eks"

  name                = var.cluster_name
  kubernetes_version  = var.kubernetes_version
  subnet_ids          = module.vpc.private_subnet_ids
  kms_key_arn         = aws_kms_key.logs.arn
  public_access_cidrs = var.public_access_cidrs
  admin_arns          = var.admin_arns
  instance_type       = var.nodes.instance_type
  node_count          = var.nodes.count
  max_count           = var.nodes.max_count
  disk_size_gb        = var.nodes.disk_size_gb
  deletion_protection = var.deletion_protection
  tags                = local.tags
}

# Volumes carry this tag because the StorageClass of the root addons gives it to them.
module "snapshots" {
  source = "../modules/snapshots"
  count  = var.snapshots == null ? 0 : 1

  name        = var.cluster_name
  target_tags = { Snapshot = var.cluster_name }
  every_hours = var.snapshots.every_hours
  keep        = coalesce(var.snapshots.keep, { number = 3, unit = "years" })
  copy_region = var.snapshots.copy_region
  tags        = local.tags
}

# The pods reach it with the network of their nodes.
module "postgresql" {
  source = "../modules/postgresql"
  count  = var.database == null ? 0 : 1

  name                     = var.cluster_name
  vpc_id                   = module.vpc.id
  subnet_ids               = module.vpc.private_subnet_ids
  client_security_group_id = module.eks.security_group_id
  engine_version           = var.database.engine_version
  instance_class           = var.database.instance_class
  size_gb                  = var.database.size_gb
  max_size_gb              = var.database.max_size_gb
  standby                  = var.database.standby
  backup_days              = var.database.backup_days
  keep_days                = var.database.keep_days
  copy_region              = var.database.copy_region
  snapshot                 = var.database.snapshot
  deletion_protection      = var.database.deletion_protection
  tags                     = local.tags
}
