# METADATA
# scope: package
# title: Whatever can be tagged has an owner, a data classification and a tier
# description: >-
#   Every resource of AWS, Azure and Google Cloud that can have tags or labels has the required ones, each with an
#   allowed value, of its own or from the provider's defaults.
# custom:
#   id: required-tags
#   version: 1.0.1
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-16
#     - nist-800-53@5:CM-8
#     - nist-800-53@5:CM-12
#     - nist-800-53@5:RA-2
#     - pci-dss@4.0.1:12.5.1
#     - hipaa:164.308(a)(7)(ii)(E)
#   kinds: [terraform-plan]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_tags:
#       owner: []
#       data_classification: [public, internal, confidential, restricted]
#       tier: ["1", "2", "3"]
#     exempt_types: []
#   remediation: >-
#     Give the resource the tags (labels on Google Cloud) owner, data_classification and tier, or set them for all
#     resources in default_tags of the provider "aws" or default_labels of the provider "google".
package gateproof.policies.required_tags

import data.gateproof.lib.tags
import data.gateproof.lib.terraform as tf
import rego.v1

# Where tags stand, by the beginning of the type: those that a resource sets itself (the first that it has), and those
# that it has together with the provider's defaults, where there are any.

own_attributes := {
	"aws": ["tags"],
	"azurerm": ["tags"],
	"google": ["user_labels", "resource_labels", "labels"],
}

all_attributes := {"aws": "tags_all", "azurerm": null, "google": "terraform_labels"}

nested := {"google_sql_database_instance": ["settings", 0, "user_labels"]}

# Types with one block for each tag, and without the provider's defaults.
with_blocks := {"aws_autoscaling_group"}

# Labels of these are something else.
without_labels := {"google_cloud_identity_group", "google_monitoring_metric_descriptor"}

words := {"aws": "tag", "azurerm": "tag", "google": "label"}

cloud(type) := split(type, "_")[0]

exempt(type) if type in without_labels

exempt(type) if {
	some pattern in data.parameters.exempt_types
	glob.match(pattern, null, type)
}

# What can be tagged is what has the attribute in the plan, be it null or unknown.

judged := [{"r": r, "path": path, "all": all, "word": words[cloud(type)]} |
	some type, found in input.planned
	all := all_attributes[cloud(type)]
	not exempt(type)
	some r in found
	path := place(r)
]

place(r) := path if {
	path := nested[r.type]
} else := ["tag"] if {
	r.type in with_blocks
} else := [attributes[0]] if {
	attributes := [attribute | some attribute in own_attributes[cloud(r.type)]; has(r, attribute)]
}

has(r, attribute) if _ = r.values[attribute]

has(r, attribute) if r.unknown[attribute] == true

applies contains one.r.address if some one in judged

# Most that lack anything have no tags at all.

bare := {one.r.address: message |
	some one in judged
	is_bare(one)
	message := without_tags[one.word]
}

is_bare(one) if {
	not one.r.type in with_blocks
	tf.value(one.r, one.path) in {null, {}}
	object.get(one.r.values, one.all, null) in {null, {}}
	settled(one)
}

without_tags := {word: concat("; ", [complaint | some complaint in complaints]) |
	count(required) > 0
	some word, complaints in missing
}

deny contains {"resource": one.r.address, "message": bare[one.r.address], "path": one.path} if some one in judged

# What the others lack: tags without an allowed value, and why that is not certain.

lacking := [{"one": one, "tags": found, "unclear": unclear} |
	some one in judged
	not bare[one.r.address]
	found := {key: value |
		some key, allowed in required
		value := tag(one, key)
		not accepted(value, allowed)
	}
	count(found) > 0
	unclear := unclear_tags(one, found)
]

required := data.parameters.required_tags

tag(one, key) := value if {
	value := one.r.values[one.all][key]
	value != null
} else := values[0] if {
	one.r.type in with_blocks
	values := [block.value | some block in tag_blocks(one.r); block.key == key]
} else := tf.value(one.r, array.concat(one.path, [key]))

tag_blocks(r) := array.concat(tf.as_list(tf.value(r, ["tag"])), tf.as_list(tf.value(r, ["tags"])))

accepted(value, allowed) if value in allowed

accepted(value, allowed) if {
	value != null
	not tf.hidden(value)
	tags.good(value, allowed)
}

deny contains {"resource": found.one.r.address, "message": concat("; ", complaints), "path": found.one.path} if {
	some found in lacking
	complaints := [complaint(found.one.word, key, value) |
		some key, value in found.tags
		not found.unclear[key]
	]
	count(complaints) > 0
}

undecided contains {"resource": found.one.r.address, "reason": reason} if {
	some found in lacking
	some key, why in found.unclear
	reason := sprintf("%s.%s %s", [tf.name(found.one.path), key, why])
}

complaint(word, key, null) := missing[word][key]

complaint(word, key, value) := tags.complaint(word, key, value, required[key]) if value != null

missing := {word: {key: tags.complaint(word, key, null, allowed) | some key, allowed in required} | some word in words}

# Why tags that are missing may be there after all.

unclear_tags(one, found) := {key: "is sensitive" | some key, value in found; tf.hidden(value)} if {
	settled(one)
} else := {key: reason | some key, value in found; reason := why_unclear(one, key, value)}

# Nothing of the own tags is unknown or hidden, and nothing of the provider's is unknown by itself.
settled(one) if {
	not is_string(tf.value(one.r, one.path))
	object.get(one.r.unknown, one.path[0], false) in {false, {}}
	object.get(one.r.unknown, one.all, false) in {false, true, {}}
}

why_unclear(one, key, value) := "is sensitive" if {
	tf.hidden(value)
} else := reason if {
	reason := tf.why_unreadable(one.r, array.concat(one.path, [key]))
} else := reason if {
	reason := tf.why_unreadable(one.r, one.path)
} else := "is known only after apply" if {
	one.r.unknown[one.all][key] == true
} else := "is known only after apply" if {
	one.r.unknown[one.all] == true
	partly_unknown(one.r, one.path[0])
} else := "is known only after apply" if {
	one.r.type in with_blocks
	some attribute in ["tag", "tags"]
	partly_unknown(one.r, attribute)
}

# The provider gives up on merging with its defaults when any tag is unknown; otherwise it has no defaults to merge.
partly_unknown(r, attribute) if {
	walk(r.unknown[attribute], [_, true])
}
