locals {
  gateway_api = var.controller == "gateway"
  class       = coalesce(var.class, local.gateway_api ? "envoy" : "external-nginx")

  # Helm compares a local chart by its version alone; the digest makes an edited template a change.
  chart_digest = sha256(join("", [
    for file in sort(fileset("${path.module}/chart", "**")) : filesha256("${path.module}/chart/${file}")
  ]))
}

# The chart brings the CRDs of the Gateway API. Proxies run in the namespace of their controller, so
# one namespace holds controller, proxies and Gateway, and one name is enough for a NetworkPolicy.
resource "helm_release" "envoy_gateway" {
  count = local.gateway_api ? 1 : 0

  name             = "envoy-gateway"
  namespace        = var.namespace
  create_namespace = true
  repository       = "oci://docker.io/envoyproxy"
  chart            = "gateway-helm"
  version          = var.chart_versions.envoy_gateway

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600
}

resource "helm_release" "ingress_nginx" {
  count = local.gateway_api ? 0 : 1

  name             = "ingress-nginx"
  namespace        = var.namespace
  create_namespace = true
  repository       = "https://kubernetes.github.io/ingress-nginx"
  chart            = "ingress-nginx"
  version          = var.chart_versions.ingress_nginx

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600

  values = [yamlencode({
    controller = {
      replicaCount = var.replicas

      # A class of its own, so that the controller ignores every Ingress that was not meant for it.
      ingressClass = local.class
      ingressClassResource = {
        name            = local.class
        controllerValue = "k8s.io/${local.class}"
        default         = false
      }

      # Snippets are configuration of the proxy itself, written by whoever may write an Ingress.
      allowSnippetAnnotations = false

      service = {
        externalTrafficPolicy = "Local"
        annotations = merge(
          # The load balancer asks / otherwise, gets 404 and takes the node for dead.
          { "service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path" = "/healthz" },
          var.dns_label == null ? {} : { "service.beta.kubernetes.io/azure-dns-label-name" = var.dns_label },
          var.service_annotations,
        )
      }

      resources = {
        requests = { cpu = "100m", memory = "128Mi" }
        limits   = { memory = "512Mi" }
      }
    }
  })]
}

# After the controller: with Gateway support on, cert-manager needs the CRDs of the Gateway API to start.
resource "helm_release" "cert_manager" {
  count = var.acme == null ? 0 : 1

  name             = "cert-manager"
  namespace        = "cert-manager"
  create_namespace = true
  repository       = "oci://quay.io/jetstack/charts"
  chart            = "cert-manager"
  version          = var.chart_versions.cert_manager

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5
  timeout         = 600

  values = [yamlencode({
    crds   = { enabled = true, keep = true }
    config = { enableGatewayAPI = local.gateway_api }
    resources = {
      requests = { cpu = "20m", memory = "64Mi" }
      limits   = { memory = "256Mi" }
    }
    webhook = {
      resources = {
        requests = { cpu = "10m", memory = "32Mi" }
        limits   = { memory = "128Mi" }
      }
    }
    cainjector = {
      resources = {
        requests = { cpu = "10m", memory = "64Mi" }
        limits   = { memory = "256Mi" }
      }
    }
  })]

  depends_on = [helm_release.envoy_gateway, helm_release.ingress_nginx]
}

# Objects of kinds that the releases above define. A chart, because kubernetes_manifest would need
# those kinds, and the cluster, at plan time.
resource "helm_release" "entry" {
  count = local.gateway_api || var.acme != null ? 1 : 0

  name        = "entry"
  namespace   = var.namespace
  chart       = "${path.module}/chart"
  description = "chart ${substr(local.chart_digest, 0, 12)}"

  atomic          = true
  cleanup_on_fail = true
  max_history     = 5

  values = [yamlencode({
    controller      = var.controller
    class           = local.class
    gateway         = { name = var.gateway_name }
    listeners       = var.listeners
    routeNamespaces = sort(var.route_namespaces)
    replicas        = var.replicas
    acme            = var.acme
    serviceAnnotations = merge(
      var.dns_label == null ? {} : { "service.beta.kubernetes.io/azure-dns-label-name" = var.dns_label },
      var.service_annotations,
    )
  })]

  depends_on = [helm_release.envoy_gateway, helm_release.cert_manager]
}
