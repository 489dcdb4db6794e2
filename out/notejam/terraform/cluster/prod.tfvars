name        = "notejam"
environment = "prod"
region      = "eu-west-1"

# Any other account is refused.
account_id = "123456789012"

vpc = {
  cidr         = "10.30.0.0/16"
  zones        = 2
  nat_per_zone = false
}

cluster_name        = "notejam-prod"
kubernetes_version  = "1.36"
deletion_protection = true

nodes = {
  instance_type = "t3.large"
  count         = 3
  max_count     = 6
  disk_size_gb  = 50
}

# Who reaches the API server from outside of the network, and who may do everything there.
public_access_cidrs = ["203.0.113.0/24"]
admin_arns          = []

# The PostgreSQL server.
database = {
  engine_version      = "17"
  instance_class      = "db.t4g.small"
  size_gb             = 20
  max_size_gb         = 100
  standby             = true
  backup_days         = 35
  keep_days           = 1096
  copy_region         = "eu-central-1"
  deletion_protection = true
}
