# What exists once, for every environment of this application.
name   = "hello-world"
region = "eu-west-1"

# The repository and the exact subject of the tokens that its branch signs in with. An account has one provider
# for all of GitHub: where it has it already, set provider_exists.
github = {
  repository      = "example/hello-world"
  subject         = "repo:example/hello-world:ref:refs/heads/main"
  provider_exists = false
}
