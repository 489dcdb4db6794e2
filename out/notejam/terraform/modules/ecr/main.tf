resource "aws_kms_key" "images" {
  #checkov:skip=CKV2_AWS_64:The default policy leaves it to the account's own IAM, which is what is wanted
  description             = "Images of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags
}

resource "aws_ecr_repository" "images" {
  name = var.name
  # A version is pushed once and never moved.
  image_tag_mutability = "IMMUTABLE"
  tags                 = var.tags

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }
}

resource "aws_ecr_lifecycle_policy" "images" {
  repository = aws_ecr_repository.images.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "What no tag points to any more"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
      }, {
      rulePriority = 2
      description  = "The newest ${var.kept} images"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.kept }
      action       = { type = "expire" }
    }]
  })
}

# A lost region takes its registry along: what runs elsewhere pulls from a copy. An account has one list of
# copies, so this is the one place that may state it.
resource "aws_ecr_replication_configuration" "copies" {
  count = length(var.copy_regions) > 0 ? 1 : 0

  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = sort(var.copy_regions)

        content {
          region      = destination.value
          registry_id = data.aws_caller_identity.current.account_id
        }
      }

      repository_filter {
        filter      = var.name
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

data "aws_caller_identity" "current" {}

# What the copies are like: versions stay where they are there too.
resource "aws_ecr_repository_creation_template" "copies" {
  for_each = var.copy_regions

  region               = each.value
  prefix               = var.name
  description          = "Copies of ${var.name}"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "AES256"
  }
}

data "aws_iam_policy_document" "push" {
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.images.arn]
  }
}
