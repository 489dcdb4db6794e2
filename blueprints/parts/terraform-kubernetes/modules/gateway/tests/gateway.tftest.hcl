mock_provider "helm" {}

variables {
  route_namespaces = ["flask-application"]
}

run "the_gateway_api_is_the_default" {
  command = plan

  assert {
    condition     = length(helm_release.envoy_gateway) == 1 && length(helm_release.ingress_nginx) == 0
    error_message = "Envoy Gateway must be installed, and nothing retired"
  }

  assert {
    condition     = length(helm_release.cert_manager) == 0
    error_message = "cert-manager must come only with an issuer"
  }

  assert {
    condition     = output.gateway == { name = "public", namespace = "gateway-system" } && output.class == "envoy"
    error_message = "routes need a parent to attach to"
  }

  assert {
    condition     = yamldecode(helm_release.entry[0].values[0]).routeNamespaces == ["flask-application"]
    error_message = "only the named namespaces may attach"
  }
}

run "an_issuer_brings_cert_manager_and_https" {
  command = plan

  variables {
    listeners = { https = { hostname = "flask-test.duckdns.org", certificate = "flask-application-tls" } }
    acme      = { email = "team@example.com" }
  }

  assert {
    condition     = yamldecode(helm_release.cert_manager[0].values[0]).config.enableGatewayAPI
    error_message = "cert-manager must watch Gateways"
  }

  assert {
    condition     = yamldecode(helm_release.entry[0].values[0]).listeners.https.hostname == "flask-test.duckdns.org"
    error_message = "the listener must reach the chart"
  }

  assert {
    condition     = yamldecode(helm_release.entry[0].values[0]).acme.server == "https://acme-v02.api.letsencrypt.org/directory"
    error_message = "the issuer is the production one unless told otherwise"
  }

  assert {
    condition     = output.issuer == "letsencrypt"
    error_message = "the application must learn the issuer's name"
  }
}

run "the_retired_controller_comes_when_acknowledged" {
  command = plan

  variables {
    controller      = "external-nginx"
    acknowledge_eol = true
    dns_label       = "flask-application"
    acme            = {}
  }

  assert {
    condition     = length(helm_release.envoy_gateway) == 0 && length(helm_release.ingress_nginx) == 1
    error_message = "one controller, not two"
  }

  assert {
    condition = (
      yamldecode(helm_release.ingress_nginx[0].values[0]).controller.ingressClassResource.name == "external-nginx"
      && yamldecode(helm_release.ingress_nginx[0].values[0]).controller.ingressClassResource.controllerValue == "k8s.io/external-nginx"
      && yamldecode(helm_release.ingress_nginx[0].values[0]).controller.allowSnippetAnnotations == false
    )
    error_message = "a class of its own, and no snippets"
  }

  assert {
    condition     = yamldecode(helm_release.ingress_nginx[0].values[0]).controller.service.annotations["service.beta.kubernetes.io/azure-dns-label-name"] == "flask-application"
    error_message = "the load balancer must get its host name"
  }

  assert {
    condition     = output.gateway == null && output.class == "external-nginx"
    error_message = "there is no Gateway to attach to"
  }
}

run "an_edited_template_is_a_change" {
  command = plan

  assert {
    condition     = can(regex("^chart [0-9a-f]{12}$", helm_release.entry[0].description))
    error_message = "the digest of the chart must be part of the release"
  }
}

run "an_unknown_controller_is_refused" {
  command = plan

  variables {
    controller = "traefik"
  }

  expect_failures = [var.controller]
}

run "the_retired_controller_is_refused_without_acknowledgement" {
  command = plan

  variables {
    controller = "external-nginx"
  }

  expect_failures = [var.controller]
}

run "a_namespace_in_upper_case_is_refused" {
  command = plan

  variables {
    namespace = "Gateway"
  }

  expect_failures = [var.namespace]
}

run "a_class_with_a_dot_is_refused" {
  command = plan

  variables {
    class = "envoy.gateway"
  }

  expect_failures = [var.class]
}

run "a_gateway_name_with_a_space_is_refused" {
  command = plan

  variables {
    gateway_name = "the gateway"
  }

  expect_failures = [var.gateway_name]
}

run "a_second_listener_named_http_is_refused" {
  command = plan

  variables {
    listeners = { http = { hostname = "www.example.com", certificate = "www-tls" } }
  }

  expect_failures = [var.listeners]
}

run "a_listener_without_a_domain_is_refused" {
  command = plan

  variables {
    listeners = { https = { hostname = "localhost", certificate = "www-tls" } }
  }

  expect_failures = [var.listeners]
}

run "a_wildcard_by_http_challenge_is_refused" {
  command = plan

  variables {
    listeners = { https = { hostname = "*.example.com", certificate = "www-tls" } }
    acme      = {}
  }

  expect_failures = [var.listeners]
}

run "a_certificate_with_a_slash_is_refused" {
  command = plan

  variables {
    listeners = { https = { hostname = "www.example.com", certificate = "a/b" } }
  }

  expect_failures = [var.listeners]
}

run "listeners_of_an_ingress_controller_are_refused" {
  command = plan

  variables {
    controller      = "external-nginx"
    acknowledge_eol = true
    listeners       = { https = { hostname = "www.example.com", certificate = "www-tls" } }
  }

  expect_failures = [var.listeners]
}

run "a_route_namespace_with_a_star_is_refused" {
  command = plan

  variables {
    route_namespaces = ["*"]
  }

  expect_failures = [var.route_namespaces]
}

run "a_dns_label_that_begins_with_a_digit_is_refused" {
  command = plan

  variables {
    dns_label = "1flask"
  }

  expect_failures = [var.dns_label]
}

run "no_copy_of_the_proxy_is_refused" {
  command = plan

  variables {
    replicas = 0
  }

  expect_failures = [var.replicas]
}

run "an_issuer_with_an_underscore_is_refused" {
  command = plan

  variables {
    acme = { issuer = "lets_encrypt" }
  }

  expect_failures = [var.acme]
}

run "an_issuer_by_plain_http_is_refused" {
  command = plan

  variables {
    acme = { server = "http://acme.example.com/directory" }
  }

  expect_failures = [var.acme]
}

run "an_address_without_a_host_is_refused" {
  command = plan

  variables {
    acme = { email = "team" }
  }

  expect_failures = [var.acme]
}

run "a_range_of_versions_is_refused" {
  command = plan

  variables {
    chart_versions = { cert_manager = "^1.21" }
  }

  expect_failures = [var.chart_versions]
}
