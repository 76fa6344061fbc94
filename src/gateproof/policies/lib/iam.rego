# METADATA
# scope: package
# title: What policies about AWS policy documents share
# description: >-
#   Statements, principals, actions and conditions of policy documents (IAM, resource policies, service control policies)
#   as AWS reads them: one or many, names in any case, `*` and `?` as wildcards.
package gateproof.lib.iam

import data.gateproof.lib.terraform as tf
import rego.v1

# Where policy documents stand, by type: attributes that hold one each, as text.
document_attributes := {
	"aws_iam_group_policy": ["policy"],
	"aws_iam_policy": ["policy"],
	"aws_iam_role_policy": ["policy"],
	"aws_iam_user_policy": ["policy"],
	"aws_ssoadmin_permission_set_inline_policy": ["inline_policy"],
}

# Policies of identities: what a principal may do. Documents inline in a role are among them.
identity_documents := array.concat(
	[document(r, [attribute]) |
		some r in tf.planned(object.keys(document_attributes))
		some attribute in document_attributes[r.type]
	],
	array.concat(
		[document(r, array.concat(block.path, ["policy"])) |
			some r in tf.planned(["aws_iam_role"])
			some block in tf.blocks(r, ["inline_policy"])
		],
		[{"r": r, "path": ["inline_policy"], "reason": reason} |
			some r in tf.planned(["aws_iam_role"])
			reason := why_unreadable(r, ["inline_policy"])
		],
	),
)

why_unreadable(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := tf.why_no_blocks(r, path)

# A place with a document: its statements, or why there are none to read.
document(r, path) := {"r": r, "path": path, "statements": found} if {
	found := statements(tf.value(r, path))
} else := {"r": r, "path": path, "reason": reason} if {
	reason := tf.why_unreadable(r, path)
} else := {"r": r, "path": path, "reason": "is not a policy document"} if {
	not tf.value(r, path) in {null, ""}
} else := {"r": r, "path": path, "statements": []}

# The statements of a document; undefined when it is none.
statements(text) := found if {
	tf.readable(text)
	json.is_valid(text)
	found := tf.as_list(json.unmarshal(text).Statement)
	every statement in found { is_string(statement.Effect) }
}

# What cannot be read of documents, as elements of a policy's `undecided`.
unreadable(documents) := [{"resource": one.r.address, "reason": sprintf("%s %s", [tf.name(one.path), one.reason])} |
	some one in documents
	one.reason
]

# Names in AWS are matched without regard to case.
actions(statement) := [lower(action) | some action in tf.as_list(statement.Action); is_string(action)]

# Actions that are all of AWS, and those that are all of a service.
every_action(action) if regex.match(`^[*?:]*\*[*?:]*$`, action)

every_action_of_a_service(action) if regex.match(`^[^:]*[^:*?][^:]*:[*?]*\*[*?]*$`, action)

# Whether a statement is about all resources of a kind or more: `*`, an ARN with nothing but wildcards where it names the
# resource, or all but a few.
every_resource(statement) if statement.NotResource

every_resource(statement) if not statement.Resource

every_resource(statement) if {
	some resource in tf.as_list(statement.Resource)
	regex.match(`^(arn(:[^:]*){0,4}:)?[*?/:]*\*[*?/:]*$|^[^:*?]*(:[^:*?]*){0,4}[*?]*\*[*?/:]*$`, resource)
}

# How messages name a statement.
named(statement) := sprintf("statement %q", [statement.Sid]) if {
	is_string(statement.Sid)
	statement.Sid != ""
} else := "a statement"

# Whether a statement is for everybody, or for everybody but a few.
for_everybody(statement) if anyone(statement.Principal)

for_everybody(statement) if statement.NotPrincipal

anyone(principal) if "*" in tf.as_list(principal)

anyone(principal) if {
	some names in principal
	"*" in tf.as_list(names)
}

# Whether a condition narrows a statement to principals or networks that it names.

narrowing_operators := {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"}

narrowing_keys := {
	"aws:principalaccount",
	"aws:principalarn",
	"aws:principalorgid",
	"aws:principalorgpaths",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:sourceip",
	"aws:sourceorgid",
	"aws:sourceowner",
	"aws:sourcevpc",
	"aws:sourcevpce",
	"aws:userid",
	"aws:vpcsourceip",
	"kms:calleraccount",
	"s3:dataaccesspointaccount",
	"s3:dataaccesspointarn",
}

# For keys with many values any that matches is enough. ForAllValues also holds where the request has none, as IfExists does.
narrowed(statement) if {
	some quantified, conditions in statement.Condition
	operator := trim_prefix(quantified, "ForAnyValue:")
	operator in narrowing_operators
	some key, values in conditions
	lower(key) in narrowing_keys
	listed := tf.as_list(values)
	count(listed) > 0
	every one in listed { narrow(operator, one) }
}

# As AWS itself tells public policies: a fixed value, or an ARN with a wildcard after its account.
narrow("IpAddress", text) if {
	is_string(text)
	not regex.match(`/0*[0-7]$`, text)
}

narrow(operator, text) if {
	operator != "IpAddress"
	is_string(text)
	not regex.match(`[*?]|\$\{`, text)
}

narrow(operator, text) if {
	operator in {"ArnEquals", "ArnLike", "StringLike"}
	regex.match(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:`, text)
}

# Paths below an organization (aws:PrincipalOrgPaths).
narrow("StringLike", text) if regex.match(`^o-[a-z0-9]{10,32}/`, text)

# Statements that let everybody in.
lets_everybody_in(statement) if {
	statement.Effect == "Allow"
	for_everybody(statement)
	not narrowed(statement)
}
