# METADATA
# scope: package
# title: Threat detection and configuration recording are on, and stay on
# description: >-
#   GuardDuty and Macie are enabled, for members of the organization too; AWS Config records all types of resources, and
#   its recorder runs; and no plan takes away the last of these, or Security Hub or Inspector.
# custom:
#   id: config-and-guardduty
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC7.1
#     - soc2@2017:CC7.2
#     - nist-800-53@5:CM-2
#     - nist-800-53@5:CM-8
#     - nist-800-53@5:SI-4
#     - pci-dss@4.0.1:11.5.1
#     - hipaa:164.308(a)(1)(ii)(D)
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - aws_config_configuration_recorder
#     - aws_config_configuration_recorder_status
#     - aws_guardduty_detector
#     - aws_guardduty_organization_configuration
#     - aws_inspector2_enabler
#     - aws_macie2_account
#     - aws_securityhub_account
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Leave enable true on aws_guardduty_detector and status "ENABLED" on aws_macie2_account; set
#     auto_enable_organization_members "ALL"; let the recorder record all_supported types, and give it an
#     aws_config_configuration_recorder_status with is_enabled true. Keep one of each.
package gateproof.policies.config_and_guardduty

import data.gateproof.lib.terraform as tf
import rego.v1

yes := {true, "true"}

# Switches, what they must be (null: so is the default), and what is wrong otherwise.
switches := {
	"aws_config_configuration_recorder": {
		"path": ["recording_group", 0, "all_supported"],
		"good": yes | {null},
		"wrong": "some types of resources are not recorded",
	},
	"aws_config_configuration_recorder_status": {
		"path": ["is_enabled"],
		"good": yes,
		"wrong": "the recorder of AWS Config is stopped",
	},
	"aws_guardduty_detector": {
		"path": ["enable"],
		"good": yes | {null},
		"wrong": "GuardDuty is suspended",
	},
	"aws_macie2_account": {
		"path": ["status"],
		"good": {"ENABLED", "", null},
		"wrong": "Macie is paused",
	},
}

# What must not go.
guards := {
	"aws_config_configuration_recorder": "the recorder of AWS Config",
	"aws_config_configuration_recorder_status": "what keeps the recorder of AWS Config running",
	"aws_guardduty_detector": "the GuardDuty detector",
	"aws_inspector2_enabler": "Inspector",
	"aws_macie2_account": "Macie",
	"aws_securityhub_account": "Security Hub",
}

recorders := tf.planned(["aws_config_configuration_recorder"])

organizations := tf.planned(["aws_guardduty_organization_configuration"])

applies contains r.address if some r in tf.planned(object.keys(guards))

applies contains r.address if some r in organizations

applies contains r.address if some r in tf.removed(object.keys(guards))

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(switch_checks, array.concat(recorder_checks, organization_checks))

switch_checks := [check |
	some r in tf.planned(object.keys(switches))
	switch := switches[r.type]
	check := tf.check(r, switch.path, switch.good, switch.wrong)
]

# A recorder runs when something says so, which belongs to it by name or by reference.

running := tf.links(tf.planned(["aws_config_configuration_recorder_status"]), "name", recorders)

recorder_checks := [check |
	some r in recorders
	check := tf.result(r, ["name"], recorder_verdict(r), "the recorder is never started")
]

recorder_verdict(r) := "yes" if {
	tf.linked(running, r, ["name", "id"])
} else := reason if {
	reason := sprintf("may be started: %s", [tf.why_unclear(running, r)])
} else := "no"

# Old providers have auto_enable, which is for new members.

organization_checks := [check |
	some r in organizations
	path := ["auto_enable_organization_members"]
	check := tf.result(r, path, organization_verdict(r, path), "members of the organization are left without GuardDuty")
]

organization_verdict(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	tf.value(r, path) in {"ALL", "NEW"}
} else := "no" if {
	tf.readable(tf.value(r, path))
} else := tf.verdict(r, ["auto_enable"], yes)

# What is taken away, and no other of its type stays.

staying := {r.type | some r in tf.planned(object.keys(guards))}

deny contains {"resource": r.address, "message": message} if {
	some r in tf.removed(object.keys(guards))
	not r.type in staying
	message := sprintf("%s is removed, and the plan has no other", [guards[r.type]])
}
