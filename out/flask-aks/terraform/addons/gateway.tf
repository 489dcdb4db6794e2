module "gateway" {
  source = "../modules/gateway"
  count  = var.gateway == null ? 0 : 1

  controller       = var.gateway.controller
  acknowledge_eol  = var.gateway.acknowledge_eol
  namespace        = var.gateway.namespace
  class            = var.gateway.class
  gateway_name     = var.gateway.name
  listeners        = var.gateway.listeners
  route_namespaces = [var.namespace]
  dns_label        = var.gateway.dns_label
  replicas         = var.gateway.replicas
  acme             = var.gateway.acme
}
