# METADATA
# scope: package
# title: Azure network security groups open no administrative or database port to everybody
# description: >-
#   No rule of a network security group lets the whole internet reach all ports, or a port that is for administration or
#   for databases.
# custom:
#   id: azure-network-ingress
#   version: 1.0.0
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
#     - azurerm_network_security_group
#     - azurerm_network_security_rule
#   layers: [pre-commit, ci, cd]
#   parameters:
#     closed_ports: [20, 21, 22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5601, 5984,
#       5985, 5986, 6379, 7001, 8020, 9042, 9092, 9200, 9300, 10250, 11211, 27017, 27018, 27019]
#   remediation: >-
#     Name the address ranges, the service tag or the application security group that needs the port in place of "*",
#     "Internet" or 0.0.0.0/0, or remove the rule and reach the machine through Azure Bastion, a VPN or a load balancer.
package gateproof.policies.azure_network_ingress

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

groups := tf.planned(["azurerm_network_security_group"])

rules := tf.planned(["azurerm_network_security_rule"])

applies contains r.address if some r in array.concat(groups, rules)

# Rules of their own, and those inside groups.
all_rules := array.concat(
	[{"r": r, "path": []} | some r in rules],
	[{"r": r, "path": block.path} | some r in groups; some block in tf.blocks(r, ["security_rule"])],
)

# Those that let in everybody, or may do so, and reach closed ports, or may do so.
exposures := [{"rule": one, "everybody": everybody, "reached": reached, "unclear": unclear} |
	some one in all_rules
	everybody := everyone(one)
	hidden_sources := unreadable(one, sources)
	count(everybody) + count(hidden_sources) > 0
	not harmless(one)
	reached := open_ports(one)
	hidden_ports := unreadable(one, destinations)
	count(reached) + count(hidden_ports) > 0
	unclear := array.concat(unreadable(one, effects), array.concat(hidden_sources, hidden_ports))
]

deny contains {"resource": one.rule.r.address, "path": one.rule.path, "message": message} if {
	some one in exposures
	certain(one)
	message := sprintf("%s open to %s", [one.reached[0], one.everybody[0]])
}

undecided contains {"resource": one.rule.r.address, "reason": one.unclear[0]} if {
	some one in exposures
	not certain(one)
}

certain(one) if {
	count(one.everybody) > 0
	count(one.reached) > 0
	count(unreadable(one.rule, effects)) == 0
}

undecided contains {"resource": r.address, "reason": sprintf("security_rule %s", [reason])} if {
	some r in groups
	reason := tf.why_unreadable(r, ["security_rule"])
}

undecided contains {"resource": r.address, "reason": "security_rule cannot be read"} if {
	some r in groups
	some block in tf.as_list(tf.value(r, ["security_rule"]))
	not is_object(block)
}

# A rule matters where it allows, inwards, what has ports.

effects := ["access", "direction", "protocol"]

harmless(one) if {
	some attribute, words in {"access": {"deny"}, "direction": {"outbound"}, "protocol": {"icmp", "esp", "ah"}}
	lower(tf.value(one.r, array.concat(one.path, [attribute]))) in words
}

# Whom it lets in, as far as that is everybody.

sources := ["source_address_prefix", "source_address_prefixes"]

everyone(one) := [source | some source in entries(one, sources); anybody(source)]

anybody(source) if not is_string(source)

anybody(source) if lower(source) in {"*", "any", "internet", "0.0.0.0"}

anybody(source) if network.everybody(source)

# The closed ports that it reaches. A rule that says none counts as one for all.

destinations := ["destination_port_range", "destination_port_ranges"]

open_ports(one) := [network.range(first, last) |
	some ports in destination_ports(one)
	[first, last] := span(ports)
	count(network.within(data.parameters.closed_ports, first, last)) > 0
]

destination_ports(one) := found if {
	found := [ports | some ports in entries(one, destinations); not tf.hidden(ports)]
	count(found) + count(unreadable(one, destinations)) > 0
} else := ["*"]

span(ports) := [to_number(ends[0]), to_number(ends[count(ends) - 1])] if {
	regex.match(`^\d{1,5}(-\d{1,5})?$`, ports)
	ends := split(ports, "-")
} else := [0, 65535]

# Reading a rule.

entries(one, attributes) := [entry |
	some attribute in attributes
	some entry in tf.as_list(tf.value(one.r, array.concat(one.path, [attribute])))
	entry != ""
]

unreadable(one, attributes) := [sprintf("%s %s", [tf.name(path), reason]) |
	some attribute in attributes
	path := array.concat(one.path, [attribute])
	reason := tf.why_part_unreadable(one.r, path)
]
