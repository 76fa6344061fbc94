package tf.aws.s3

deny[msg] {
  some r
  input.resource_changes[r].type == "aws_s3_bucket"
  b := input.resource_changes[r].change.after
  b.acl == "public-read"; msg := sprintf("S3 %s is public", [b.bucket])
}

deny[msg] {
  some r
  input.resource_changes[r].type == "aws_s3_bucket_server_side_encryption_configuration"
  sse := input.resource_changes[r].change.after.rule.apply_server_side_encryption_by_default
  not startswith(sse.kms_master_key_id, "arn:aws:kms:us-" ); msg := "S3 must use approved KMS key"
}
