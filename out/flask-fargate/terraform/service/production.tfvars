# One environment of this application.
name        = "hello-world"
environment = "production"
region      = "eu-west-1"

# Cluster, service and what belongs to them.
service_name = "hello-world-production"

# The network.
vpc = {
  cidr         = "10.30.0.0/16"
  zones        = 2
  nat_per_zone = false
}

# The name that the service answers on, and the zone that proves its certificate.
https = {
  host = "hello.example.com"
  zone = "example.com"
}

# The image of the first revision. There is no such tag: tasks start with the first release.
image = "docker.io/example/hello-world:0.0.0"

# What a task has, and how many there are.
cpu    = 256
memory = 512
tasks  = 2
autoscaling = {
  min = 2
  max = 6
  cpu = 60
}

# What the application is told, and how it answers.
port          = 5000
health_path   = "/readyz"
variables     = {}
user_id       = 10001
drain_seconds = 30

deletion_protection = true
log_days            = 365

# The repository and the exact subject of the tokens that this environment is deployed with.
github = {
  repository = "example/hello-world"
  subject    = "repo:example/hello-world:environment:production"
}
