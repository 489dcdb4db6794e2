name        = "notejam"
environment = "prod"
region      = "eu-west-1"

# Any other account is refused.
account_id = "123456789012"

# The name that clients use, and its zone.
zone = "example.com"
host = "notes.example.com"

# Both clusters: while the first one answers, it is where the name leads.
clusters = {
  primary = {
    name   = "notejam-prod"
    region = "eu-west-1"
  }
  secondary = {
    name   = "notejam-prod-recovery"
    region = "eu-central-1"
  }
}
health_path = "/readyz"
