# METADATA
# scope: package
# title: VPCs have flow logs
# description: >-
#   Every VPC has a flow log of its own that records accepted and rejected traffic, and no flow log is taken away from
#   a VPC that stays.
# custom:
#   id: vpc-flow-logs
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.6
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AU-2
#     - nist-800-53@5:AU-12
#     - nist-800-53@5:SI-4
#     - nist-800-53@5:SI-4(4)
#     - pci-dss@4.0.1:10.2.1
#     - hipaa:164.308(a)(1)(ii)(D)
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources: [aws_default_vpc, aws_flow_log, aws_vpc]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     traffic_types: [ALL]
#   remediation: >-
#     Add an aws_flow_log with the vpc_id and traffic_type "ALL" for each VPC, with a log group or a bucket as destination.
package gateproof.policies.vpc_flow_logs

import data.gateproof.lib.terraform as tf
import rego.v1

vpcs := tf.planned(["aws_vpc", "aws_default_vpc"])

# A flow log is for a VPC, a subnet, a network interface or a transit gateway.
flow_logs := [r | some r in tf.planned(["aws_flow_log"]); not for_something_else(r)]

for_something_else(r) if {
	some attribute in ["eni_id", "subnet_id", "transit_gateway_attachment_id", "transit_gateway_id"]
	is_set(r, attribute)
}

is_set(r, attribute) if tf.unknown(r, [attribute])

is_set(r, attribute) if not tf.value(r, [attribute]) in {null, ""}

applies contains r.address if some r in vpcs

applies contains r.address if some r in removed

# Every VPC has one that records what it should, or may have one.

recorded := {type | some type in data.parameters.traffic_types}

good := [r | some r in flow_logs; tf.verdict(r, ["traffic_type"], recorded) == "yes"]

vague := [r | some r in flow_logs; not tf.verdict(r, ["traffic_type"], recorded) in {"yes", "no"}]

links := tf.links(good, "vpc_id", vpcs)

vague_links := tf.links(vague, "vpc_id", vpcs)

unlinked := [r | some r in vpcs; not tf.linked(links, r, ["id"])]

unclear := {r.address: reason | some r in unlinked; reason := why_unclear(r)}

why_unclear(r) := "what its flow log records cannot be read" if {
	tf.linked(vague_links, r, ["id"])
} else := reason if {
	reason := tf.why_unclear(links, r)
} else := tf.why_unclear(vague_links, r)

deny contains {"resource": r.address, "message": message} if {
	some r in unlinked
	not unclear[r.address]
	message := sprintf("the VPC has no flow log of the type %s", [concat(" or ", sort(recorded))])
}

undecided contains {"resource": address, "reason": reason} if some address, reason in unclear

# Flow logs that are taken away from a VPC that stays. Where the plan has the VPC, that is told there.

removed := [r |
	some r in tf.removed(["aws_flow_log"])
	vpc := r.before.vpc_id
	not vpc in {null, ""}
	not vpc in known
]

known := union({
	{id | some r in vpcs; id := tf.value(r, ["id"])},
	{id | some r in good; id := tf.value(r, ["vpc_id"])},
	{id | some r in tf.removed(["aws_vpc", "aws_default_vpc"]); id := r.before.id},
})

deny contains {"resource": r.address, "message": message} if {
	some r in removed
	tf.readable(r.before.vpc_id)
	message := sprintf("the flow log of %s is removed, and the VPC stays", [r.before.vpc_id])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which VPC it was cannot be read"} if {
	some r in removed
	tf.hidden(r.before.vpc_id)
}
