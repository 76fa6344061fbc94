# METADATA
# scope: package
# title: What policies about networks share
# description: >-
#   Address ranges that are everybody, and ports in ranges of ports.
package gateproof.lib.network

import data.gateproof.lib.terraform as tf
import rego.v1

# Ranges as wide as /7 are everybody: nobody owns that much of the internet. But fc00::/7 is IPv6's private network.
everybody(addresses) if {
	is_string(addresses)
	regex.match(`^[0-9A-Fa-f.:]+/0*[0-7]$`, addresses)
	not regex.match(`^[Ff][CcDd].*/0*7$`, addresses)
}

# Those of some ports that a range has, first and last included.
within(ports, first, last) := [port | some port in ports; first <= port; port <= last]

# A range of ports at the beginning of a sentence.
range(first, last) := sprintf("port %d is", [first]) if {
	first == last
} else := sprintf("ports %d to %d are", [first, last])

# A verdict on a block of network rules as Azure has them: what they do not name is denied, and that is not everybody.
closed(r, block) := "no" if {
	some addresses in tf.as_list(tf.value(r, array.concat(block, ["ip_rules"])))
	everybody(addresses)
} else := sprintf("may not close it: ip_rules %s", [reason]) if {
	path := array.concat(block, ["ip_rules"])
	tf.value(r, array.concat(block, ["default_action"])) == "Deny"
	not tf.filled_in(r, path)
	reason := tf.why_texts_unreadable(r, path)
} else := tf.verdict(r, array.concat(block, ["default_action"]), {"Deny"})
