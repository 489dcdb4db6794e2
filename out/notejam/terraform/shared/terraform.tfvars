# What exists once, for every environment of this application.
name   = "notejam"
region = "eu-west-1"

# Any other account is refused.
account_id = "123456789012"

# The repository and the exact subject of the tokens that its branch signs in with. An account has one provider
# for all of GitHub: where it has it already, set provider_exists.
github = {
  repository      = "example/notejam"
  subject         = "repo:example/notejam:ref:refs/heads/main"
  provider_exists = false
}

# Where the pipeline pushes the image.
repository = {
  name = "notejam"
  # The second regions of all environments.
  copy_regions = ["eu-central-1"]
}
