# METADATA
# scope: package
# title: Load balancers speak TLS 1.2 or newer
# description: >-
#   Listeners of application, network and classic load balancers terminate TLS with an approved policy; those for plain
#   HTTP do nothing but redirect to HTTPS or answer by themselves.
# custom:
#   id: load-balancer-tls
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - nist-800-53@5:SC-13
#     - pci-dss@4.0.1:2.2.7
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_alb_listener
#     - aws_alb_listener_rule
#     - aws_elb
#     - aws_lb_listener
#     - aws_lb_listener_rule
#     - aws_lb_ssl_negotiation_policy
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_policies:
#       - ELBSecurityPolicy-TLS13-1-2-*
#       - ELBSecurityPolicy-TLS13-1-3-*
#       - ELBSecurityPolicy-TLS-1-2-*
#       - ELBSecurityPolicy-FS-1-2-*
#     plain_text_ports: [21, 23, 25, 80, 110, 143, 389, 8080]
#   remediation: >-
#     Use protocol HTTPS (TLS on a network load balancer) with ssl_policy "ELBSecurityPolicy-TLS13-1-2-2021-06" and let
#     the listener on port 80 redirect to HTTPS; give every HTTPS or SSL port of an aws_elb an
#     aws_lb_ssl_negotiation_policy with Reference-Security-Policy "ELBSecurityPolicy-TLS-1-2-2017-01".
package gateproof.policies.load_balancer_tls

import data.gateproof.lib.terraform as tf
import rego.v1

# What is judged, found once.

listeners := tf.planned(["aws_lb_listener", "aws_alb_listener"])

rules := tf.planned(["aws_lb_listener_rule", "aws_alb_listener_rule"])

classic := tf.planned(["aws_elb"])

negotiations := tf.planned(["aws_lb_ssl_negotiation_policy"])

applies contains r.address if some r in listeners

applies contains r.address if some r in rules

applies contains r.address if some r in classic

applies contains r.address if some r in negotiations

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(
	array.concat(array.concat(protocol_checks, policy_checks), array.concat(action_checks, rule_checks)),
	array.concat(classic_checks, negotiation_checks),
)

# Listeners of application and network load balancers. Without a port it is a gateway load balancer's, which has no
# protocol; without a protocol it is an application load balancer's for HTTP.

protocol(r) := upper(text) if {
	text := tf.value(r, ["protocol"])
	tf.readable(text)
} else := "GENEVE" if {
	unset(r, ["protocol"])
	unset(r, ["port"])
} else := "HTTP" if {
	unset(r, ["protocol"])
} else := "unknown"

unset(r, path) if {
	tf.value(r, path) in {null, ""}
	not tf.why_unreadable(r, path)
}

protocol_checks := [check |
	some r in listeners
	message := sprintf("protocol %s at port %v is plain text", [protocol(r), tf.value(r, ["port"])])
	check := tf.result(r, ["protocol"], protocol_verdict(r), message)
]

# What HTTP may do is checked below, and so are TLS policies.
protocol_verdict(r) := reason if {
	reason := tf.why_unreadable(r, ["protocol"])
} else := "yes" if {
	protocol(r) in {"GENEVE", "HTTP", "HTTPS", "QUIC", "TLS", "UDP"}
} else := reason if {
	reason := tf.why_unreadable(r, ["port"])
} else := "yes" if {
	protocol(r) in passing_on
	passed_on_at(tf.value(r, ["port"]))
} else := "no"

passed_on_at(port) if {
	is_number(port)
	not port in data.parameters.plain_text_ports
}

# They pass on what may be encrypted between its ends.
passing_on := {"TCP", "TCP_QUIC", "TCP_UDP"}

policy_checks := [check |
	some r in listeners
	protocol(r) in {"HTTPS", "TLS"}
	path := ["ssl_policy"]
	check := tf.result(r, path, policy_verdict(r, path), policy_message(tf.value(r, path)))
]

policy_verdict(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	approved(tf.value(r, path))
} else := "no"

approved(name) if {
	some pattern in data.parameters.approved_policies
	glob.match(pattern, null, name)
}

policy_message(name) := sprintf("TLS policy %q is not approved", [name]) if {
	tf.readable(name)
} else := "no TLS policy is named, and AWS's default allows TLS 1.0"

# What plain HTTP may do.

http_listeners := [r | some r in listeners; protocol(r) == "HTTP"]

action_checks := [check |
	some r in http_listeners
	check := tf.result(r, ["default_action"], action_verdict(r, "default_action"), "plain HTTP is served")
]

