# METADATA
# scope: package
# title: Nobody has static access keys or permissions of their own
# description: >-
#   No active access key or service-specific credential of an IAM user is made, and no policy is attached to a user or
#   written into one: people come through groups or single sign-on, and programs through roles.
# custom:
#   id: iam-no-static-keys
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.2
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-2
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:IA-5
#     - pci-dss@4.0.1:7.2.2
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:8.6.3
#     - hipaa:164.312(d)
#   kinds: [terraform-plan]
#   resources:
#     - aws_iam_access_key
#     - aws_iam_policy_attachment
#     - aws_iam_service_specific_credential
#     - aws_iam_user_policies_exclusive
#     - aws_iam_user_policy
#     - aws_iam_user_policy_attachment
#     - aws_iam_user_policy_attachments_exclusive
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Let programs assume a role (instance profile, task role, OIDC) and people sign in through IAM Identity Center in
#     place of access keys; put users into a group (aws_iam_user_group_membership) and attach the policy to the group.
package gateproof.policies.iam_no_static_keys

import data.gateproof.lib.terraform as tf
import rego.v1

# Credentials that last, and what the types call them. They are active unless it says otherwise.
credentials := {
	"aws_iam_access_key": "a static access key",
	"aws_iam_service_specific_credential": "a static credential for one service",
}

# Resources that give permissions to a single user just by being there, and those that do when they list any.
direct := {
	"aws_iam_user_policy": "a policy is written into a user",
	"aws_iam_user_policy_attachment": "a policy is attached to a user",
}

listing := {
	"aws_iam_policy_attachment": {"attribute": "users", "message": "the policy is attached to users"},
	"aws_iam_user_policies_exclusive": {"attribute": "policy_names", "message": "policies are written into a user"},
	"aws_iam_user_policy_attachments_exclusive": {
		"attribute": "policy_arns",
		"message": "policies are attached to a user",
	},
}

listings := tf.planned(object.keys(listing))

applies contains r.address if some r in tf.planned(object.keys(credentials))

applies contains r.address if some r in tf.planned(object.keys(direct))

applies contains r.address if some r in listings

checks := array.concat(
	[tf.result(r, ["status"], inactive(r), sprintf("%s of a user is active", [credentials[r.type]])) |
		some r in tf.planned(object.keys(credentials))
	],
	[tf.result(r, [listing[r.type].attribute], empty(r, [listing[r.type].attribute]), listing[r.type].message) |
		some r in listings
	],
)

# What is made is active. Older providers know the status only after apply, and nothing refers to anything then.
inactive(r) := "no" if {
	tf.unknown(r, ["status"])
	count(tf.references(r, ["status"])) == 0
} else := tf.verdict(r, ["status"], {"Inactive"})

empty(r, path) := "no" if {
	some one in tf.as_list(tf.value(r, path))
	not one in {null, ""}
} else := reason if {
	reason := tf.why_part_unreadable(r, path)
} else := "yes"

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

deny contains {"resource": r.address, "message": direct[r.type]} if some r in tf.planned(object.keys(direct))
