# METADATA
# scope: package
# title: CloudTrail records every region, and its logs cannot be changed unseen
# description: >-
#   Every trail is switched on, covers all regions and global services, records all management events, validates its log
#   files and encrypts them with a KMS key of the customer; event data stores cover all regions and are protected from
#   deletion; and no plan takes the last trail away.
# custom:
#   id: cloudtrail
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC7.2
#     - soc2@2017:CC7.3
#     - nist-800-53@5:AU-2
#     - nist-800-53@5:AU-9
#     - nist-800-53@5:AU-12
#     - pci-dss@4.0.1:10.2.1
#     - pci-dss@4.0.1:10.2.1.2
#     - pci-dss@4.0.1:10.3.2
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - aws_cloudtrail
#     - aws_cloudtrail_event_data_store
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Set is_multi_region_trail, enable_log_file_validation and kms_key_id on the trail, leave enable_logging and
#     include_global_service_events true, and record management events of type All. Keep one such trail.
package gateproof.policies.cloudtrail

import data.gateproof.lib.terraform as tf
import rego.v1

yes := {true, "true"}

# Switches, what they must be (null: so is the default), and what is wrong otherwise.
switches := {
	"aws_cloudtrail": {
		"enable_logging": {"good": yes | {null}, "wrong": "the trail is switched off"},
		"is_multi_region_trail": {"good": yes, "wrong": "the trail records one region only"},
		"include_global_service_events": {
			"good": yes | {null},
			"wrong": "the trail leaves out global services such as IAM",
		},
		"enable_log_file_validation": {"good": yes, "wrong": "log files can be changed unseen: they are not validated"},
	},
	"aws_cloudtrail_event_data_store": {
		"multi_region_enabled": {"good": yes | {null}, "wrong": "the event data store records one region only"},
		"termination_protection_enabled": {
			"good": yes | {null},
			"wrong": "the event data store can be deleted: termination protection is off",
		},
	},
}

keys := ["aws_kms_key", "aws_kms_alias", "aws_kms_replica_key", "aws_kms_external_key"]

recorders := tf.planned(object.keys(switches))

trails := tf.planned(["aws_cloudtrail"])

applies contains r.address if some r in recorders

checks := array.concat(switch_checks, array.concat(key_checks, selector_checks))

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

switch_checks := [check |
	some r in recorders
	some attribute, switch in switches[r.type]
	check := tf.check(r, [attribute], switch.good, switch.wrong)
]

key_checks := [check |
	some r in trails
	path := ["kms_key_id"]
	check := tf.result(r, path, tf.names_one(r, path, keys), "log files are encrypted without a KMS key of the customer")
]

# Without selectors a trail records all management events; with selectors one of them must.

selector_checks := [check |
	some r in trails
	some attribute in ["event_selector", "advanced_event_selector"]
	selectors := tf.blocks(r, [attribute])
	some verdict in selection(r, attribute, selectors)
	check := tf.result(r, [attribute], verdict, "the selectors leave out management events")
]

selection(r, attribute, selectors) := {reason} if {
	reason := tf.why_unreadable(r, [attribute])
} else := set() if {
	tf.value(r, [attribute]) in {[], null}
} else := {"yes"} if {
	some selector in selectors
	not partly_unknown(r, selector)
	all_management(attribute, selector.value)
} else := {"is known only after apply"} if {
	some selector in selectors
	partly_unknown(r, selector)
} else := {"no"}

partly_unknown(r, selector) if walk(object.get(r.unknown, selector.path, null), [_, true])

all_management("event_selector", selector) if {
	object.get(selector, "include_management_events", null) in (yes | {null})
	object.get(selector, "read_write_type", null) in {"All", "", null}
	object.get(selector, "exclude_management_event_sources", null) in {[], null}
}

all_management("advanced_event_selector", selector) if {
	some field in selector.field_selector
	"Management" in field.equals
	every other in selector.field_selector { other.field == "eventCategory" }
}

# A trail that is taken away, and no other in the plan.

removed_trails := tf.removed(["aws_cloudtrail"])

applies contains r.address if some r in removed_trails

deny contains {"resource": r.address, "message": "the trail is removed, and the plan has no other"} if {
	some r in removed_trails
	count(trails) == 0
}
