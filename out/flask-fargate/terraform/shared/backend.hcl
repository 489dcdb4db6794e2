# For `terraform init -backend-config=backend.hcl`.
bucket  = "hello-world-tfstate"
region  = "eu-west-1"
key     = "hello-world/shared.tfstate"
encrypt = true

# A file beside the state keeps two from writing at once.
use_lockfile = true
