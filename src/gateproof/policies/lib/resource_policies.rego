# METADATA
# scope: package
# title: What policies about AWS resource policies share
# description: >-
#   Policy documents of keys, queues, topics, repositories and the like, inline or as resources of their own, and
#   statements that refuse requests without TLS.
package gateproof.lib.resource_policies

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

# The documents of resources of some types. `attributes` says where each type has its document; `separate`, of types
# that hold the policy of another: which type that is, by what they name it, and what it may be called there. What is
# computed there is then out of date, and not read.

documents(attributes, separate) := [iam.document(r, [attribute]) |
	some type, attribute in attributes
	links := {other: tf.links(tf.planned([other]), form.attribute, tf.planned([type])) |
		some other, form in separate
		form.of == type
	}
	some r in tf.planned([type])
	not superseded(r, attribute, links, separate)
]

superseded(r, attribute, links, separate) if {
	not attribute in r.configured
	some other, found in links
	tf.linked(found, r, separate[other].names)
}

# Statements that refuse whoever comes without TLS, and under no other condition.

refuses_plain_text(statement) if {
	statement.Effect == "Deny"
	everyone(statement.Principal)
	without_tls(statement.Condition)
}

everyone(principal) if "*" in tf.as_list(principal)

everyone(principal) if "*" in tf.as_list(principal.AWS)

without_tls(condition) if {
	count(condition) == 1
	some operator in ["Bool", "BoolIfExists"]
	count(condition[operator]) == 1
	some key, value in condition[operator]
	lower(key) == "aws:securetransport"
	value in {false, "false", [false], ["false"]}
}
