name        = "notejam"
environment = "test"
region      = "eu-west-1"

# Any other account is refused.
account_id = "123456789012"

vpc = {
  cidr         = "10.30.0.0/16"
  zones        = 2
  nat_per_zone = false
}

cluster_name        = "notejam-test"
kubernetes_version  = "1.36"
deletion_protection = true

nodes = {
  instance_type = "t3.large"
  count         = 2
  max_count     = 4
  disk_size_gb  = 50
}

# Who reaches the API server from outside of the network, and who may do everything there.
public_access_cidrs = ["203.0.113.0/24"]
admin_arns          = []

# Copies of the application's volume.
snapshots = {
  every_hours = 24
  keep = {
    number = 3
    unit   = "years"
  }
}
