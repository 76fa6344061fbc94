# METADATA
# scope: package
# title: Default security groups let nothing through
# description: >-
#   Every VPC has its default security group under Terraform, without any rule, so that what names no security group is
#   cut off.
# custom:
#   id: default-security-group
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - pci-dss@4.0.1:1.2.5
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.3.2
#     - pci-dss@4.0.1:2.2.1
#   kinds: [terraform-plan]
#   resources:
#     - aws_default_security_group
#     - aws_default_vpc
#     - aws_security_group_rule
#     - aws_vpc
#     - aws_vpc_security_group_egress_rule
#     - aws_vpc_security_group_ingress_rule
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Add an aws_default_security_group with the vpc_id and no ingress and egress blocks for each VPC, and put rules into
#     security groups of their own.
package gateproof.policies.default_security_group

import data.gateproof.lib.terraform as tf
import rego.v1

vpcs := tf.planned(["aws_vpc", "aws_default_vpc"])

groups := tf.planned(["aws_default_security_group"])

rules := tf.planned([
	"aws_security_group_rule",
	"aws_vpc_security_group_egress_rule",
	"aws_vpc_security_group_ingress_rule",
])

applies contains r.address if some r in array.concat(vpcs, groups)

applies contains r.address if some r in added_rules

applies contains r.address if some r in unclear_rules

# Every VPC has its default group.

links := tf.links(groups, "vpc_id", vpcs)

unlinked := [r | some r in vpcs; not tf.linked(links, r, ["id"])]

unclear := {r.address: reason | some r in unlinked; reason := tf.why_unclear(links, r)}

deny contains {"resource": r.address, "message": message} if {
	some r in unlinked
	not unclear[r.address]
	message := "the default security group of the VPC keeps the rules that AWS gives it"
}

undecided contains {"resource": address, "reason": reason} if some address, reason in unclear

# The group has no rules, neither inside nor beside it. Terraform takes away those that are not written.

checks := [tf.check(r, [direction], {null, []}, sprintf("the default security group has %s rules", [direction])) |
	some r in groups
	some direction in ["ingress", "egress"]
]

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

deny contains {"resource": r.address, "message": "the rule is for a default security group"} if some r in added_rules

undecided contains {"resource": r.address, "reason": "the plan does not say whether the rule is for a default group"} if {
	some r in unclear_rules
}

added_rules := [r | some r in rules; for_default_group(r)]

unclear_rules := [r | some r in rules; not for_default_group(r); count(named_defaults(r)) > 0]

for_default_group(r) if tf.value(r, ["security_group_id"]) in default_ids

for_default_group(r) if {
	count(named_defaults(r)) > 0
	every address in tf.references(r, ["security_group_id"]) { address in default_addresses }
}

# The VPCs and default groups that a rule may be for while its group is not known.
named_defaults(r) := {address |
	not tf.readable(tf.value(r, ["security_group_id"]))
	some address in tf.referred(r, "security_group_id", default_addresses)
}

default_ids := {id |
	some r in array.concat(groups, vpcs)
	id := tf.value(r, [id_attributes[r.type]])
	tf.readable(id)
}

id_attributes := {
	"aws_default_security_group": "id",
	"aws_default_vpc": "default_security_group_id",
	"aws_vpc": "default_security_group_id",
}

# A rule that takes its group from a VPC can only take the default one.
default_addresses := {r.address | some r in array.concat(groups, vpcs)}
