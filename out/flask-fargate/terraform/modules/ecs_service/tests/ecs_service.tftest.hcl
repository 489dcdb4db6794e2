mock_provider "aws" {
  override_during = plan

  mock_data "aws_region" {
    defaults = {
      region = "eu-west-1"
    }
  }

  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111111111111:role/hello"
    }
  }
}

variables {
  name                            = "hello-world-production"
  image                           = "docker.io/example/hello-world:0.0.0"
  cpu                             = 256
  memory                          = 512
  port                            = 5000
  autoscaling                     = { min = 2, max = 6, cpu = 60 }
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1", "subnet-2"]
  load_balancer_security_group_id = "sg-alb"
  target_group_arn                = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/hello/1"
  kms_key_arn                     = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "the_container_can_do_as_little_as_possible" {
  command = plan

  assert {
    condition     = local.container.user == "10001:10001" && local.container.readonlyRootFilesystem && local.container.linuxParameters.capabilities.drop == ["ALL"]
    error_message = "a numeric user, no capabilities, a read-only root"
  }

  assert {
    condition     = [for mount in local.container.linuxParameters.tmpfs : mount.containerPath] == ["/tmp"] && contains(local.container.linuxParameters.tmpfs[0].mountOptions, "mode=1777")
    error_message = "/tmp alone can be written, by everybody"
  }

  assert {
    condition     = aws_ecs_service.service.network_configuration[0].assign_public_ip == false
    error_message = "a task has no public address"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.requests.referenced_security_group_id == "sg-alb" && aws_vpc_security_group_ingress_rule.requests.from_port == 5000
    error_message = "the load balancer alone reaches a task, on its port"
  }
}

run "fargate_runs_two_tasks_and_goes_back_by_itself" {
  command = plan

  assert {
    condition     = aws_ecs_service.service.desired_count == 2 && aws_ecs_service.service.launch_type == "FARGATE"
    error_message = "two tasks on Fargate"
  }

  assert {
    condition     = aws_ecs_service.service.deployment_circuit_breaker[0].rollback && aws_ecs_service.service.deployment_minimum_healthy_percent == 100
    error_message = "no task goes before its successor is healthy"
  }

  assert {
    condition     = aws_ecs_task_definition.first.network_mode == "awsvpc" && aws_ecs_task_definition.first.cpu == "256" && aws_ecs_task_definition.first.memory == "512"
    error_message = "the size is the one asked for"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.first.container_definitions)[0].image == "docker.io/example/hello-world:0.0.0"
    error_message = "the first revision names the image"
  }

  assert {
    condition     = aws_appautoscaling_target.tasks[0].min_capacity == 2 && aws_appautoscaling_target.tasks[0].max_capacity == 6 && aws_appautoscaling_policy.cpu[0].target_tracking_scaling_policy_configuration[0].target_value == 60
    error_message = "the load chooses between two and six"
  }
}

run "without_autoscaling_nothing_scales" {
  command = plan

  variables {
    autoscaling = null
  }

  assert {
    condition     = length(aws_appautoscaling_target.tasks) == 0 && length(aws_appautoscaling_policy.cpu) == 0
    error_message = "no target and no policy"
  }
}

run "secrets_are_read_by_name_and_may_be_read" {
  command = plan

  variables {
    environment         = { GREETING = "Moin", A = "1" }
    secrets             = { TOKEN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:hello-AbCdEf:token::" }
    registry_secret_arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:docker-hub-AbCdEf"
  }

  assert {
    condition     = local.container.secrets == [{ name = "TOKEN", valueFrom = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:hello-AbCdEf:token::" }]
    error_message = "the definition holds where the secret is, not what it is"
  }

  assert {
    condition = toset(local.read_secrets) == toset([
      "arn:aws:secretsmanager:eu-west-1:111111111111:secret:hello-AbCdEf",
      "arn:aws:secretsmanager:eu-west-1:111111111111:secret:docker-hub-AbCdEf",
    ])
    error_message = "exactly these secrets may be read"
  }

  assert {
    condition     = [for variable in local.container.environment : variable.name] == ["A", "GREETING"]
    error_message = "variables come in order, so that nothing changes without a reason"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.first.container_definitions)[0].repositoryCredentials.credentialsParameter == var.registry_secret_arn
    error_message = "a private registry is signed in to"
  }
}

run "logs_are_encrypted_and_kept" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.service.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.service.retention_in_days == 365
    error_message = "a year, with our own key"
  }

  assert {
    condition     = local.container.logConfiguration.options["awslogs-region"] == "eu-west-1" && local.container.stopTimeout == 45
    error_message = "logs go to this region, and a task gets its time to end"
  }
}

run "memory_that_is_not_sold_is_refused" {
  command = plan

  variables {
    cpu    = 1024
    memory = 512
  }

  expect_failures = [var.memory]
}

run "memory_between_two_steps_is_refused" {
  command = plan

  variables {
    memory = 1536
  }

  expect_failures = [var.memory]
}

run "a_large_task_is_sold" {
  command = plan

  variables {
    cpu    = 8192
    memory = 20480
  }

  assert {
    condition     = aws_ecs_task_definition.first.memory == "20480"
    error_message = "20 GiB go with eight processors"
  }
}

run "cpu_that_is_not_sold_is_refused" {
  command = plan

  variables {
    cpu = 300
  }

  expect_failures = [var.cpu]
}

run "a_user_that_a_host_may_have_is_refused" {
  command = plan

  variables {
    user_id = 1000
  }

  expect_failures = [var.user_id]
}

run "a_secret_that_is_a_value_is_refused" {
  command = plan

  variables {
    secrets = { TOKEN = "hunter2" }
  }

  expect_failures = [var.secrets]
}

run "a_range_the_wrong_way_round_is_refused" {
  command = plan

  variables {
    autoscaling = { min = 4, max = 2, cpu = 60 }
  }

  expect_failures = [var.autoscaling]
}

run "a_name_in_capitals_is_refused" {
  command = plan

  variables {
    name = "Hello"
  }

  expect_failures = [var.name]
}

run "a_processor_that_fargate_lacks_is_refused" {
  command = plan

  variables {
    architecture = "RISCV"
  }

  expect_failures = [var.architecture]
}

run "a_service_without_tasks_is_refused" {
  command = plan

  variables {
    tasks = 0
  }

  expect_failures = [var.tasks]
}
