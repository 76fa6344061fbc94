# METADATA
# scope: package
# title: Policies of queues, topics, secrets, images and functions let nobody in but those they name
# description: >-
#   No policy of an SQS queue, SNS topic, secret, image repository, event bus, stream, vault or the like allows everybody
#   anything, unless a condition narrows that; no permission of a Lambda function, layer or event bus is for everybody, and
#   no function answers its URL without authentication.
# custom:
#   id: queues-and-topics-not-public
#   version: 1.1.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:7.3.3
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_backup_vault_policy
#     - aws_cloudwatch_event_bus_policy
#     - aws_cloudwatch_event_permission
#     - aws_codeartifact_domain_permissions_policy
#     - aws_codeartifact_repository_permissions_policy
#     - aws_dynamodb_resource_policy
#     - aws_ecr_registry_policy
#     - aws_ecr_repository_policy
#     - aws_elasticsearch_domain
#     - aws_elasticsearch_domain_policy
#     - aws_glacier_vault
#     - aws_glue_resource_policy
#     - aws_kinesis_resource_policy
#     - aws_lambda_function_url
#     - aws_lambda_layer_version_permission
#     - aws_lambda_permission
#     - aws_opensearch_domain
#     - aws_opensearch_domain_policy
#     - aws_s3_access_point
#     - aws_s3control_access_point_policy
#     - aws_schemas_registry_policy
#     - aws_secretsmanager_secret
#     - aws_secretsmanager_secret_policy
#     - aws_ses_identity_policy
#     - aws_sesv2_email_identity_policy
#     - aws_sns_topic
#     - aws_sns_topic_policy
#     - aws_sqs_queue
#     - aws_sqs_queue_policy
#   layers: [pre-commit, ci, cd]
#   parameters:
#     services_with_a_source: [s3.amazonaws.com]
#   remediation: >-
#     Name accounts, roles or services as principals in place of "*", or narrow "*" by aws:SourceArn, aws:SourceAccount or
#     aws:PrincipalOrgID; give permissions source_arn, source_account or an organization; set authorization_type = "AWS_IAM".
package gateproof.policies.queues_and_topics_not_public

import data.gateproof.lib.iam
import data.gateproof.lib.resource_policies
import data.gateproof.lib.terraform as tf
import rego.v1

# Where each type has its policy.
attributes := {
	"aws_backup_vault_policy": "policy",
	"aws_cloudwatch_event_bus_policy": "policy",
	"aws_codeartifact_domain_permissions_policy": "policy_document",
	"aws_codeartifact_repository_permissions_policy": "policy_document",
	"aws_dynamodb_resource_policy": "policy",
	"aws_ecr_registry_policy": "policy",
	"aws_ecr_repository_policy": "policy",
	"aws_elasticsearch_domain": "access_policies",
	"aws_elasticsearch_domain_policy": "access_policies",
	"aws_glacier_vault": "access_policy",
	"aws_glue_resource_policy": "policy",
	"aws_kinesis_resource_policy": "policy",
	"aws_opensearch_domain": "access_policies",
	"aws_opensearch_domain_policy": "access_policies",
	"aws_s3_access_point": "policy",
	"aws_s3control_access_point_policy": "policy",
	"aws_schemas_registry_policy": "policy",
	"aws_secretsmanager_secret": "policy",
	"aws_secretsmanager_secret_policy": "policy",
	"aws_ses_identity_policy": "policy",
	"aws_sesv2_email_identity_policy": "policy",
	"aws_sns_topic": "policy",
	"aws_sns_topic_policy": "policy",
	"aws_sqs_queue": "policy",
	"aws_sqs_queue_policy": "policy",
}

separate := {
	"aws_elasticsearch_domain_policy": {"of": "aws_elasticsearch_domain", "attribute": "domain_name", "names": ["domain_name"]},
	"aws_opensearch_domain_policy": {"of": "aws_opensearch_domain", "attribute": "domain_name", "names": ["domain_name"]},
	"aws_s3control_access_point_policy": {"of": "aws_s3_access_point", "attribute": "access_point_arn", "names": ["arn", "id"]},
	"aws_secretsmanager_secret_policy": {"of": "aws_secretsmanager_secret", "attribute": "secret_arn", "names": ["arn", "id"]},
	"aws_sns_topic_policy": {"of": "aws_sns_topic", "attribute": "arn", "names": ["arn", "id"]},
	"aws_sqs_queue_policy": {"of": "aws_sqs_queue", "attribute": "queue_url", "names": ["url", "id"]},
}

# Permissions for one principal each, and where they say what else narrows them.
narrowing := {
	"aws_cloudwatch_event_permission": [["condition", 0, "value"]],
	"aws_lambda_layer_version_permission": [["organization_id"]],
	"aws_lambda_permission": [["principal_org_id"], ["source_account"], ["source_arn"]],
}

documents := resource_policies.documents(attributes, separate)

permissions := tf.planned(object.keys(narrowing))

urls := tf.planned(["aws_lambda_function_url"])

applies contains one.r.address if some one in documents

applies contains r.address if some r in array.concat(permissions, urls)

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in documents
	some statement in one.statements
	iam.lets_everybody_in(statement)
	not in_vpc(one.r)
	message := sprintf("the policy lets everybody in (%s)", [iam.named(statement)])
}

undecided contains element if some element in iam.unreadable(documents)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.result(r, ["principal"], verdict(r), "the permission is for everybody") | some r in permissions],
	[tf.check(r, ["authorization_type"], {"AWS_IAM"}, "the function answers its URL without authentication") | some r in urls],
)

verdict(r) := reason if {
	reason := tf.why_unreadable(r, ["principal"])
} else := "yes" if {
	principal := tf.value(r, ["principal"])
	tf.readable(principal)
	not for_many(principal)
} else := "yes" if {
	some path in narrowing[r.type]
	found := tf.value(r, path)
	tf.readable(found)
	iam.narrow("ArnLike", found)
} else := "yes" if {
	for_service(tf.value(r, ["principal"]))
	some path in narrowing[r.type]
	tf.unknown(r, path)
	count(tf.references(r, path)) > 0
} else := sprintf("is everybody, and %s %s", [tf.name(path), reason]) if {
	path := [path | some path in narrowing[r.type]; tf.why_unreadable(r, path)][0]
	reason := tf.why_unreadable(r, path)
} else := "no"

# Whoever may use such a service, from whatever account, can make it act.
for_many("*")

for_many(principal) if for_service(principal)

for_service(principal) if principal in data.parameters.services_with_a_source

# What has its endpoint inside of a VPC can be reached by nobody from outside: where it says so, or what its policy is for.

places := {
	"aws_elasticsearch_domain": {"block": "vpc_options", "attribute": "subnet_ids"},
	"aws_opensearch_domain": {"block": "vpc_options", "attribute": "subnet_ids"},
	"aws_s3_access_point": {"block": "vpc_configuration", "attribute": "vpc_id"},
}

inside(r) if {
	place := places[r.type]
	some block in tf.blocks(r, [place.block])
	some id in tf.as_list(block.value[place.attribute])
	tf.readable(id)
}

inside(r) if {
	place := places[r.type]
	some block in tf.blocks(r, [place.block])
	path := array.concat(block.path, [place.attribute])
	tf.why_part_unreadable(r, path)
	count(tf.references(r, path)) > 0
}

in_vpc(r) if inside(r)

in_vpc(r) if {
	form := separate[r.type]
	owners := tf.planned([form.of])
	links := tf.links([r], form.attribute, owners)
	some owner in owners
	inside(owner)
	tf.linked(links, owner, form.names)
}
