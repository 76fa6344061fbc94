# METADATA
# scope: package
# title: Service control policies deny what nobody may do
# description: >-
#   The service control policies that are attached to the root or to organizational units deny the required actions, on all
#   resources and to everybody but principals that are named, and the organization has service control policies enabled.
# custom:
#   id: organizations-required-denies
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6(10)
#     - nist-800-53@5:AU-9
#     - nist-800-53@5:CM-6
#     - pci-dss@4.0.1:7.3.2
#     - pci-dss@4.0.1:10.3.2
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - aws_organizations_account
#     - aws_organizations_organization
#     - aws_organizations_organizational_unit
#     - aws_organizations_policy
#     - aws_organizations_policy_attachment
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_denies:
#       - cloudtrail:DeleteTrail
#       - cloudtrail:StopLogging
#       - config:DeleteConfigurationRecorder
#       - config:StopConfigurationRecorder
#       - ec2:DisableEbsEncryptionByDefault
#       - guardduty:DeleteDetector
#       - organizations:LeaveOrganization
#       - s3:PutAccountPublicAccessBlock
#   remediation: >-
#     Add the actions to a Deny statement with Resource "*" of an aws_organizations_policy, attach that to the root or to
#     the units by aws_organizations_policy_attachment, and list SERVICE_CONTROL_POLICY in enabled_policy_types. Exempt
#     principals by ArnNotLike on aws:PrincipalArn.
package gateproof.policies.organizations_required_denies

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

organizations := tf.planned(["aws_organizations_organization"])

policies := tf.planned(["aws_organizations_policy"])

# A policy is a service control policy where nobody says of what type it is.
scps := [r | some r in policies; tf.verdict(r, ["type"], service_control) == "yes"]

possible_scps := [r | some r in policies; tf.verdict(r, ["type"], service_control) != "no"]

service_control := {null, "", "SERVICE_CONTROL_POLICY"}

attachments := tf.planned(["aws_organizations_policy_attachment"])

# What is missing is told once: of the organization, else of the first of its policies, else of one that goes.

subject := min({r.address | some r in organizations}) if {
	count(organizations) > 0
} else := min({r.address | some r in possible_scps}) if {
	count(possible_scps) > 0
} else := min({r.address | some r in removed_scps}) if {
	count(tf.removed(["aws_organizations_organization"])) == 0
}

removed_scps := [r |
	some r in tf.removed(["aws_organizations_policy"])
	object.get(r.before, "type", null) in service_control
	some statement in iam.statements(r.before.content)
	some action in required
	denies(statement, action)
]

applies contains subject

applies contains r.address if some r in possible_scps

deny contains {"resource": subject, "message": message} if {
	count(missing) > 0
	count(reasons) == 0
	message := sprintf("no service control policy of the root or a unit denies %s", [concat(", ", sort(missing))])
}

undecided contains {"resource": subject, "reason": reason} if {
	count(missing) > 0
	some reason in reasons
}

missing := required - {action |
	some r in scps
	tf.linked(links, r, ["id"])
	some statement in iam.document(r, ["content"]).statements
	some action in required
	denies(statement, action)
}

required := {lower(action) | some action in data.parameters.required_denies}

# Statements that deny an action to everybody but principals that are named.

denies(statement, action) if {
	statement.Effect == "Deny"
	"*" in tf.as_list(statement.Resource)
	covers(statement, action)
	every operator, conditions in object.get(statement, "Condition", {}) { only_exempts(operator, conditions) }
}

covers(statement, action) if {
	some pattern in iam.actions(statement)
	glob.match(pattern, null, action)
}

covers(statement, action) if {
	statement.NotAction
	every pattern in tf.as_list(statement.NotAction) { not glob.match(lower(pattern), null, action) }
}

only_exempts(operator, conditions) if {
	operator in {"ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike"}
	every key, values in conditions {
		lower(key) == "aws:principalarn"
		every arn in tf.as_list(values) { not regex.match(`^[*?]*$|[:/][*?]+$`, arn) }
	}
}

# Attachments to the root or to units.

wide_attachments := [r | some r in attachments; target(r) == "wide"]

links := tf.links(wide_attachments, "policy_id", scps)

target(r) := "wide" if {
	regex.match(`^(r|ou)-`, tf.value(r, ["target_id"]))
} else := "account" if {
	tf.readable(tf.value(r, ["target_id"]))
} else := "wide" if {
	count(tf.referred(r, "target_id", wide_addresses)) > 0
} else := "account" if {
	count(tf.referred(r, "target_id", account_addresses)) > 0
} else := "unknown"

wide_addresses := {r.address |
	some r in array.concat(organizations, tf.planned(["aws_organizations_organizational_unit"]))
}

account_addresses := {r.address | some r in tf.planned(["aws_organizations_account"])}

# Why something that seems to be missing may be there.

reasons contains reason if {
	some r in scps
	document := iam.document(r, ["content"])
	reason := sprintf("content of %s %s", [r.address, document.reason])
}

reasons contains reason if {
	some r in policies
	reason := sprintf("type of %s %s", [r.address, tf.why_unreadable(r, ["type"])])
}

reasons contains reason if {
	some r in attachments
	target(r) == "unknown"
	reason := sprintf("target_id of %s is known only after apply", [r.address])
}

reasons contains reason if {
	some r in scps
	not tf.linked(links, r, ["id"])
	reason := tf.why_unclear(links, r)
}

reasons contains reason if {
	some r in wide_attachments
	policy := tf.value(r, ["policy_id"])
	tf.readable(policy)
	policy != "p-FullAWSAccess"
	not policy in policy_ids
	reason := sprintf("%s attaches a policy that is not in the plan", [r.address])
}

policy_ids := {tf.value(r, ["id"]) | some r in policies}

# Without the policy type nothing of it has an effect.

policy_types := ["enabled_policy_types"]

type_checks := [tf.result(r, policy_types, verdict(r), "service control policies are not enabled") |
	some r in organizations
]

verdict(r) := "yes" if {
	"SERVICE_CONTROL_POLICY" in tf.as_list(tf.value(r, policy_types))
} else := reason if {
	reason := tf.why_part_unreadable(r, policy_types)
} else := "no"

deny contains found if some found in tf.denied(type_checks)

undecided contains found if some found in tf.undecided(type_checks)
