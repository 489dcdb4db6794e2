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

run "nobody_is_told_until_somebody_is_named" {
  command = plan

  assert {
    condition     = !can(yamldecode(helm_release.stack.values[0]).alertmanager.config) && yamldecode(helm_release.stack.values[0]).alertmanager.alertmanagerSpec.secrets == []
    error_message = "the chart's own configuration stays"
  }
}

run "alerts_reach_the_webhook_whose_address_is_a_secret" {
  command = plan

  variables {
    alert_receiver = { secret = "alerts", key = "url" }
  }

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).alertmanager.config.receivers[1].webhook_configs[0].url_file == "/etc/alertmanager/secrets/alerts/url" && yamldecode(helm_release.stack.values[0]).alertmanager.alertmanagerSpec.secrets == ["alerts"]
    error_message = "the address is read from the Secret, and nowhere in the values"
  }

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).alertmanager.config.route.receiver == "team"
    error_message = "every alert goes there unless a route says otherwise"
  }
}

run "alerts_are_mailed_with_a_password_that_is_a_secret" {
  command = plan

  variables {
    alert_receiver = { secret = "alerts", key = "url" }
    alert_mail = {
      to     = ["team@example.com", "oncall@example.com"]
      from   = "alerts@example.com"
      server = "smtp.example.com"
      login  = { username = "alerts", secret = "alert-mail", key = "password" }
    }
  }

  assert {
    condition = yamldecode(helm_release.stack.values[0]).alertmanager.config.receivers[1].email_configs == [{
      to                 = "team@example.com, oncall@example.com"
      from               = "alerts@example.com"
      smarthost          = "smtp.example.com:587"
      auth_username      = "alerts"
      auth_password_file = "/etc/alertmanager/secrets/alert-mail/password"
      require_tls        = true
      send_resolved      = true
    }]
    error_message = "everybody is written to, over TLS, with the password of the Secret"
  }

  assert {
    condition     = yamldecode(helm_release.stack.values[0]).alertmanager.alertmanagerSpec.secrets == ["alerts", "alert-mail"]
    error_message = "both Secrets are mounted"
  }
}

run "a_server_that_knows_the_cluster_needs_no_password" {
  command = plan

  variables {
    alert_mail = { to = ["team@example.com"], from = "alerts@example.com", server = "smtp.example.com", port = 465 }
  }

  assert {
    condition     = !can(yamldecode(helm_release.stack.values[0]).alertmanager.config.receivers[1].email_configs[0].auth_username) && yamldecode(helm_release.stack.values[0]).alertmanager.alertmanagerSpec.secrets == []
    error_message = "nobody signs in, and no Secret is mounted"
  }
}

run "mails_to_nobody_are_refused" {
  command = plan

  variables {
    alert_mail = { to = [], from = "alerts@example.com", server = "smtp.example.com" }
  }

  expect_failures = [var.alert_mail]
}

run "a_password_that_leaves_its_folder_is_refused" {
  command = plan

  variables {
    alert_mail = { to = ["team@example.com"], from = "alerts@example.com", server = "smtp.example.com", login = { username = "alerts", secret = "alert-mail", key = "../password" } }
  }

  expect_failures = [var.alert_mail]
}

run "a_key_that_leaves_its_folder_is_refused" {
  command = plan

  variables {
    alert_receiver = { secret = "alerts", key = "../url" }
  }

  expect_failures = [var.alert_receiver]
}

run "a_namespace_has_no_capitals" {
  command = plan

  variables {
    namespace = "Monitoring"
  }

  expect_failures = [var.namespace]
}

run "measurements_are_kept_a_day_at_least" {
  command = plan

  variables {
    retention_days = 0
  }

  expect_failures = [var.retention_days]
}
