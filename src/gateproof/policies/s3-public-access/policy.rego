# METADATA
# scope: package
# title: S3 buckets are not public
# description: >-
#   No bucket or object has a public ACL, no bucket policy lets everybody in, and every bucket has a public access block
#   with all four settings, of its own or of its account.
# custom:
#   id: s3-public-access
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#   kinds: [terraform-plan]
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the bucket an aws_s3_bucket_public_access_block with block_public_acls, block_public_policy,
#     ignore_public_acls and restrict_public_buckets all true; use the ACL "private" or none; name principals in the
#     bucket policy, or restrict "*" by aws:PrincipalOrgID, aws:SourceVpce or the like.
package gateproof.policies.s3_public_access

import rego.v1

settings := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

public_acls := {"public-read", "public-read-write", "authenticated-read"}

# What is judged, found in one pass for each type.

buckets := [r | some r in input.resources; r.type == "aws_s3_bucket"; stays(r)]

blocks := [r | some r in input.resources; r.type == "aws_s3_bucket_public_access_block"; stays(r)]

bucket_policies := [r | some r in input.resources; r.type == "aws_s3_bucket_policy"; stays(r)]

acls := [r | some r in input.resources; r.type == "aws_s3_bucket_acl"; stays(r)]

objects := [r | some r in input.resources; r.type in {"aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy"}; stays(r)]

account_blocks := [r | some r in input.resources; r.type == "aws_s3_account_public_access_block"; stays(r)]

stays(r) if {
	r.mode == "managed"
	not r.deleted
}

applies contains r.address if some r in buckets

applies contains r.address if some r in blocks

applies contains r.address if some r in bucket_policies

applies contains r.address if some r in acls

applies contains r.address if some r in objects

applies contains r.address if some r in removed_blocks

applies contains r.address if some r in removed_account_blocks

# Values: readable, known only after apply, or hidden because they are sensitive.

readable(text) if {
	is_string(text)
	text != ""
	not startswith(text, "redacted:sha256:")
}

# Undefined operands would make a negated call undefined, so attributes are fetched with a default first.
value(r, attribute) := object.get(r.values, attribute, null)

why_not_readable(r, attribute) := sprintf("%s is sensitive", [attribute]) if {
	startswith(r.values[attribute], "redacted:sha256:")
} else := sprintf("%s is known only after apply", [attribute]) if {
	r.unknown[attribute] == true
}

as_list(found) := found if is_array(found)

as_list(found) := [found] if {
	not is_array(found)
	found != null
}

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

bucket_addresses := {r.address | some r in buckets}

# A name that is known says more than the reference that it was made from.
targets(r) := {address | some address in r.references.bucket; address in bucket_addresses} if {
	not readable(value(r, "bucket"))
} else := set()

linked_addresses(some_blocks) := {address |
	some block in some_blocks
	found := targets(block)
	count(found) == 1
	some address in found
}

linked_names(some_blocks) := {block.values.bucket | some block in some_blocks; readable(block.values.bucket)}

all_addresses := linked_addresses(blocks)

all_names := linked_names(blocks)

full_blocks := [block | some block in blocks; full(block)]

full_addresses := linked_addresses(full_blocks)

full_names := linked_names(full_blocks)

# Blocks of which the plan does not say for which bucket they are.
loose_blocks := [block |
	some block in blocks
	not readable(value(block, "bucket"))
	count(targets(block)) != 1
]

linked(bucket, addresses, _) if bucket.address in addresses

linked(bucket, _, names) if {
	some attribute in ["bucket", "id"]
	bucket.values[attribute] in names
}

unnamed_blocks := [block.address | some block in loose_blocks; count(targets(block)) == 0]

ambiguous_addresses := {address | some block in loose_blocks; some address in targets(block)}

unlinked_buckets := [r | some r in buckets; not linked(r, all_addresses, all_names)]

unclear := {r.address: reason | some r in unlinked_buckets; reason := why_unclear(r)}

why_unclear(_) := reason if {
	reason := sprintf(
		"%s is for a bucket that is known only after apply; it may or may not be this one",
		[unnamed_blocks[0]],
	)
}

why_unclear(bucket) := "the plan does not say for which of several buckets a public access block is" if {
	count(unnamed_blocks) == 0
	bucket.address in ambiguous_addresses
}

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
	not why_not_readable(block, setting)
	message := sprintf("the public access block does not set %s to true", [setting])
}

undecided contains {"resource": block.address, "reason": reason} if {
	some block in blocks
	not account_protected(block)
	some setting in settings
	not block.values[setting] == true
	reason := why_not_readable(block, setting)
}

# A full block makes ACLs and policies harmless, so what they say need not be known then.

protected_addresses := {bucket.address | some bucket in buckets; linked(bucket, full_addresses, full_names)}

protected_names := full_names | {name |
	some bucket in buckets
	bucket.address in protected_addresses
	name := bucket.values.bucket
	readable(name)
}

protected(r) if account_protected(r)

protected(r) if r.address in protected_addresses

protected(r) if r.values.bucket in protected_names

protected(r) if {
	found := targets(r)
	count(found) == 1
	some address in found
	address in protected_addresses
}

