# For `terraform init -backend-config=backend.hcl`.
bucket  = "notejam-tfstate"
region  = "eu-west-1"
key     = "notejam/shared.tfstate"
encrypt = true

# A file beside the state keeps two from writing at once.
use_lockfile = true
