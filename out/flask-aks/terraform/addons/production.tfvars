name        = "flask-application"
environment = "production"

# The cluster, which the root cluster made.
resource_group_name = "rg-flask-application-production"
cluster_name        = "flask-application-production"

# The application's namespace.
namespace = "flask-application"

# The way in.
gateway = {
  controller = "gateway"
  namespace  = "gateway-system"
  name       = "public"
  class      = "envoy"
  listeners = {
    https = {
      hostname    = "flask-test.duckdns.org"
      certificate = "flask-application-tls"
    }
  }
  acme = {
    issuer = "letsencrypt"
  }
}

# What deploys: Argo CD, told by these files.
argocd = {
  manifests = ["../../argocd/production/project.yaml", "../../argocd/production/application.yaml"]
}