# Blocks that are taken away from a bucket that stays. Where the plan has the bucket, that is told there.

removed(r) if {
	r.mode == "managed"
	r.deleted
	"delete" in r.actions
	r.deposed == null
}

removed_blocks := [r | some r in input.resources; r.type == "aws_s3_bucket_public_access_block"; removed(r)]

removed_account_blocks := [r | some r in input.resources; r.type == "aws_s3_account_public_access_block"; removed(r)]

planned_names := {name |
	some r in input.resources
	r.type == "aws_s3_bucket"
	some state in [r.before, r.values]
	some attribute in ["bucket", "id"]
	name := state[attribute]
	readable(name)
}

deny contains {"resource": r.address, "message": message} if {
	some r in removed_blocks
	not account_protected(r)
	name := r.before.bucket
	readable(name)
	not name in planned_names
	message := sprintf("the public access block of bucket %q is removed, and the bucket stays", [name])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which bucket it was cannot be read"} if {
	some r in removed_blocks
	not account_protected(r)
	not readable(object.get(r, ["before", "bucket"], null))
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
	some grant in as_list(r.values.grant)
	everybody(grant)
	message := sprintf("%s grants access to %s", [named(r), grant.uri])
}

deny contains {"resource": r.address, "message": message, "path": ["access_control_policy"]} if {
	some r in acls
	some policy in as_list(r.values.access_control_policy)
	some grant in as_list(policy.grant)
	some grantee in as_list(grant.grantee)
	everybody(grantee)
	message := sprintf("the ACL grants access to %s", [grantee.uri])
}

readable_acl(r) if readable(r.values.acl)

readable_acl(r) if count(r.values.access_control_policy) > 0

undecided contains {"resource": r.address, "reason": "neither acl nor access_control_policy can be read"} if {
	some r in acls
	not readable_acl(r)
	not protected(r)
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in objects
	not protected(r)
	not readable(value(r, "acl"))
	count(r.references.acl) > 0
	reason := why_not_readable(r, "acl")
}

# An ACL that is not set is null, and known only after apply where nothing refers to anything.
undecided contains {"resource": r.address, "reason": "acl cannot be read"} if {
	some r in array.concat(buckets, objects)
	not protected(r)
	acl := r.values.acl
	not acl in {null, ""}
	not readable(acl)
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
	not readable(uri)
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

with_policy := array.concat(bucket_policies, [r | some r in buckets; readable(r.values.policy)])

statements(r) := as_list(json.unmarshal(r.values.policy).Statement) if json.is_valid(r.values.policy)

anyone(principal) if "*" in as_list(principal)

anyone(principal) if {
	some names in principal
	"*" in as_list(names)
}

lets_everybody_in(statement) if {
	statement.Effect == "Allow"
	anyone(statement.Principal)
	not restricted(statement)
}

lets_everybody_in(statement) if {
	statement.Effect == "Allow"
	statement.NotPrincipal
	not restricted(statement)
}

narrowing_operators := {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"}

narrowing_keys := {
	"aws:principalaccount",
	"aws:principalarn",
	"aws:principalorgid",
	"aws:principalorgpaths",
	"aws:sourceaccount",
	"aws:sourcearn",
	"aws:sourceip",
	"aws:sourceorgid",
	"aws:sourcevpc",
	"aws:sourcevpce",
	"aws:userid",
	"aws:vpcsourceip",
	"s3:dataaccesspointaccount",
	"s3:dataaccesspointarn",
}

restricted(statement) if {
	some operator, conditions in statement.Condition
	operator in narrowing_operators
	some key, values in conditions
	lower(key) in narrowing_keys
	listed := as_list(values)
	count(listed) > 0
	every one in listed { narrow(operator, one) }
}

# As S3 itself tells public policies: a fixed value, or an ARN with a wildcard after its account.
narrow("IpAddress", text) if {
	is_string(text)
	not regex.match(`/0*[0-7]$`, text)
}

narrow(operator, text) if {
	operator != "IpAddress"
	is_string(text)
	not regex.match(`[*?]|\$\{`, text)
}

narrow(operator, text) if {
	operator in {"ArnEquals", "ArnLike", "StringLike"}
	regex.match(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:`, text)
}

deny contains {"resource": r.address, "message": message, "path": ["policy"]} if {
	some r in with_policy
	some statement in statements(r)
	lets_everybody_in(statement)
	message := sprintf("the bucket policy lets everybody in (statement %q)", [object.get(statement, "Sid", "")])
}

readable_policy(r) if {
	readable(r.values.policy)
	every statement in statements(r) { is_string(statement.Effect) }
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in with_policy
	not readable_policy(r)
	not protected(r)
	reason := policy_reason(r)
}

policy_reason(r) := why_not_readable(r, "policy")

policy_reason(r) := "policy is not a policy document" if not why_not_readable(r, "policy")

named(r) := sprintf("bucket %q", [r.values.bucket]) if {
	r.type == "aws_s3_bucket"
	readable(r.values.bucket)
} else := sprintf("bucket %s", [r.address]) if {
	r.type == "aws_s3_bucket"
} else := r.address
