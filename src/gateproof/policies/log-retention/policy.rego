# METADATA
# scope: package
# title: Logs are kept long enough
# description: >-
#   Every CloudWatch log group and every CloudTrail event data store keeps what it has for a year, or as long as the
#   parameter says.
# custom:
#   id: log-retention
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC7.2
#     - soc2@2017:CC7.3
#     - nist-800-53@5:AU-11
#     - pci-dss@4.0.1:10.5.1
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - aws_cloudtrail_event_data_store
#     - aws_cloudwatch_log_group
#   layers: [pre-commit, ci, cd]
#   parameters:
#     minimum_days: 365
#     may_be_kept_forever: true
#     exempt_log_groups: []
#   remediation: >-
#     Set retention_in_days of the log group (retention_period of the event data store) to 365 or more.
package gateproof.policies.log_retention

import data.gateproof.lib.terraform as tf
import rego.v1

# Attributes with days, and what AWS does where nobody sets them.
attributes := {
	"aws_cloudtrail_event_data_store": {"name": "retention_period", "default": 2555},
	"aws_cloudwatch_log_group": {"name": "retention_in_days", "default": 0},
}

stores := [r | some r in tf.planned(object.keys(attributes)); not exempt(r)]

applies contains r.address if some r in stores

checks := [check |
	some r in stores
	path := [attributes[r.type].name]
	days := set_days(tf.value(r, path), attributes[r.type].default)
	check := tf.result(r, path, verdict(r, path, days), message(days))
]

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

set_days(null, default_days) := default_days

set_days(value, _) := value if value != null

verdict(r, path, days) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	long_enough(days)
} else := "no"

long_enough(days) if {
	is_number(days)
	days >= data.parameters.minimum_days
}

# For CloudWatch, 0 is forever.
long_enough(0) if data.parameters.may_be_kept_forever

message(days) := "logs are kept forever" if {
	days == 0
} else := sprintf("logs are kept for %v days; at least %d are required", [days, data.parameters.minimum_days])

# Groups of the class DELIVERY hand logs on; AWS sets their retention to a day or two.
exempt(r) if r.values.log_group_class == "DELIVERY"

exempt(r) if {
	some pattern in data.parameters.exempt_log_groups
	glob.match(pattern, null, tf.value(r, ["name"]))
}
