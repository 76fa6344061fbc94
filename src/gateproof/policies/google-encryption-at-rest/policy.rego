# METADATA
# scope: package
# title: Data stored in Google Cloud is encrypted with approved keys of the customer
# description: >-
#   Buckets, databases, disks, datasets, topics, secrets and the like name a Cloud KMS key that is on the list, or that the
#   same plan makes, in place of the one that Google would use.
# custom:
#   id: google-encryption-at-rest
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:C1.1
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-13
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:3.5.1
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - google_alloydb_cluster
#     - google_artifact_registry_repository
#     - google_bigquery_dataset
#     - google_bigtable_instance
#     - google_compute_disk
#     - google_compute_instance
#     - google_compute_instance_template
#     - google_compute_region_disk
#     - google_compute_region_instance_template
#     - google_container_node_pool
#     - google_filestore_instance
#     - google_firestore_database
#     - google_kms_crypto_key
#     - google_pubsub_topic
#     - google_redis_instance
#     - google_secret_manager_secret
#     - google_spanner_database
#     - google_sql_database_instance
#     - google_storage_bucket
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_kms_keys: ["projects/*/locations/*/keyRings/*/cryptoKeys/*"]
#     approve_planned_keys: true
#   remediation: >-
#     Name a Cloud KMS key where the type takes one (encryption.default_kms_key_name of buckets, encryption_key_name of Cloud
#     SQL, kms_key_name, kms_key_self_link or customer_managed_key of others), and let the service's agent use it.
package gateproof.policies.google_encryption_at_rest

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

# Where types name their key, and in which blocks, of which there may be several, others do. A block that takes over a
# disk of the plan has the key of that.

places := {
	"google_alloydb_cluster": ["encryption_config", 0, "kms_key_name"],
	"google_artifact_registry_repository": ["kms_key_name"],
	"google_bigquery_dataset": ["default_encryption_configuration", 0, "kms_key_name"],
	"google_compute_disk": ["disk_encryption_key", 0, "kms_key_self_link"],
	"google_compute_region_disk": ["disk_encryption_key", 0, "kms_key_self_link"],
	"google_filestore_instance": ["kms_key_name"],
	"google_firestore_database": ["cmek_config", 0, "kms_key_name"],
	"google_pubsub_topic": ["kms_key_name"],
	"google_redis_instance": ["customer_managed_key"],
	"google_spanner_database": ["encryption_config", 0, "kms_key_name"],
	"google_sql_database_instance": ["encryption_key_name"],
	"google_storage_bucket": ["encryption", 0, "default_kms_key_name"],
}

blocks := {
	"google_bigtable_instance": {"block": ["cluster"], "place": ["kms_key_name"]},
	"google_compute_instance": {"block": ["boot_disk"], "place": ["kms_key_self_link"]},
	"google_compute_instance_template": {"block": ["disk"], "place": ["disk_encryption_key", 0, "kms_key_self_link"]},
	"google_compute_region_instance_template": {"block": ["disk"], "place": ["disk_encryption_key", 0, "kms_key_self_link"]},
	"google_container_node_pool": {"block": ["node_config"], "place": ["boot_disk_kms_key"]},
}

stores := [r | some r in tf.planned(object.keys(places)); not takes_over(r)]

with_blocks := tf.planned(object.keys(blocks))

secrets := tf.planned(["google_secret_manager_secret"])

keys := tf.planned(["google_kms_crypto_key"])

applies contains r.address if some r in array.concat(stores, array.concat(with_blocks, secrets))

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(unreadable, [check(r, places[r.type]) | some r in stores]),
	array.concat(
		[check(r, array.concat(path, blocks[r.type].place)) |
			some r in with_blocks
			some path in tf.block_paths(r, blocks[r.type].block)
			count(tf.references(r, array.concat(path, ["source"]))) == 0
		],
		[check(r, array.concat(path, ["customer_managed_encryption", 0, "kms_key_name"])) |
			some r in secrets
			some path in replications(r)
		],
	),
)

# Blocks of which there may be several, where one is unknown or none.

unreadable := array.concat(
	[tf.result(r, blocks[r.type].block, why_unreadable(r, blocks[r.type].block), "") | some r in with_blocks],
	[tf.result(r, replicas, why_unreadable(r, replicas), "") | some r in secrets],
)

why_unreadable(r, path) := reason if {
	reason := tf.why_part_unreadable(r, path)
} else := tf.why_no_blocks(r, path)

replicas := ["replication", 0, "user_managed", 0, "replicas"]

# Replicas of Cloud SQL in the region of their primary take over its key.
takes_over(r) if {
	google.sql_replica(r)
	tf.value(r, ["encryption_key_name"]) in {null, ""}
}

# Secrets are replicated by Google with one key, or to places that are named with one each.
replications(r) := paths if {
	paths := [replica.path | some replica in tf.blocks(r, replicas)]
	count(paths) > 0
} else := [["replication", 0, "auto", 0]]

check(r, path) := tf.result(r, path, verdict(r, path), message(tf.value(r, path)))

message(key) := sprintf("%q is not an approved key", [key]) if {
	tf.readable(key)
} else := "no key is named, so Google uses one of its own"

verdict(r, path) := "yes" if {
	approved(tf.value(r, path))
} else := "yes" if {
	data.parameters.approve_planned_keys
	tf.unknown(r, path)
	found := tf.references(r, path)
	count(found) > 0
	every address in found { address in planned_addresses }
} else := google.verdict(r, path, {})

approved(key) if {
	some pattern in data.parameters.approved_kms_keys
	glob.match(pattern, null, key)
}

approved(key) if {
	data.parameters.approve_planned_keys
	key in planned_names
}

planned_addresses := {r.address | some r in keys}

planned_names := {name | some r in keys; name := r.values.id; tf.readable(name)}
