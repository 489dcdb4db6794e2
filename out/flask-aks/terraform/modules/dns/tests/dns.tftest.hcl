mock_provider "azurerm" {}

variables {
  zone                = "example.com"
  resource_group_name = "flask-application-shared"
  subdomains = {
    flask = { name = "flask", record = "flask-test.duckdns.org", type = "CNAME", ttl = 300 }
  }
}

run "every_type_becomes_its_record" {
  command = plan

  variables {
    subdomains = {
      flask = { name = "flask", record = "flask-test.duckdns.org", type = "CNAME", ttl = 300 }
      root4 = { name = "@", record = "192.0.2.10", type = "A", ttl = 60 }
      root6 = { name = "@", record = "2001:db8::10", type = "AAAA" }
      proof = { name = "_proof", record = "site=1; \"quoted\"", type = "TXT", ttl = 86400 }
    }
  }

  assert {
    condition     = azurerm_dns_cname_record.record["flask"].record == "flask-test.duckdns.org" && azurerm_dns_cname_record.record["flask"].ttl == 300
    error_message = "the CNAME must point at its host"
  }

  assert {
    condition     = tolist(azurerm_dns_a_record.record["root4"].records)[0] == "192.0.2.10"
    error_message = "the A record must hold its address"
  }

  assert {
    condition     = azurerm_dns_aaaa_record.record["root6"].ttl == 300
    error_message = "ttl defaults to five minutes"
  }

  assert {
    condition     = one(azurerm_dns_txt_record.record["proof"].record).value == "site=1; \"quoted\""
    error_message = "a text must arrive unchanged"
  }

  assert {
    condition     = output.fqdns == { flask = "flask.example.com", proof = "_proof.example.com", root4 = "example.com", root6 = "example.com" }
    error_message = "fqdns must name every record"
  }
}

run "only_the_chosen_authority_may_issue" {
  command = plan

  assert {
    condition     = one(azurerm_dns_caa_record.issuers[0].record).value == "letsencrypt.org"
    error_message = "the CAA record must name the issuer in use"
  }
}

run "no_authority_publishes_no_caa" {
  command = plan

  variables {
    certificate_authorities = []
  }

  assert {
    condition     = length(azurerm_dns_caa_record.issuers) == 0
    error_message = "an empty set must not publish an empty record"
  }
}

run "a_zone_with_a_final_dot_is_refused" {
  command = plan

  variables {
    zone = "example.com."
  }

  expect_failures = [var.zone]
}

run "a_zone_of_one_label_is_refused" {
  command = plan

  variables {
    zone = "localhost"
  }

  expect_failures = [var.zone]
}

run "an_unknown_type_is_refused" {
  command = plan

  variables {
    subdomains = { mail = { name = "@", record = "mail.example.com", type = "MX" } }
  }

  expect_failures = [var.subdomains]
}

run "a_ttl_of_a_week_is_refused" {
  command = plan

  variables {
    subdomains = { flask = { name = "flask", record = "192.0.2.10", type = "A", ttl = 604800 } }
  }

  expect_failures = [var.subdomains]
}

run "a_name_with_a_space_is_refused" {
  command = plan

  variables {
    subdomains = { flask = { name = "flask app", record = "192.0.2.10", type = "A" } }
  }

  expect_failures = [var.subdomains]
}

run "an_a_record_with_a_host_name_is_refused" {
  command = plan

  variables {
    subdomains = { flask = { name = "flask", record = "flask-test.duckdns.org", type = "A" } }
  }

  expect_failures = [var.subdomains]
}

run "an_aaaa_record_with_an_ipv4_address_is_refused" {
  command = plan

  variables {
    subdomains = { flask = { name = "flask", record = "192.0.2.10", type = "AAAA" } }
  }

  expect_failures = [var.subdomains]
}

run "a_cname_at_the_apex_is_refused" {
  command = plan

  variables {
    subdomains = { root = { name = "@", record = "flask-test.duckdns.org", type = "CNAME" } }
  }

  expect_failures = [var.subdomains]
}

run "a_cname_with_an_address_is_refused" {
  command = plan

  variables {
    subdomains = { flask = { name = "flask", record = "192.0.2.10", type = "CNAME" } }
  }

  expect_failures = [var.subdomains]
}

run "an_empty_text_is_refused" {
  command = plan

  variables {
    subdomains = { proof = { name = "proof", record = "", type = "TXT" } }
  }

  expect_failures = [var.subdomains]
}

run "two_records_of_one_name_and_type_are_refused" {
  command = plan

  variables {
    subdomains = {
      one = { name = "flask", record = "192.0.2.10", type = "A" }
      two = { name = "Flask", record = "192.0.2.11", type = "A" }
    }
  }

  expect_failures = [var.subdomains]
}

run "a_record_beside_a_cname_is_refused" {
  command = plan

  variables {
    subdomains = {
      one = { name = "flask", record = "flask-test.duckdns.org", type = "CNAME" }
      two = { name = "flask", record = "proof", type = "TXT" }
    }
  }

  expect_failures = [var.subdomains]
}

run "an_authority_that_is_a_url_is_refused" {
  command = plan

  variables {
    certificate_authorities = ["https://letsencrypt.org"]
  }

  expect_failures = [var.certificate_authorities]
}
