# METADATA
# scope: package
# title: Stored data is encrypted with approved KMS keys
# description: >-
#   S3 buckets, EBS volumes, RDS instances and clusters, DocumentDB and Neptune clusters, DynamoDB tables, EFS file
#   systems, SNS topics and SQS queues are encrypted with a KMS key of the customer that is on the list, or that the same
#   plan makes.
# custom:
#   id: encryption-at-rest
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
#   layers: [pre-commit, ci, cd]
#   parameters:
#     approved_kms_keys:
#       - arn:aws*:kms:*:*:key/*
#       - arn:aws*:kms:*:*:alias/*
#       - alias/*
#     approve_planned_keys: true
#   remediation: >-
#     Name an approved KMS key: in the rule of aws_s3_bucket_server_side_encryption_configuration (sse_algorithm
#     "aws:kms" and kms_master_key_id), or in kms_key_id (and encrypted or storage_encrypted = true) of the volume,
#     database, table, file system, topic or queue. The keys that AWS manages (alias/aws/...) are not approved.
package gateproof.policies.encryption_at_rest

import rego.v1

# Types that say everything themselves: the attribute that switches encryption on, if any, and the one with the key.
plain_types := {
	"aws_db_instance": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_docdb_cluster": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_ebs_volume": {"switch": "encrypted", "key": "kms_key_id"},
	"aws_efs_file_system": {"switch": "encrypted", "key": "kms_key_id"},
	"aws_neptune_cluster": {"switch": "storage_encrypted", "key": "kms_key_arn"},
	"aws_rds_cluster": {"switch": "storage_encrypted", "key": "kms_key_id"},
	"aws_sns_topic": {"key": "kms_master_key_id"},
	"aws_sqs_queue": {"key": "kms_master_key_id"},
}

key_types := {
	"aws_kms_external_key",
	"aws_kms_key",
	"aws_kms_replica_external_key",
	"aws_kms_replica_key",
}

kms_algorithms := {"aws:kms", "aws:kms:dsse"}

# What is judged, found in one pass for each kind.

plain := [r | some r in input.resources; plain_types[r.type]; stays(r)]

tables := [r | some r in input.resources; r.type == "aws_dynamodb_table"; stays(r)]

buckets := [r | some r in input.resources; r.type == "aws_s3_bucket"; stays(r)]

bucket_rules := [r |
	some r in input.resources
	r.type == "aws_s3_bucket_server_side_encryption_configuration"
	stays(r)
]

keys := [r | some r in input.resources; r.type in key_types; stays(r)]

aliases := [r | some r in input.resources; r.type == "aws_kms_alias"; stays(r)]

stays(r) if {
	r.mode == "managed"
	not r.deleted
}

applies contains r.address if some r in plain

applies contains r.address if some r in tables

applies contains r.address if some r in buckets

applies contains r.address if some r in bucket_rules

# Every place that must be right is a check: its verdict is "yes", "no" or why that cannot be told.

checks := array.concat(
	array.concat(array.concat(plain_switches, plain_keys), array.concat(table_switches, table_keys)),
	array.concat(array.concat(rule_algorithms, rule_keys), array.concat(bucket_algorithms, bucket_keys)),
)

deny contains {"resource": check.resource, "message": message(check), "path": check.path} if {
	some check in checks
	check.verdict == "no"
}

undecided contains {"resource": check.resource, "reason": reason} if {
	some check in checks
	not check.verdict in {"yes", "no"}
	reason := sprintf("%s %s", [check.attribute, check.verdict])
}

message(check) := sprintf("%s is not true: what is stored is not encrypted with a KMS key", [check.attribute]) if {
	check.kind == "switch"
} else := sprintf("%s is %q, which is not an approved key", [check.attribute, check.value]) if {
	check.kind == "key"
	is_string(check.value)
	check.value != ""
} else := sprintf("%s names no key, so a key that AWS manages is used", [check.attribute]) if {
	check.kind == "key"
} else := sprintf("sse_algorithm is %v; aws:kms or aws:kms:dsse is required", [check.value]) if {
	check.kind == "algorithm"
} else := "no rule applies server-side encryption by default"

# A switch must be true.

switch_check(r, path, attribute, value) := {
	"resource": r.address,
	"path": path,
	"kind": "switch",
	"attribute": attribute,
	"verdict": switch_verdict(value, unknown_at(r, path)),
}

switch_verdict(true, _) := "yes"

switch_verdict(value, unknown) := "is known only after apply" if {
	value != true
	unknown
}

switch_verdict(value, unknown) := "no" if {
	value != true
	not unknown
}

# A key must be approved.

