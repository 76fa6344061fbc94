# METADATA
# scope: package
# title: S3 buckets refuse requests without TLS
# description: >-
#   Every bucket has a bucket policy that denies everybody every action, on the bucket and on its objects, where
#   aws:SecureTransport is false.
# custom:
#   id: s3-tls-only
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_s3_bucket
#     - aws_s3_bucket_policy
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the bucket an aws_s3_bucket_policy with a statement that denies s3:* to the principal "*" on the ARN of the
#     bucket and on the same with /*, under the condition Bool aws:SecureTransport "false" and no other.
package gateproof.policies.s3_tls_only

import data.gateproof.lib.iam
import data.gateproof.lib.resource_policies
import data.gateproof.lib.s3
import data.gateproof.lib.terraform as tf
import rego.v1

policies := tf.planned(["aws_s3_bucket_policy"])

links := tf.links(policies, "bucket", s3.buckets)

# Buckets have their policy inline in old providers, and where none is configured it is computed.
alone := s3.alone(links)

with_inline := [r | some r in alone; has_inline(r)]

addresses_with_inline := {r.address | some r in with_inline}

has_inline(r) if tf.why_unreadable(r, ["policy"])

has_inline(r) if {
	not tf.value(r, ["policy"]) in {null, ""}
	not s3.named_in(r, stripped)
}

stripped := s3.stripped("aws_s3_bucket_policy")

documents := [iam.document(r, ["policy"]) | some r in array.concat(policies, with_inline)]

removals := s3.removals("aws_s3_bucket_policy", "bucket policy")

applies contains r.address if some r in s3.buckets

applies contains r.address if some r in policies

applies contains check.resource if some check in removals

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in documents
	not refuses_plain_text(one.statements)
	not one.reason
	message := "the bucket policy does not deny all requests without TLS"
}

deny contains {"resource": r.address, "message": "no bucket policy denies requests without TLS"} if {
	some r in alone
	not r.address in addresses_with_inline
}

deny contains element if some element in tf.denied(removals)

undecided contains element if some element in iam.unreadable(documents)

undecided contains element if some element in s3.unclear(links)

undecided contains element if some element in tf.undecided(removals)

# Statements that together refuse every action on the bucket and on all its objects. AWS takes no policy that names
# another bucket, so which one it names need not be read.

refuses_plain_text(statements) if {
	refused := {resource |
		some statement in statements
		resource_policies.refuses_plain_text(statement)
		some action in iam.actions(statement)
		action in {"*", "s3:*"}
		some resource in tf.as_list(statement.Resource)
	}
	some bucket in refused
	regex.match(`^[^/]+$`, bucket)
	some objects in refused
	regex.match(`^[^/]*/?\*$`, objects)
}
