# METADATA
# scope: package
# title: Buckets of Cloud Storage are not public
# description: >-
#   Every bucket enforces public access prevention and uniform access, and no grant or ACL of a bucket, a folder or an object
#   is for everybody.
# custom:
#   id: google-storage-not-public
#   version: 1.1.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:7.3.3
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - google_storage_bucket
#     - google_storage_bucket_access_control
#     - google_storage_bucket_acl
#     - google_storage_bucket_iam_binding
#     - google_storage_bucket_iam_member
#     - google_storage_bucket_iam_policy
#     - google_storage_default_object_access_control
#     - google_storage_default_object_acl
#     - google_storage_managed_folder_iam_binding
#     - google_storage_managed_folder_iam_member
#     - google_storage_managed_folder_iam_policy
#     - google_storage_object_access_control
#     - google_storage_object_acl
#   layers: [pre-commit, ci, cd]
#   parameters:
#     accepted_prevention: [enforced]
#   remediation: >-
#     Set public_access_prevention = "enforced" and uniform_bucket_level_access = true on the bucket, and name groups and
#     service accounts in place of allUsers and allAuthenticatedUsers.
package gateproof.policies.google_storage_not_public

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

# Where lists of access and single entries say whom they are for, and what must not be there.

public_acls := {"publicRead", "publicReadWrite", "authenticatedRead"}

lists := tf.planned([
	"google_storage_bucket_acl",
	"google_storage_default_object_acl",
	"google_storage_object_acl",
])

entries := tf.planned([
	"google_storage_bucket_access_control",
	"google_storage_default_object_access_control",
	"google_storage_object_access_control",
])

grants := tf.planned([
	"google_storage_bucket_iam_binding",
	"google_storage_bucket_iam_member",
	"google_storage_bucket_iam_policy",
	"google_storage_managed_folder_iam_binding",
	"google_storage_managed_folder_iam_member",
	"google_storage_managed_folder_iam_policy",
])

buckets := tf.planned(["google_storage_bucket"])

applies contains r.address if some r in array.concat(array.concat(buckets, grants), array.concat(lists, entries))

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(preventions, [google.closed(r, {}) | some r in grants]),
	array.concat(array.concat(uniform, predefined), array.concat(listed, single)),
)

# What nobody sets is inherited from the organization.

preventions := [google.check(r, ["public_access_prevention"], good, "public access is not prevented") |
	good := {name | some name in data.parameters.accepted_prevention} | {null | "inherited" in data.parameters.accepted_prevention}
	some r in buckets
]

uniform := [check |
	some r in buckets
	check := google.check(r, ["uniform_bucket_level_access"], {true, "true"}, "objects may have ACLs of their own")
]

predefined := [tf.result(r, ["predefined_acl"], verdict, sprintf("the ACL %v is public", [acl])) |
	some r in lists
	acl := tf.value(r, ["predefined_acl"])
	verdict := predefined_verdict(r, acl)
]

predefined_verdict(r, acl) := "no" if {
	acl in public_acls
} else := reason if {
	reason := tf.why_texts_unreadable(r, ["predefined_acl"])
} else := "yes"

listed := [tf.result(r, ["role_entity"], verdict, "the ACL has an entry for everybody") |
	some r in lists
	verdict := listed_verdict(r)
]

listed_verdict(r) := "no" if {
	some entry in tf.as_list(tf.value(r, ["role_entity"]))
	regex.match(`(?i):(allUsers|allAuthenticatedUsers)$`, entry)
} else := reason if {
	reason := tf.why_texts_unreadable(r, ["role_entity"])
} else := "yes"

single := [tf.result(r, ["entity"], verdict, "the entry is for everybody") |
	some r in entries
	verdict := single_verdict(r)
]

single_verdict(r) := "yes" if {
	entity := tf.value(r, ["entity"])
	tf.readable(entity)
	not google.for_everybody(entity)
} else := tf.verdict(r, ["entity"], {})