key_check(r, path, attribute, value) := {
	"resource": r.address,
	"path": path,
	"kind": "key",
	"attribute": attribute,
	"value": value,
	"verdict": key_verdict(value, unknown_at(r, path), object.get(r.references, reference_name(path), [])),
}

# References are listed under paths without list indices.
reference_name(path) := concat(".", [step | some step in path; is_string(step)])

key_verdict(value, unknown, references) := "no" if {
	value != null
	not is_string(value)
} else := "is sensitive" if {
	startswith(value, "redacted:sha256:")
} else := "no" if {
	contains(value, "alias/aws/")
} else := "yes" if {
	listed_key(value)
} else := "yes" if {
	data.parameters.approve_planned_keys
	value in planned_names
} else := "no" if {
	is_string(value)
	value != ""
} else := "yes" if {
	unknown
	data.parameters.approve_planned_keys
	only(references, planned_addresses)
} else := "is known only after apply" if {
	unknown
} else := "no"

listed_key(value) if {
	some pattern in data.parameters.approved_kms_keys
	glob.match(pattern, null, value)
}

# Keys of the plan, and its aliases of them or of keys on the list.

names(some_resources) := {name |
	some r in some_resources
	some attribute in ["arn", "id", "key_id", "name"]
	name := r.values[attribute]
	is_string(name)
	name != ""
}

key_addresses := {r.address | some r in keys}

key_names := names(keys)

good_aliases := [r | some r in aliases; good_target(r)]

good_target(r) if only(r.references.target_key_id, key_addresses)

good_target(r) if r.values.target_key_id in key_names

good_target(r) if listed_key(r.values.target_key_id)

planned_addresses := key_addresses | {r.address | some r in good_aliases}

planned_names := key_names | names(good_aliases)

only(references, addresses) if {
	count(references) > 0
	every address in references { address in addresses }
}

unknown_at(r, path) := object.get(r.unknown, path, false) == true

# Resources that say everything themselves.

plain_switches := [check |
	some r in plain
	attribute := plain_types[r.type].switch
	check := switch_check(r, [attribute], attribute, object.get(r.values, attribute, null))
]

plain_keys := [check |
	some r in plain
	not switched_off(r)
	attribute := plain_types[r.type].key
	check := key_check(r, [attribute], attribute, object.get(r.values, attribute, null))
]

# Where the switch is wrong already, the key is no second finding.
switched_off(r) if {
	attribute := plain_types[r.type].switch
	not r.values[attribute] == true
}

# DynamoDB tables: without the block, or without a key in it, AWS's own key is used.

table_blocks := [{"r": r, "block": block} |
	some r in tables
	some block in listed(object.get(r.values, "server_side_encryption", null), ["server_side_encryption"])
]

table_switches := array.concat(
	[check |
		some r in tables
		count(listed(object.get(r.values, "server_side_encryption", null), [])) == 0
		check := switch_check(r, ["server_side_encryption"], "server_side_encryption.enabled", null)
	],
	[check |
		some found in table_blocks
		path := array.concat(found.block.path, ["enabled"])
		value := object.get(found.block.value, "enabled", null)
		check := switch_check(found.r, path, "server_side_encryption.enabled", value)
	],
)

table_keys := [check |
	some found in table_blocks
	found.block.value.enabled == true
	path := array.concat(found.block.path, ["kms_key_arn"])
	value := object.get(found.block.value, "kms_key_arn", null)
	check := key_check(found.r, path, "server_side_encryption.kms_key_arn", value)
]

# S3: a resource of its own in new providers, inline in old ones.

# The objects in a list of blocks (or one block alone), each with its path.
listed(value, path) := [{"value": one, "path": array.concat(path, [index])} | some index, one in value; is_object(one)] if {
	is_array(value)
} else := [{"value": value, "path": path}] if {
	is_object(value)
} else := []

inner := "apply_server_side_encryption_by_default"

defaults(r, rules) := [{"r": r, "value": found.value, "path": found.path} |
	some rule in rules
	some found in listed(object.get(rule.value, inner, null), array.concat(rule.path, [inner]))
]

outer := "server_side_encryption_configuration"

inline_rules(r) := [rule |
	some found in listed(object.get(r.values, outer, null), [outer])
	some rule in listed(object.get(found.value, "rule", null), array.concat(found.path, ["rule"]))
]

rule_defaults := [found |
	some r in bucket_rules
	some found in defaults(r, listed(object.get(r.values, "rule", null), ["rule"]))
]

inline_defaults := [found | some r in buckets; some found in defaults(r, inline_rules(r))]

