# METADATA
# scope: package
# title: S3 buckets are not public
# description: >-
#   No bucket or object has a public ACL, no bucket policy lets everybody in, and every bucket has a public access block
#   with all four settings, of its own or of its account.
# custom:
#   id: s3-public-access
#   version: 1.0.1
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_s3_account_public_access_block
#     - aws_s3_bucket
#     - aws_s3_bucket_acl
#     - aws_s3_bucket_object
#     - aws_s3_bucket_policy
#     - aws_s3_bucket_public_access_block
#     - aws_s3_object
#     - aws_s3_object_copy
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the bucket an aws_s3_bucket_public_access_block with block_public_acls, block_public_policy,
#     ignore_public_acls and restrict_public_buckets all true; use the ACL "private" or none; name principals in the
#     bucket policy, or restrict "*" by aws:PrincipalOrgID, aws:SourceVpce or the like.
package gateproof.policies.s3_public_access

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

settings := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

public_acls := {"public-read", "public-read-write", "authenticated-read"}

# What is judged, found once.

buckets := tf.planned(["aws_s3_bucket"])

blocks := tf.planned(["aws_s3_bucket_public_access_block"])

bucket_policies := tf.planned(["aws_s3_bucket_policy"])

acls := tf.planned(["aws_s3_bucket_acl"])

objects := tf.planned(["aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"])

account_blocks := tf.planned(["aws_s3_account_public_access_block"])

applies contains r.address if some r in buckets

applies contains r.address if some r in blocks

applies contains r.address if some r in bucket_policies

applies contains r.address if some r in acls

applies contains r.address if some r in objects

applies contains r.address if some r in removed_blocks

applies contains r.address if some r in removed_account_blocks

# Which public access block belongs to which bucket: by reference where it can only mean one, or by name.

full(block) if every setting in settings { block.values[setting] == true }

# A block of an account is for buckets under the same provider configuration, and only where it names no account.
account_providers := {block.provider_config |
	some block in account_blocks
	full(block)
	is_string(block.provider_config)
	not "account_id" in block.configured
}

account_protected(r) if r.provider_config in account_providers

names := ["bucket", "id"]

all_links := tf.links(blocks, "bucket", buckets)

full_links := tf.links([block | some block in blocks; full(block)], "bucket", buckets)

linked_buckets := tf.linked_addresses(all_links, buckets, names)

unlinked_buckets := [r | some r in buckets; not r.address in linked_buckets]

unclear := {r.address: reason | some r in unlinked_buckets; reason := tf.why_unclear(all_links, r)}

deny contains {"resource": bucket.address, "message": message} if {
	some bucket in unlinked_buckets
	not account_protected(bucket)
	not unclear[bucket.address]
	message := sprintf("%s has no public access block", [named(bucket)])
}

account_protected_addresses := {r.address | some r in buckets; account_protected(r)}

undecided contains {"resource": address, "reason": reason} if {
	some address, reason in unclear
	not address in account_protected_addresses
}

deny contains {"resource": block.address, "message": message, "path": [setting]} if {
	some block in blocks
	not account_protected(block)
	some setting in settings
	not block.values[setting] == true
	not tf.why_unreadable(block, [setting])
	message := sprintf("the public access block does not set %s to true", [setting])
}

undecided contains {"resource": block.address, "reason": reason} if {
	some block in blocks
	not account_protected(block)
	some setting in settings
	not block.values[setting] == true
	reason := sprintf("%s %s", [setting, tf.why_unreadable(block, [setting])])
}

# A full block makes ACLs and policies harmless, so what they say need not be known then.

protected_addresses := tf.linked_addresses(full_links, buckets, names)

protected_names := full_links.names | {name |
	some bucket in buckets
	bucket.address in protected_addresses
	name := bucket.values.bucket
	tf.readable(name)
}

protected(r) if account_protected(r)

protected(r) if r.address in protected_addresses

protected(r) if r.values.bucket in protected_names

protected(r) if {
	not tf.readable(tf.value(r, ["bucket"]))
	found := tf.referred(r, "bucket", bucket_addresses)
	count(found) == 1
	some address in found
	address in protected_addresses
}

bucket_addresses := {r.address | some r in buckets}

# Blocks that are taken away from a bucket that stays. Where the plan has the bucket, that is told there.

removed_blocks := tf.removed(["aws_s3_bucket_public_access_block"])

removed_account_blocks := tf.removed(["aws_s3_account_public_access_block"])

