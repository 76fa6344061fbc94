# METADATA
# scope: package
# title: IAM policies allow no wildcard actions
# description: >-
#   No policy of a role, user, group or permission set allows all actions, all but a few, or all actions of a service on all
#   resources, and none of AWS's policies for administrators is attached. Who may assume a role is not meant.
# custom:
#   id: iam-wildcard-actions
#   version: 1.2.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(1)
#     - nist-800-53@5:AC-6(5)
#     - pci-dss@4.0.1:7.2.1
#     - pci-dss@4.0.1:7.2.2
#     - pci-dss@4.0.1:7.2.5
#     - hipaa:164.308(a)(4)(ii)(B)
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_iam_group_policy
#     - aws_iam_group_policy_attachment
#     - aws_iam_policy
#     - aws_iam_policy_attachment
#     - aws_iam_role
#     - aws_iam_role_policy
#     - aws_iam_role_policy_attachment
#     - aws_iam_role_policy_attachments_exclusive
#     - aws_iam_user
#     - aws_iam_user_policy
#     - aws_iam_user_policy_attachment
#     - aws_ssoadmin_managed_policy_attachment
#     - aws_ssoadmin_permission_set_inline_policy
#   layers: [pre-commit, ci, cd]
#   parameters:
#     administrator_policies:
#       - arn:aws*:iam::aws:policy/AdministratorAccess
#       - arn:aws*:iam::aws:policy/IAMFullAccess
#       - arn:aws*:iam::aws:policy/PowerUserAccess
#     services_allowed_everywhere: []
#     rights_to_more_rights:
#       - iam:AddUserToGroup
#       - iam:AttachGroupPolicy
#       - iam:AttachRolePolicy
#       - iam:AttachUserPolicy
#       - iam:CreateAccessKey
#       - iam:CreateLoginProfile
#       - iam:CreatePolicyVersion
#       - iam:PassRole
#       - iam:PutGroupPolicy
#       - iam:PutRolePolicy
#       - iam:PutUserPolicy
#       - iam:SetDefaultPolicyVersion
#       - iam:UpdateAssumeRolePolicy
#       - iam:UpdateLoginProfile
#   remediation: >-
#     List the actions that are needed ("s3:GetObject"), and the ARNs that they are needed on, in place of "*", "s3:*" on
#     "*" or NotAction; attach a policy of your own in place of AdministratorAccess.
package gateproof.policies.iam_wildcard_actions

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

# Attributes that attach policies by ARN.
attaching := {
	"aws_iam_group_policy_attachment": "policy_arn",
	"aws_iam_policy_attachment": "policy_arn",
	"aws_iam_role": "managed_policy_arns",
	"aws_iam_role_policy_attachment": "policy_arn",
	"aws_iam_role_policy_attachments_exclusive": "policy_arns",
	"aws_iam_user_policy_attachment": "policy_arn",
	"aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
}

attachments := [{"r": r, "path": [attaching[r.type]]} | some r in tf.planned(object.keys(attaching))]

documents := [one | some one in iam.identity_documents; not one.r.address in boundaries]

applies contains one.r.address if some one in documents

applies contains one.r.address if some one in attachments

# Policies that only bound what others allow may allow everything. They are told by what refers to them.

holders := tf.planned(["aws_iam_role", "aws_iam_user"])

names_at(r, path) := union({
	{name | some name in tf.references(r, path)},
	{name | some name in tf.as_list(tf.value(r, path)); tf.readable(name)},
})

bounding := {name | some r in holders; some name in names_at(r, ["permissions_boundary"])}

attached := {name | some one in attachments; some name in names_at(one.r, one.path)}

boundaries := {r.address |
	some r in tf.planned(["aws_iam_policy"])
	names := {r.address, tf.value(r, ["arn"])}
	count(names & bounding) > 0
	count(names & attached) == 0
}

# What statements allow.

deny contains {"resource": one.r.address, "path": one.path, "message": message} if {
	some one in documents
	some statement in one.statements
	statement.Effect != "Deny"
	some what in excessive(statement)
	message := sprintf("%s allows %s", [iam.named(statement), what])
}

excessive(statement) := union({
	{"all actions" | some action in iam.actions(statement); iam.every_action(action)},
	{"all actions but those of NotAction" | statement.NotAction},
	{what |
		iam.every_resource(statement)
		some action in iam.actions(statement)
		iam.every_action_of_a_service(action)
		not split(action, ":")[0] in data.parameters.services_allowed_everywhere
		what := sprintf("%s on all resources", [action])
	},
	{what |
		iam.every_resource(statement)
		not statement.Condition
		some action in iam.actions(statement)
		not wildcard(action)
		some right in rights
		glob.match(action, null, right)
		what := sprintf("%s on all resources, and so to have the rights of others", [action])
	},
})

wildcard(action) if iam.every_action(action)

wildcard(action) if iam.every_action_of_a_service(action)

rights := {lower(right) | some right in data.parameters.rights_to_more_rights}

undecided contains one if some one in iam.unreadable(documents)

undecided contains {"resource": one.r.address, "reason": reason} if {
	some one in documents
	some statement in one.statements
	not statement.NotAction
	count(iam.actions(statement)) == 0
	reason := sprintf("%s has a statement without actions", [tf.name(one.path)])
}

# AWS's policies for administrators.

deny contains {"resource": one.r.address, "path": one.path, "message": message} if {
	some one in attachments
	some arn in tf.as_list(tf.value(one.r, one.path))
	some pattern in data.parameters.administrator_policies
	glob.match(pattern, null, arn)
	message := sprintf("%s is attached", [arn])
}

# What is not known yet is none of AWS's policies where it can only be one of the plan.

planned_policies := {r.address | some r in tf.planned(["aws_iam_policy"])}

undecided contains {"resource": one.r.address, "reason": sprintf("%s %s", [tf.name(one.path), reason])} if {
	some one in attachments
	reason := tf.why_texts_unreadable(one.r, one.path)
	not refers_to_planned_policies(one)
}

refers_to_planned_policies(one) if {
	references := {address | some address in tf.references(one.r, one.path)}
	count(references) > 0
	count(references - planned_policies) == 0
}