rule_algorithms := array.concat(
	[algorithm_check(found) | some found in rule_defaults],
	[check |
		with_defaults := {found.r.address | some found in rule_defaults}
		some r in bucket_rules
		not r.address in with_defaults
		check := {
			"resource": r.address,
			"path": ["rule"],
			"kind": "rule",
			"attribute": "rule",
			"verdict": switch_verdict(false, unknown_at(r, ["rule"])),
		}
	],
)

rule_keys := [s3_key_check(found) | some found in rule_defaults; found.value.sse_algorithm in kms_algorithms]

bucket_algorithms := [algorithm_check(found) | some found in inline_defaults]

bucket_keys := [s3_key_check(found) | some found in inline_defaults; found.value.sse_algorithm in kms_algorithms]

s3_key_check(found) := key_check(found.r, path, "kms_master_key_id", object.get(found.value, "kms_master_key_id", null)) if {
	path := array.concat(found.path, ["kms_master_key_id"])
}

algorithm_check(found) := {
	"resource": found.r.address,
	"path": path,
	"kind": "algorithm",
	"attribute": "sse_algorithm",
	"value": algorithm,
	"verdict": algorithm_verdict(algorithm, unknown_at(found.r, path)),
} if {
	path := array.concat(found.path, ["sse_algorithm"])
	algorithm := object.get(found.value, "sse_algorithm", "not set")
}

algorithm_verdict(algorithm, unknown) := "yes" if {
	algorithm in kms_algorithms
} else := "is known only after apply" if {
	unknown
} else := "no"

# Every bucket must have encryption rules: inline, or of their own and linked by reference or by name.

bucket_addresses := {r.address | some r in buckets}

# A name that is known says more than the reference that it was made from.
targets(r) := {address | some address in r.references.bucket; address in bucket_addresses} if {
	not is_name(object.get(r.values, "bucket", null))
} else := set()

is_name(value) if {
	is_string(value)
	value != ""
	not startswith(value, "redacted:sha256:")
}

linked_addresses := {address |
	some rule in bucket_rules
	found := targets(rule)
	count(found) == 1
	some address in found
}

linked_names := {name | some rule in bucket_rules; name := rule.values.bucket; is_name(name)}

with_inline := {found.r.address | some found in inline_defaults}

linked(bucket) if bucket.address in linked_addresses

linked(bucket) if {
	some attribute in ["bucket", "id"]
	bucket.values[attribute] in linked_names
}

bare_buckets := [r | some r in buckets; not r.address in with_inline; not linked(r)]

# Rules of which the plan does not say for which bucket they are.
loose_rules := [rule |
	some rule in bucket_rules
	not object.get(rule.values, "bucket", null) in linked_names
	count(targets(rule)) != 1
]

unnamed_rules := [rule.address | some rule in loose_rules; count(targets(rule)) == 0]

ambiguous_addresses := {address | some rule in loose_rules; some address in targets(rule)}

unclear := {r.address: reason | some r in bare_buckets; reason := why_unclear(r)}

inline_algorithm := concat(".", [outer, "rule", inner, "sse_algorithm"])

why_unclear(bucket) := sprintf("%s is known only after apply", [outer]) if {
	count(bucket.references[inline_algorithm]) > 0
} else := reason if {
	reason := sprintf(
		"%s is for a bucket that is known only after apply; it may or may not be this one",
		[unnamed_rules[0]],
	)
} else := "the plan does not say for which of several buckets an encryption configuration is" if {
	bucket.address in ambiguous_addresses
}

deny contains {"resource": r.address, "message": message} if {
	some r in bare_buckets
	not unclear[r.address]
	message := "the bucket has no server-side encryption with a KMS key"
}

undecided contains {"resource": address, "reason": reason} if some address, reason in unclear

# Configurations that are taken away from a bucket that stays. Where the plan has the bucket, that is told there.

removed_rules := [r |
	some r in input.resources
	r.type == "aws_s3_bucket_server_side_encryption_configuration"
	r.mode == "managed"
	r.deleted
	"delete" in r.actions
	r.deposed == null
]

applies contains r.address if some r in removed_rules

planned_buckets := {name |
	some r in input.resources
	r.type == "aws_s3_bucket"
	some state in [r.before, r.values]
	some attribute in ["bucket", "id"]
	name := state[attribute]
	is_name(name)
}

deny contains {"resource": r.address, "message": message} if {
	some r in removed_rules
	name := r.before.bucket
	is_name(name)
	not name in planned_buckets
	message := sprintf("the encryption configuration of bucket %q is removed, and the bucket stays", [name])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which bucket it was cannot be read"} if {
	some r in removed_rules
	not is_name(object.get(r, ["before", "bucket"], null))
}
