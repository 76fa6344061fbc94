# The payments service: receipts in S3, the ledger in PostgreSQL, one key for both.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

variable "ledger_password" {
  type      = string
  sensitive = true
}

resource "aws_kms_key" "payments" {
  description         = "payments data"
  enable_key_rotation = true
}

module "receipts" {
  source      = "./modules/bucket"
  name        = "acme-payments-receipts"
  kms_key_arn = aws_kms_key.payments.arn
}

resource "aws_db_instance" "ledger" {
  identifier        = "payments-ledger"
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 50
  storage_encrypted = true
  kms_key_id        = aws_kms_key.payments.arn
  username          = "ledger"
  password          = var.ledger_password
}
