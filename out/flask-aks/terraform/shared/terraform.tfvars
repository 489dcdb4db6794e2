# What exists once, for every environment of this application.
name                = "flask-application"
location            = "westeurope"
resource_group_name = "rg-flask-application"

# The one registry of this repository.
registry = {
  name                 = "flaskapplication"
  sku                  = "Standard"
  role_assignment_mode = "LegacyRegistryPermissions"
}

# The image that the pipeline pushes; in ABAC mode the only one that it may push.
image_name = "flask-application"

# The repository and the exact subjects of the tokens that its pipeline signs in with.
github = {
  repository = "example/flask-application"
  subjects = {
    branch = "repo:example/flask-application:ref:refs/heads/main"
  }
}

# The zone and its records.
dns = {
  zone = "example.com"
  records = {
    flask = {
      type  = "CNAME"
      ttl   = 300
      value = "flask-test.duckdns.org"
    }
  }
}
