# For `terraform init -backend-config=backend.hcl`.
resource_group_name  = "rg-flask-application-state"
storage_account_name = "stflaskapplication"
container_name       = "tfstate"
key                  = "flask-application/shared.tfstate"

# Signs in by identity: the storage account has no shared key. In a pipeline add ARM_USE_OIDC=true.
use_azuread_auth = true
