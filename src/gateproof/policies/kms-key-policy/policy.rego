# METADATA
# scope: package
# title: KMS key policies let nobody in but those they name
# description: >-
#   No policy of a KMS key allows everybody anything, unless a condition narrows that to accounts, organizations or
#   principals that it names.
# custom:
#   id: kms-key-policy
#   version: 1.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:SC-12
#     - pci-dss@4.0.1:3.6.1
#     - pci-dss@4.0.1:3.6.1.3
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - aws_kms_external_key
#     - aws_kms_key
#     - aws_kms_key_policy
#     - aws_kms_replica_external_key
#     - aws_kms_replica_key
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Name accounts, roles or services as the statement's principals in place of "*", or narrow "*" by kms:CallerAccount,
#     aws:PrincipalOrgID or aws:PrincipalArn; kms:ViaService alone lets every account in.
package gateproof.policies.kms_key_policy

import data.gateproof.lib.iam
import data.gateproof.lib.resource_policies
import rego.v1

# Where each type has its policy.
attributes := {
	"aws_kms_external_key": "policy",
	"aws_kms_key": "policy",
	"aws_kms_key_policy": "policy",
	"aws_kms_replica_external_key": "policy",
	"aws_kms_replica_key": "policy",
}

separate := {"aws_kms_key_policy": {"of": "aws_kms_key", "attribute": "key_id", "names": ["key_id", "id", "arn"]}}

documents := resource_policies.documents(attributes, separate)

applies contains one.r.address if some one in documents

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in documents
	some statement in one.statements
	iam.lets_everybody_in(statement)
	message := sprintf("the key policy lets everybody in (%s)", [iam.named(statement)])
}

undecided contains element if some element in iam.unreadable(documents)
