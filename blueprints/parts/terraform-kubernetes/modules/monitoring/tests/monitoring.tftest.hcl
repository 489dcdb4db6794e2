mock_provider "helm" {}

variables {
  storage_class = "gp3-encrypted"
}

run "monitors_of_every_release_are_found" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).prometheus.prometheusSpec.serviceMonitorSelectorNilUsesHelmValues == false
    error_message = "otherwise only monitors with the label of this release are scraped"
  }

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).grafana.admin.existingSecret == "grafana-admin" && !can(yamldecode(helm_release.stack.values[0]).grafana.adminPassword)
    error_message = "Grafana must have no password that Terraform knows"
  }
}

run "a_range_is_no_version" {
  command = plan

  variables {
    chart_version = "~91"
  }

  expect_failures = [var.chart_version]
}
