mock_provider "helm" {}

run "disks_carry_the_tags_of_the_snapshot_policy" {
  command = plan

  variables {
    volume_tags = { Snapshot = "notejam-prod" }
  }

  assert {
    condition     = yamldecode(helm_release.classes.values[0]).tags == { Snapshot = "notejam-prod" }
    error_message = "without its tag no disk is copied"
  }

  assert {
    condition     = output.class == "gp3-encrypted"
    error_message = "the class has a name"
  }
}

run "without_tags_nothing_would_be_copied" {
  command = plan

  variables {
    volume_tags = {}
  }

  expect_failures = [var.volume_tags]
}

run "a_class_has_no_capitals" {
  command = plan

  variables {
    class       = "Fast"
    volume_tags = { Snapshot = "notejam-prod" }
  }

  expect_failures = [var.class]
}

run "what_is_kept_has_a_class_of_its_own" {
  command = plan

  variables {
    kept_class  = "gp3-encrypted"
    volume_tags = { Snapshot = "notejam-prod" }
  }

  expect_failures = [var.kept_class]
}
