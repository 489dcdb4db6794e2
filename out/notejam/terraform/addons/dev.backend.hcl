# For `terraform init -reconfigure -backend-config=…`: one state for each cluster.
bucket  = "notejam-tfstate"
region  = "eu-west-1"
key     = "notejam/addons/dev.tfstate"
encrypt = true

# A file beside the state keeps two from writing at once.
use_lockfile = true
