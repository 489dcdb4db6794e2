mock_provider "helm" {}

variables {
  storage_class = "gp3-encrypted"
}

run "logs_are_kept_as_long_as_asked_for" {
  command = plan

  variables {
    retention_days = 90
  }

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).retentionDays == 90
    error_message = "the retention must reach Elasticsearch"
  }
}

run "fluent_bit_speaks_to_version_9_over_tls_with_a_secret" {
  command = plan

  assert {
    condition = alltrue([
      for line in ["Suppress_Type_Name        On", "tls.verify                On", "Write_Operation           create", "HTTP_Passwd               $${WRITER_PASSWORD}"] :
      strcontains(yamldecode(helm_release.fluent_bit.values[0]).config.outputs, line)
    ])
    error_message = "version 9 refuses types, a data stream takes only new documents, and no password stands here"
  }

  assert {
    condition     = alltrue([for variable in yamldecode(helm_release.fluent_bit.values[0]).env : variable.valueFrom.secretKeyRef.name == "logs-writer"])
    error_message = "user and password come from the Secret"
  }
}

run "half_a_node_is_none" {
  command = plan

  variables {
    nodes = 0.5
  }

  expect_failures = [var.nodes]
}

run "a_namespace_has_no_capitals" {
  command = plan

  variables {
    namespace = "Logging"
  }

  expect_failures = [var.namespace]
}

run "a_range_is_no_version_of_a_chart" {
  command = plan

  variables {
    chart_versions = { fluent_bit = "~0.58" }
  }

  expect_failures = [var.chart_versions]
}

run "another_line_of_elasticsearch_is_refused" {
  command = plan

  variables {
    stack_version = "8.19.0"
  }

  expect_failures = [var.stack_version]
}

run "logs_are_kept_a_day_at_least" {
  command = plan

  variables {
    retention_days = 0
  }

  expect_failures = [var.retention_days]
}
