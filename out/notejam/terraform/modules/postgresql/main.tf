locals {
  major = split(".", var.engine_version)[0]
}

resource "aws_kms_key" "database" {
  #checkov:skip=CKV2_AWS_64:The default policy leaves it to the account's own IAM, which is what is wanted
  description             = "PostgreSQL of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

resource "aws_db_subnet_group" "database" {
  name       = var.name
  subnet_ids = var.subnet_ids
  tags       = var.tags
}

# The nodes may come in; nothing may go out.
resource "aws_security_group" "database" {
  name_prefix = "${var.name}-postgresql-"
  description = "PostgreSQL of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-postgresql" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL from the nodes"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = var.client_security_group_id
  tags                         = var.tags
}

resource "aws_db_parameter_group" "database" {
  name_prefix = "${var.name}-"
  family      = "postgres${local.major}"
  description = "PostgreSQL of ${var.name}"
  tags        = var.tags

  # No connection without TLS.
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # Statements that change tables, and those that take longer than a second.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "database" {
  #checkov:skip=CKV_AWS_157:A standby is there unless the spec says that it is not worth its price
  #checkov:skip=CKV_AWS_293:It is protected from deletion unless the spec says that it is not
  #checkov:skip=CKV_AWS_161:The application signs in as a role of its own with a password, as it does on every other PostgreSQL
  #checkov:skip=CKV_AWS_118:CloudWatch and Performance Insights tell enough of a database of this size
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  tags           = var.tags

  allocated_storage     = var.size_gb
  max_allocated_storage = var.max_size_gb
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.database.arn

  # Made and changed by RDS itself, in Secrets Manager: nobody has to know it, and it is not in the state.
  username                      = "postgres"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.database.arn

  db_subnet_group_name   = aws_db_subnet_group.database.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.database.name
  publicly_accessible    = false
  multi_az               = var.standby

  # Any moment of these days can be brought back.
  backup_retention_period  = var.backup_days
  backup_window            = "02:00-03:00"
  maintenance_window       = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot    = true
  delete_automated_backups = false
  snapshot_identifier      = var.snapshot

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.database.arn

  lifecycle {
    # What it was made from is history, and grows old.
    ignore_changes = [snapshot_identifier]
  }
}