planned_names := {name |
	some r in input.resources
	r.type == "aws_s3_bucket"
	some state in [r.before, r.values]
	some attribute in ["bucket", "id"]
	name := state[attribute]
	tf.readable(name)
}

deny contains {"resource": r.address, "message": message} if {
	some r in removed_blocks
	not account_protected(r)
	name := r.before.bucket
	tf.readable(name)
	not name in planned_names
	message := sprintf("the public access block of bucket %q is removed, and the bucket stays", [name])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which bucket it was cannot be read"} if {
	some r in removed_blocks
	not account_protected(r)
	not tf.readable(object.get(r, ["before", "bucket"], null))
}

undecided contains {"resource": r.address, "reason": "it is removed, and which buckets rely on it is not in the plan"} if {
	some r in removed_account_blocks
}

# ACLs: of buckets (inline in old providers, a resource in new ones) and of objects.

deny contains {"resource": r.address, "message": message, "path": ["acl"]} if {
	some r in array.concat(buckets, array.concat(acls, objects))
	r.values.acl in public_acls
	message := sprintf("%s has the public ACL %q", [named(r), r.values.acl])
}

everybody(grantee) if {
	some group in ["/global/AllUsers", "/global/AuthenticatedUsers"]
	endswith(grantee.uri, group)
}

deny contains {"resource": r.address, "message": message, "path": ["grant"]} if {
	some r in array.concat(buckets, objects)
	some grant in tf.as_list(r.values.grant)
	everybody(grant)
	message := sprintf("%s grants access to %s", [named(r), grant.uri])
}

deny contains {"resource": r.address, "message": message, "path": ["access_control_policy"]} if {
	some r in acls
	some policy in tf.as_list(r.values.access_control_policy)
	some grant in tf.as_list(policy.grant)
	some grantee in tf.as_list(grant.grantee)
	everybody(grantee)
	message := sprintf("the ACL grants access to %s", [grantee.uri])
}

readable_acl(r) if tf.readable(r.values.acl)

readable_acl(r) if count(r.values.access_control_policy) > 0

undecided contains {"resource": r.address, "reason": "neither acl nor access_control_policy can be read"} if {
	some r in acls
	not readable_acl(r)
	not protected(r)
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in objects
	not protected(r)
	not tf.readable(tf.value(r, ["acl"]))
	count(r.references.acl) > 0
	reason := sprintf("acl %s", [tf.why_unreadable(r, ["acl"])])
}

# An ACL that is not set is null, and known only after apply where nothing refers to anything.
undecided contains {"resource": r.address, "reason": "acl cannot be read"} if {
	some r in array.concat(buckets, objects)
	not protected(r)
	acl := r.values.acl
	not acl in {null, ""}
	not tf.readable(acl)
}

# Whom a grant is for, where that is hidden or not known yet.

undecided contains {"resource": r.address, "reason": "a grant is for somebody who cannot be read"} if {
	some r in array.concat(buckets, array.concat(acls, objects))
	not protected(r)
	some attribute in ["grant", "access_control_policy"]
	walk(r.values[attribute], [path, uri])
	path[count(path) - 1] == "uri"
	is_string(uri)
	uri != ""
	not tf.readable(uri)
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in array.concat(buckets, array.concat(acls, objects))
	not protected(r)
	some attribute, addresses in r.references
	attribute in {"grant.uri", "access_control_policy.grant.grantee.uri"}
	count(addresses) > 0
	name := split(attribute, ".")[0]
	walk(object.get(r.unknown, name, false), [_, true])
	reason := sprintf("%s is known only after apply", [attribute])
}

# Bucket policies: a resource, or inline in old providers.

with_policy := array.concat(bucket_policies, [r | some r in buckets; tf.readable(r.values.policy)])

deny contains {"resource": r.address, "message": message, "path": ["policy"]} if {
	some r in with_policy
	some statement in iam.statements(tf.value(r, ["policy"]))
	iam.lets_everybody_in(statement)
	message := sprintf("the bucket policy lets everybody in (statement %q)", [object.get(statement, "Sid", "")])
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in with_policy
	not iam.statements(tf.value(r, ["policy"]))
	not protected(r)
	reason := policy_reason(r)
}

policy_reason(r) := reason if {
	reason := sprintf("policy %s", [tf.why_unreadable(r, ["policy"])])
} else := "policy is not a policy document"

named(r) := sprintf("bucket %q", [r.values.bucket]) if {
	r.type == "aws_s3_bucket"
	tf.readable(r.values.bucket)
} else := sprintf("bucket %s", [r.address]) if {
	r.type == "aws_s3_bucket"
} else := r.address
