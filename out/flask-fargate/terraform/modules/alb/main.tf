locals {
  # A load balancer's name has at most 32 characters; a longer one is cut and stays unique.
  name = length(var.name) <= 32 ? var.name : "${trimsuffix(substr(var.name, 0, 25), "-")}-${substr(sha1(var.name), 0, 6)}"
}

resource "aws_security_group" "alb" {
  name        = "${var.name}-alb"
  description = "Requests to ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-alb" })
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  #checkov:skip=CKV_AWS_260:Open to everybody on purpose; with a certificate it only redirects
  security_group_id = aws_security_group.alb.id
  description       = var.host == null ? "Requests, in the clear" : "Redirected to HTTPS"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  count = var.host == null ? 0 : 1

  security_group_id = aws_security_group.alb.id
  description       = "Requests"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  security_group_id = aws_security_group.alb.id
  description       = "To the tasks"
  ip_protocol       = "tcp"
  from_port         = var.target_port
  to_port           = var.target_port
  cidr_ipv4         = var.vpc_cidr
}

resource "aws_lb" "entry" {
  #checkov:skip=CKV2_AWS_20:Redirects wherever there is a certificate; without one it is a development environment, by an explicit switch
  #checkov:skip=CKV2_AWS_28:A web application firewall is the account's own choice: aws_wafv2_web_acl_association takes the output arn
  #checkov:skip=CKV_AWS_150:On unless the caller switches it off, for environments that come and go
  name               = local.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.alb.id]

  enable_deletion_protection = var.deletion_protection
  # Requests that two servers would read differently never reach the second.
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    enabled = true
  }

  tags = merge(var.tags, { Name = var.name })

  # It tries to write as soon as it is made.
  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "tasks" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it lies a private network
  name_prefix = "${substr(var.name, 0, 5)}-"
  vpc_id      = var.vpc_id
  target_type = "ip"
  protocol    = "HTTP"
  port        = var.target_port

  # As long as the tasks get to finish their requests.
  deregistration_delay = var.drain_seconds

  health_check {
    protocol            = "HTTP"
    path                = var.health_path
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    # A listener needs one at every moment.
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  count = var.host == null ? 0 : 1

  load_balancer_arn = aws_lb.entry.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = aws_acm_certificate_validation.host[0].certificate_arn
  # The default of the API is from 2016.
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
  tags       = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tasks.arn
  }
}

resource "aws_lb_listener" "redirect" {
  count = var.host == null ? 0 : 1

  load_balancer_arn = aws_lb.entry.arn
  protocol          = "HTTP"
  port              = 80
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

# Only where the spec says `http: development`.
resource "aws_lb_listener" "plain" {
  #checkov:skip=CKV_AWS_103:There is no TLS on this listener
  count = var.host == null ? 1 : 0

  load_balancer_arn = aws_lb.entry.arn
  protocol          = "HTTP"
  port              = 80
  tags              = var.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tasks.arn
  }
}
