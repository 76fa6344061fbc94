# METADATA
# scope: package
# title: Roles and users have a permissions boundary
# description: >-
#   Every IAM role and user has an approved permissions boundary, and a boundary of the plan bounds something: it does not
#   allow all actions on all resources without a word of denial.
# custom:
#   id: iam-permission-boundary
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(10)
#     - pci-dss@4.0.1:7.2.1
#     - pci-dss@4.0.1:7.2.5
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources: [aws_iam_policy, aws_iam_role, aws_iam_user]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_boundaries:
#       - arn:aws*:iam::????????????:policy/*
#     approve_planned_policies: true
#     exempt_paths:
#       - /aws-reserved/*
#       - /aws-service-role/*
#   remediation: >-
#     Set permissions_boundary to the ARN of the organization's boundary policy; let the boundary list what may ever be
#     allowed, or deny what must not be.
package gateproof.policies.iam_permission_boundary

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

place := ["permissions_boundary"]

holders := [r | some r in tf.planned(["aws_iam_role", "aws_iam_user"]); not exempt(r)]

exempt(r) if {
	some pattern in data.parameters.exempt_paths
	glob.match(pattern, null, tf.value(r, ["path"]))
}

applies contains r.address if some r in holders

applies contains r.address if some r in boundaries

# Every role and user has a boundary, and it is an approved one.

checks := [tf.result(r, place, verdict(r, tf.value(r, place)), message(tf.value(r, place))) | some r in holders]

verdict(r, arn) := "yes" if {
	some pattern in data.parameters.approved_boundaries
	glob.match(pattern, null, arn)
} else := "yes" if {
	data.parameters.approve_planned_policies
	tf.unknown(r, place)
	only_planned_policies(tf.references(r, place))
} else := reason if {
	reason := tf.why_unreadable(r, place)
} else := "no"

only_planned_policies(addresses) if {
	count(addresses) > 0
	every address in addresses { address in planned_addresses }
}

planned_policies := tf.planned(["aws_iam_policy"])

planned_addresses := {r.address | some r in planned_policies}

message(arn) := sprintf("permissions_boundary is %s, which is not an approved boundary", [arn]) if {
	tf.readable(arn)
} else := "there is no permissions boundary"

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

# Boundaries that the plan makes.

used := {name |
	some r in holders
	some name in array.concat(tf.references(r, place), [tf.value(r, place)])
	tf.readable(name)
}

boundaries := [r | some r in planned_policies; some name in [r.address, tf.value(r, ["arn"])]; name in used]

documents := [iam.document(r, ["policy"]) | some r in boundaries]

undecided contains found if some found in iam.unreadable(documents)

deny contains {"resource": one.r.address, "path": one.path, "message": message} if {
	some one in documents
	some statement in one.statements
	allows_everything(statement)
	not denies_something(one.statements)
	message := sprintf("as a boundary it bounds nothing: %s allows all actions on all resources", [iam.named(statement)])
}

allows_everything(statement) if {
	statement.Effect == "Allow"
	not statement.Condition
	iam.every_resource(statement)
	some action in iam.actions(statement)
	iam.every_action(action)
}

denies_something(statements) if {
	some statement in statements
	statement.Effect == "Deny"
}
