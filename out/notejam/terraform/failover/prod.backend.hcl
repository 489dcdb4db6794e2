# For `terraform init -reconfigure -backend-config=…`: one state for each environment.
bucket  = "notejam-tfstate"
region  = "eu-west-1"
key     = "notejam/failover/prod.tfstate"
encrypt = true

# A file beside the state keeps two from writing at once.
use_lockfile = true
