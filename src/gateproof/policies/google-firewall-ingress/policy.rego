# METADATA
# scope: package
# title: Firewalls of Google Cloud open no administrative or database port to everybody
# description: >-
#   No firewall rule of a network and no rule of a firewall policy lets the whole internet reach all ports, or a port that is
#   for administration or for databases, and no project gets the default network, which does.
# custom:
#   id: google-firewall-ingress
#   version: 1.1.0
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
#     - google_compute_firewall
#     - google_compute_firewall_policy_rule
#     - google_compute_network_firewall_policy_rule
#     - google_compute_region_network_firewall_policy_rule
#     - google_project
#   layers: [pre-commit, ci, cd]
#   parameters:
#     closed_ports: [20, 21, 22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5601, 5984,
#       5985, 5986, 6379, 7001, 8020, 9042, 9092, 9200, 9300, 10250, 11211, 27017, 27018, 27019]
#   remediation: >-
#     Name the ranges, tags or service accounts that need the port in place of 0.0.0.0/0 or ::/0; administrators come through
#     Identity-Aware Proxy (35.235.240.0/20). Set auto_create_network = false on the project.
package gateproof.policies.google_firewall_ingress

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

# How the two generations of rules say where traffic comes from, and what is let in.

rule := {
	"sources": ["source_ranges", "source_tags", "source_service_accounts"],
	"allow": "allow",
	"protocol": "protocol",
}

policy_rule := {
	"sources": [
		"src_ip_ranges", "src_secure_tags", "src_address_groups", "src_fqdns", "src_region_codes",
		"src_threat_intelligences", "src_networks",
	],
	"allow": "layer4_configs",
	"protocol": "ip_protocol",
}

rules := tf.planned(["google_compute_firewall"])

policy_rules := tf.planned([
	"google_compute_firewall_policy_rule",
	"google_compute_network_firewall_policy_rule",
	"google_compute_region_network_firewall_policy_rule",
])

projects := tf.planned(["google_project"])

applies contains r.address if some r in array.concat(rules, array.concat(policy_rules, projects))

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(default_networks, [tf.result(one.r, one.path, verdict(one), message) |
	some one in openings
	message := sprintf("everybody reaches %s", [ports(one)])
])

default_networks := [tf.check(r, ["auto_create_network"], {false, "false"}, "the project gets the default network") |
	some r in projects
]

# What lets traffic in: protocols with ports. A list of them that is not known yet stands for one that may be anything.

openings := array.concat(
	[{"r": r, "at": [], "form": rule, "path": block.path, "block": block.value} |
		some r in rules
		inbound(r)
		some block in allowed(r, ["allow"])
	],
	[{"r": r, "at": ["match", 0], "form": policy_rule, "path": block.path, "block": block.value} |
		some r in policy_rules
		inbound(r)
		not tf.value(r, ["action"]) in {"deny", "goto_next"}
		not tf.value(r, ["match", 0, "src_network_scope"]) in inner_networks
		not tf.value(r, ["match", 0, "src_network_context"]) in inner_networks
		some block in allowed(r, ["match", 0, "layer4_configs"])
	],
)

inner_networks := {"INTRA_VPC", "NON_INTERNET", "VPC_NETWORKS"}

inbound(r) if {
	tf.value(r, ["direction"]) != "EGRESS"
	not tf.value(r, ["disabled"]) in {true, "true"}
}

allowed(r, path) := tf.blocks(r, path) if {
	count(why_no_blocks(r, path)) == 0
} else := [{"path": path, "value": {}}]

why_no_blocks(r, path) := [reason |
	some length in numbers.range(1, count(path))
	reason := tf.why_blocks_unreadable(r, array.slice(path, 0, length))
]

verdict(one) := "yes" if {
	not everybody(one)
	not why_unclear(one)
} else := "yes" if {
	count(unreadable(one)) == 0
	not reaches(one)
} else := unreadable(one)[0] if {
	count(unreadable(one)) > 0
} else := "no" if {
	everybody(one)
} else := why_unclear(one)

# Why it cannot be told whether it is in force, and for which ports.
unreadable(one) := [sprintf("depends on %s, which %s", [tf.name(path), reason]) |
	inside := [array.concat(one.path, [name]) | some name in [one.form.protocol, "ports"]]
	some path in array.concat([["direction"], ["disabled"], ["action"], one.path], inside)
	reason := why_unreadable(one, path)
]

why_unreadable(one, path) := reason if {
	path == one.path
	reason := why_no_blocks(one.r, path)[0]
} else := reason if {
	path != one.path
	reason := tf.why_part_unreadable(one.r, path)
}

# Whom it lets in. Tags and the like add to the ranges; without any of them it is everybody.

source(one, name) := array.concat(one.at, [name])

everybody(one) if {
	some addresses in tf.as_list(tf.value(one.r, source(one, one.form.sources[0])))
	network.everybody(addresses)
}

everybody(one) if {
	not why_unclear(one)
	every name in one.form.sources { not named(one.r, source(one, name)) }
}

named(r, path) if {
	some one in tf.as_list(tf.value(r, path))
	type_name(one) in {"object", "string"}
	one != ""
}

named(r, path) if tf.why_part_unreadable(r, path)

why_unclear(one) := sprintf("is for sources of which %s %s", [tf.name(path), reason]) if {
	path := source(one, one.form.sources[0])
	reason := tf.why_texts_unreadable(one.r, path)
}

# Which ports it is for. Without a list it is all of them, and protocols of other names have none.

protocol(one) := lower(name) if {
	name := one.block[one.form.protocol]
	is_string(name)
} else := "all"

listed(one) := [sprintf("%v", [port]) | some port in tf.as_list(object.get(one.block, "ports", null))]

reaches(one) if protocol(one) == "all"

reaches(one) if {
	protocol(one) in {"tcp", "udp", "sctp", "6", "17", "132"}
	count(listed(one)) == 0
}

reaches(one) if {
	some text in listed(one)
	not harmless(text)
}

harmless(text) if {
	regex.match(`^[0-9]+(-[0-9]+)?$`, text)
	span := [to_number(port) | some port in split(text, "-")]
	count(network.within(data.parameters.closed_ports, span[0], span[count(span) - 1])) == 0
}

ports(one) := sprintf("%s %s", [protocol(one), concat(", ", listed(one))]) if {
	count(listed(one)) > 0
} else := sprintf("all ports (%s)", [protocol(one)])
