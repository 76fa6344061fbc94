# METADATA
# scope: package
# title: What policies about tags and labels share
# description: >-
#   Which values a tag may have. Clouds and Kubernetes give tags and labels as text.
package gateproof.lib.tags

import rego.v1

# A tag must have one of the allowed values, in any case; where none are listed, any that is not blank.
good(value, allowed) if {
	is_string(value)
	trim_space(value) != ""
	count(allowed) == 0
}

good(value, allowed) if {
	is_string(value)
	some one in allowed
	lower(value) == lower(one)
}

# What is wrong, for a tag or label that is not good; null where there is none.
complaint(word, key, value, allowed) := sprintf("%s %q is missing", [word, key]) if {
	value == null
} else := sprintf("%s %q is empty", [word, key]) if {
	is_string(value)
	trim_space(value) == ""
} else := sprintf("%s %q is %s; it may be %s", [word, key, json.marshal(value), concat(", ", sort(allowed))]) if {
	count(allowed) > 0
} else := sprintf("%s %q is %s, which is no text", [word, key, json.marshal(value)])
