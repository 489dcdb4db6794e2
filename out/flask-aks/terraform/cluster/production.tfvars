name                = "flask-application"
environment         = "production"
location            = "westeurope"
resource_group_name = "rg-flask-application-production"

# The cluster.
cluster_name       = "flask-application-production"
kubernetes_version = "1.36"
sku_tier           = "Standard"

# Its nodes, which the autoscaler adds and takes away.
vm_size         = "Standard_B2s"
node_count      = 1
min_count       = 1
max_count       = 3
os_disk_size_gb = 30
os_disk_type    = "Managed"
max_pods        = 110

# Who may reach it, and who administers it.
private_cluster_enabled = false
authorized_ip_ranges    = ["203.0.113.0/24"]
admin_group_object_ids  = []
local_account_disabled  = true

# The registry that the root shared made, and the image that the nodes pull from it.
registry = {
  name                 = "flaskapplication"
  resource_group_name  = "rg-flask-application"
  role_assignment_mode = "LegacyRegistryPermissions"
}
image_name = "flask-application"
