# METADATA
# scope: package
# title: Keys of Cloud KMS rotate and cannot be destroyed in a hurry
# description: >-
#   Symmetric keys rotate at least once in the longest period allowed, and every key waits long enough before a version of it
#   is destroyed.
# custom:
#   id: google-kms-rotation
#   version: 1.1.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-12(1)
#     - pci-dss@4.0.1:3.6.1
#     - pci-dss@4.0.1:3.7.4
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources: [google_kms_crypto_key]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     longest_rotation_days: 365
#     shortest_destruction_days: 14
#   remediation: >-
#     Set rotation_period of the google_kms_crypto_key in seconds, such as "7776000s" for 90 days, and leave
#     destroy_scheduled_duration out or at least at the shortest time.
package gateproof.policies.google_kms_rotation

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

keys := tf.planned(["google_kms_crypto_key"])

applies contains r.address if some r in keys

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.result(r, ["rotation_period"], rotation(r), "the key does not rotate often enough") | some r in keys; rotates(r)],
	[tf.result(r, ["destroy_scheduled_duration"], destruction(r), "versions of the key can be destroyed too soon") | some r in keys],
)

# Google rotates symmetric keys of which it makes the versions.
rotates(r) if {
	not other_purpose(tf.value(r, ["purpose"]))
	not tf.value(r, ["import_only"]) in {true, "true"}
}

other_purpose(purpose) if {
	tf.readable(purpose)
	purpose != "ENCRYPT_DECRYPT"
}

rotation(r) := "yes" if {
	days(tf.value(r, ["rotation_period"])) <= data.parameters.longest_rotation_days
} else := sprintf("may not be needed: %s", [reasons[0]]) if {
	reasons := [sprintf("%s %s", [attribute, reason]) |
		some attribute in ["purpose", "import_only"]
		reason := tf.why_unreadable(r, [attribute])
	]
	count(reasons) > 0
} else := google.verdict(r, ["rotation_period"], {})

# Not set, it is 30 days.
destruction(r) := "yes" if {
	days(tf.value(r, ["destroy_scheduled_duration"])) >= data.parameters.shortest_destruction_days
} else := google.verdict(r, ["destroy_scheduled_duration"], {"", null})

# Durations are seconds, such as "7776000s".
days(text) := to_number(trim_suffix(text, "s")) / 86400 if regex.match(`^[0-9]+(\.[0-9]+)?s$`, text)
