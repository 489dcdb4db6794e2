# Where the state is comes from the command line: terraform init -backend-config=…
terraform {
  backend "s3" {}
}
