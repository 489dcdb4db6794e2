name        = "notejam"
environment = "dev"
region      = "eu-west-1"

# Any other account is refused.
account_id = "123456789012"

# The cluster, which the root cluster made.
cluster_name = "notejam-dev"

# The application's namespace.
namespace = "notejam"

# Whether nodes come and go with the pods that need them.
node_autoscaler = true

# The way in.
gateway = {
  controller = "gateway"
  namespace  = "gateway-system"
  name       = "public"
  class      = "envoy"
  listeners = {
    https = {
      hostname    = "notes.dev.example.com"
      certificate = "notejam-tls"
    }
  }
  acme = {
    issuer = "letsencrypt"
  }
}

# Where certificates are proven by records, whether or not a client reaches this cluster yet.
zone = "example.com"

# What deploys: Argo CD, told by these files; with a second region, the Argo CD of that cluster.
argocd = {
  manifests = ["../../argocd/dev/project.yaml", "../../argocd/dev/application.yaml"]
}

# Prometheus and Grafana.
monitoring = {
  namespace      = "monitoring"
  retention_days = 15
  size           = "20Gi"
}

# Elasticsearch, Kibana and Fluent Bit.
logging = {
  retention_days = 30
  size           = "30Gi"
  nodes          = 1
}
