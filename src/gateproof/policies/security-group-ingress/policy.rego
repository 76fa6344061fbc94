# METADATA
# scope: package
# title: Security groups open no administrative or database port to everybody
# description: >-
#   No rule of a security group lets the whole internet, over IPv4, IPv6 or a prefix list, reach all ports, or a port that
#   is for administration or for databases.
# custom:
#   id: security-group-ingress
#   version: 1.0.1
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:AC-17
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - pci-dss@4.0.1:1.2.5
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.2
#     - pci-dss@4.0.1:1.4.4
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_default_security_group
#     - aws_ec2_managed_prefix_list
#     - aws_ec2_managed_prefix_list_entry
#     - aws_security_group
#     - aws_security_group_rule
#     - aws_vpc_security_group_ingress_rule
#   layers: [pre-commit, ci, cd]
#   parameters:
#     closed_ports: [20, 21, 22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5601, 5984,
#       5985, 5986, 6379, 7001, 8020, 9042, 9092, 9200, 9300, 10250, 11211, 27017, 27018, 27019]
#   remediation: >-
#     Name the security group or the address ranges that need the port (source_security_group_id,
#     referenced_security_group_id, cidr_blocks) in place of 0.0.0.0/0 or ::/0, or remove the rule and reach the machine
#     through Session Manager, a VPN or a load balancer.
package gateproof.policies.security_group_ingress

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

# How the two generations of rules name things.
older := {"protocol": "protocol", "ranges": ["cidr_blocks", "ipv6_cidr_blocks"], "lists": "prefix_list_ids"}

newer := {"protocol": "ip_protocol", "ranges": ["cidr_ipv4", "cidr_ipv6"], "lists": "prefix_list_id"}

groups := tf.planned(["aws_security_group", "aws_default_security_group"])

older_rules := [r | some r in tf.planned(["aws_security_group_rule"]); tf.value(r, ["type"]) != "egress"]

newer_rules := tf.planned(["aws_vpc_security_group_ingress_rule"])

applies contains r.address if some r in array.concat(groups, array.concat(older_rules, newer_rules))

# Everything that lets traffic in: blocks of groups, and rules of their own.
openings := array.concat(
	[{"r": r, "path": block.path, "form": older} | some r in groups; some block in tf.blocks(r, ["ingress"])],
	array.concat(
		[{"r": r, "path": [], "form": older} | some r in older_rules],
		[{"r": r, "path": [], "form": newer} | some r in newer_rules],
	),
)

# Those that let in everybody, or may do so, and reach closed ports, or may do so.
exposures := [object.union(one, {"everybody": found, "unclear": unclear, "reached": reached(one)}) |
	some one in openings
	found := everybody(one)
	unclear := why_unclear(one)
	count(found) + count(unclear) > 0
]

deny contains {"resource": one.r.address, "path": one.path, "message": message} if {
	some one in exposures
	count(one.everybody) > 0
	message := sprintf("%s open to %s", [one.reached.ports, concat(" and ", one.everybody)])
}

# It is undecided which ports are open to everybody, or whether those that matter are.

undecided contains {"resource": one.r.address, "reason": one.reached.why} if some one in exposures

undecided contains {"resource": one.r.address, "reason": reason} if {
	some one in exposures
	one.reached.ports
	count(one.everybody) == 0
	some reason in one.unclear
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in groups
	reason := sprintf("ingress %s", [tf.why_unreadable(r, ["ingress"])])
}

undecided contains {"resource": r.address, "reason": "ingress cannot be read"} if {
	some r in groups
	some block in tf.as_list(tf.value(r, ["ingress"]))
	not is_object(block)
}

# The closed ports that it reaches, or why that cannot be told; undefined where it reaches none. A rule that does not say
# which ports it is for counts as one for all.

reached(one) := {"why": reason} if {
	reason := unreadable(one, [one.form.protocol])
} else := {"ports": "all ports are"} if {
	protocol(one) in {"-1", "all", ""}
} else := {"why": reason} if {
	protocol(one) in protocols_with_ports
	reason := unreadable(one, ["from_port", "to_port"])
} else := {"ports": "all ports are"} if {
	protocol(one) in protocols_with_ports
	not is_range(at(one, "from_port"), at(one, "to_port"))
} else := {"ports": network.range(first, last)} if {
	protocol(one) in protocols_with_ports
	first := at(one, "from_port")
	last := at(one, "to_port")
	count(network.within(data.parameters.closed_ports, first, last)) > 0
}

protocols_with_ports := {"tcp", "udp", "6", "17"}

# Whom it lets in, as far as that is everybody, and why that cannot be told.

everybody(one) := array.concat(
	[addresses |
		some place in ranges(one)
		some addresses in tf.as_list(tf.value(one.r, place))
		network.everybody(addresses)
	],
	[sprintf("everybody in %s", [name]) | count(open_lists) > 0; some name in prefix_lists(one); name in open_lists],
)

why_unclear(one) := array.concat(
	[sprintf("%s %s", [tf.name(place), reason]) |
		some place in ranges(one)
		reason := why_no_ranges(one, place)
	],
	[sprintf("an entry of %s cannot be read", [name]) |
		count(unclear_lists) > 0
		some name in prefix_lists(one)
		name in unclear_lists
	],
)

why_no_ranges(one, place) := reason if {
	reason := tf.why_part_unreadable(one.r, place)
} else := "is not a text" if {
	some addresses in tf.as_list(tf.value(one.r, place))
	not is_string(addresses)
}

ranges(one) := [array.concat(one.path, [attribute]) | some attribute in one.form.ranges]

# Prefix lists of the plan, by id, or by address while the id is not known.

prefix_lists(one) := union({
	{name | some name in tf.as_list(at(one, one.form.lists))},
	{name | some name in tf.references(one.r, array.concat(one.path, [one.form.lists]))},
})

entries := array.concat(
	[{"names": [r.address, tf.value(r, ["id"])], "r": r, "path": array.concat(path, ["cidr"])} |
		some r in tf.planned(["aws_ec2_managed_prefix_list"])
		some path in tf.block_paths(r, ["entry"])
	],
	[{"names": names, "r": r, "path": ["cidr"]} |
		some r in tf.planned(["aws_ec2_managed_prefix_list_entry"])
		names := array.concat(tf.references(r, ["prefix_list_id"]), [tf.value(r, ["prefix_list_id"])])
	],
)

open_lists := {name | some entry in entries; network.everybody(tf.value(entry.r, entry.path)); some name in entry.names}

unclear_lists := {name | some entry in entries; unclear_entry(entry); some name in entry.names}

unclear_entry(entry) if tf.why_texts_unreadable(entry.r, entry.path)

unclear_entry(entry) if tf.misplaced(entry.r, entry.path)

# Reading an opening.

at(one, attribute) := tf.value(one.r, array.concat(one.path, [attribute]))

unreadable(one, attributes) := [reason |
	some attribute in attributes
	place := array.concat(one.path, [attribute])
	reason := sprintf("%s %s", [tf.name(place), tf.why_unreadable(one.r, place)])
][0]

protocol(one) := lower(at(one, one.form.protocol)) if {
	is_string(at(one, one.form.protocol))
} else := ""

is_range(first, last) if {
	is_number(first)
	is_number(last)
	first <= last
}