action_verdict(r, attribute) := reason if {
	reason := tf.why_blocks_unreadable(r, [attribute])
} else := "yes" if {
	actions := tf.blocks(r, [attribute])
	count(actions) > 0
	every action in actions { harmless(r, action) }
} else := reason if {
	some action in tf.blocks(r, [attribute])
	some path in [["type"], ["redirect", 0, "protocol"]]
	reason := tf.why_unreadable(r, array.concat(action.path, path))
} else := "no"

harmless(_, action) if action.value.type == "fixed-response"

harmless(_, action) if {
	action.value.type == "redirect"
	some redirect in tf.as_list(action.value.redirect)
	redirect.protocol == "HTTPS"
}

# Rules of listeners for plain HTTP.

http_addresses := {r.address | some r in http_listeners}

other_addresses := {r.address | some r in listeners} - http_addresses

http_arns := {r.values.arn | some r in http_listeners; tf.readable(r.values.arn)}

rule_checks := [check |
	some r in rules
	for_http(r)
	check := tf.result(r, ["action"], rule_verdict(r), "a rule of a listener for plain HTTP serves it")
]

for_http(r) if r.values.listener_arn in http_arns

for_http(r) if count(of_http(r)) > 0

of_http(r) := set() if {
	tf.readable(tf.value(r, ["listener_arn"]))
} else := tf.referred(r, "listener_arn", http_addresses)

rule_verdict(r) := "may be for a listener for plain HTTP: the plan does not say which" if {
	action_verdict(r, "action") == "no"
	not tf.readable(tf.value(r, ["listener_arn"]))
	count(tf.referred(r, "listener_arn", other_addresses)) > 0
} else := action_verdict(r, "action")

# Classic load balancers. Each TLS port must have a negotiation policy, by name or by reference; AWS's default is old.

ports := [{"r": r, "path": block.path, "port": port, "protocol": protocol} |
	some r in classic
	some block in tf.blocks(r, ["listener"])
	port := object.get(block.value, "lb_port", null)
	protocol := lower(sprintf("%v", [object.get(block.value, "lb_protocol", "")]))
]

classic_checks := array.concat(
	[check |
		some one in ports
		path := array.concat(one.path, ["lb_protocol"])
		message := sprintf("plain text is served at port %v", [one.port])
		check := tf.result(one.r, path, port_verdict(one, path), message)
	],
	[check |
		some r in classic
		reason := tf.why_blocks_unreadable(r, ["listener"])
		check := tf.result(r, ["listener"], reason, "")
	],
)

port_verdict(one, path) := reason if {
	reason := tf.why_unreadable(one.r, path)
} else := "yes" if {
	one.protocol in {"https", "ssl"}
} else := reason if {
	one.protocol == "tcp"
	reason := tf.why_unreadable(one.r, array.concat(one.path, ["lb_port"]))
} else := "yes" if {
	one.protocol == "tcp"
	passed_on_at(one.port)
} else := "no"

links := {port: tf.links([r | some r in negotiations; r.values.lb_port == port], "load_balancer", classic) |
	some one in ports
	port := one.port
}

negotiation_checks := array.concat(
	[check |
		some one in ports
		one.protocol in {"https", "ssl"}
		message := sprintf("port %v has no TLS policy of its own, and AWS's default allows TLS 1.0", [one.port])
		check := tf.result(one.r, one.path, negotiated(one), message)
	],
	[check |
		some r in negotiations
		check := tf.result(r, ["attribute"], attributes_verdict(r), "the TLS policy allows what is older than TLS 1.2")
	],
)

negotiated(one) := reason if {
	reason := tf.why_unreadable(one.r, array.concat(one.path, ["lb_port"]))
} else := "yes" if {
	tf.linked(links[one.port], one.r, ["name", "id"])
} else := reason if {
	reason := sprintf("may have a TLS policy: %s", [tf.why_unclear(links[one.port], one.r)])
} else := "no"

attributes_verdict(r) := reason if {
	reason := tf.why_blocks_unreadable(r, ["attribute"])
} else := "is known only after apply" if {
	walk(r.unknown.attribute, [_, true])
} else := "yes" if {
	some value in attributes(r)["Reference-Security-Policy"]
	approved(value)
} else := "yes" if {
	"true" in attributes(r)["Protocol-TLSv1.2"]
	every old in old_protocols { object.get(attributes(r), old, {"false"}) == {"false"} }
} else := "no"

old_protocols := ["Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1"]

# The values of each attribute.
attributes(r) := {name: values |
	some block in tf.blocks(r, ["attribute"])
	name := block.value.name
	values := {other.value.value | some other in tf.blocks(r, ["attribute"]); other.value.name == name}
}
