data "aws_region" "current" {}

resource "aws_ecs_cluster" "cluster" {
  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

resource "aws_cloudwatch_log_group" "service" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-tasks" })
}

resource "aws_vpc_security_group_ingress_rule" "requests" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "From the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  referenced_security_group_id = var.load_balancer_security_group_id
}

# Images, logs and secrets come over HTTPS. Names are asked of the network's own resolver, which no group stops.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.tasks.id
  description       = "Registry, logs, secrets"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  container = {
    name      = "app"
    image     = var.image
    essential = true
    user      = "${var.user_id}:${var.user_id}"

    readonlyRootFilesystem = true
    linuxParameters = {
      capabilities       = { drop = ["ALL"] }
      initProcessEnabled = true
      # In memory, and the only place that can be written. A volume would belong to root.
      tmpfs = [{ containerPath = "/tmp", size = 64, mountOptions = ["mode=1777", "noexec", "nosuid", "nodev"] }]
    }

    portMappings = [{ name = "http", containerPort = var.port, protocol = "tcp", appProtocol = "http" }]
    environment  = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets      = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]

    # Longer than the server gives its requests.
    stopTimeout = min(var.stop_seconds, 120)

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.service.name
        awslogs-region        = data.aws_region.current.region
        awslogs-stream-prefix = "task"
        # A log that cannot be written holds up no request.
        mode            = "non-blocking"
        max-buffer-size = "4m"
      }
    }
  }

  credentials = var.registry_secret_arn == null ? {} : {
    repositoryCredentials = { credentialsParameter = var.registry_secret_arn }
  }
}

# The first revision. Each release registers a next one, which differs in the image alone.
resource "aws_ecs_task_definition" "first" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([merge(local.container, local.credentials)])
  # The revision that runs may be an older one: going back to it must stay possible.
  skip_destroy = true
  tags         = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }
}

resource "aws_ecs_service" "service" {
  name            = var.name
  cluster         = aws_ecs_cluster.cluster.id
  task_definition = aws_ecs_task_definition.first.arn
  launch_type     = "FARGATE"
  desired_count   = var.tasks
  propagate_tags  = "SERVICE"
  tags            = var.tags

  # New tasks are healthy before old ones go, and where they never are, the old ones stay.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60
  availability_zone_rebalancing      = "ENABLED"
  enable_ecs_managed_tags            = true

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = local.container.name
    container_port   = var.port
  }

  lifecycle {
    # The pipeline decides which revision runs, the autoscaler how many tasks.
    ignore_changes = [task_definition, desired_count]
  }

  # Without its rights a task can fetch nothing.
  depends_on = [aws_iam_role_policy.execution]
}
