# METADATA
# scope: package
# title: Images in ECR cannot be replaced, are scanned, and old ones expire
# description: >-
#   Every ECR repository has immutable tags, is scanned on push, and has a lifecycle policy.
# custom:
#   id: ecr-images
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.8
#     - soc2@2017:CC7.1
#     - nist-800-53@5:CM-14
#     - nist-800-53@5:RA-5
#     - nist-800-53@5:SI-7
#     - pci-dss@4.0.1:6.3.1
#     - pci-dss@4.0.1:11.3.1
#     - hipaa:164.308(a)(1)(ii)(A)
#   kinds: [terraform-plan]
#   resources:
#     - aws_ecr_lifecycle_policy
#     - aws_ecr_registry_scanning_configuration
#     - aws_ecr_repository
#   layers: [pre-commit, ci, cd]
#   parameters:
#     lifecycle_policy_required: true
#   remediation: >-
#     Set image_tag_mutability "IMMUTABLE" and scan_on_push in image_scanning_configuration, or scan the whole registry
#     with aws_ecr_registry_scanning_configuration, and give the repository an aws_ecr_lifecycle_policy.
package gateproof.policies.ecr_images

import data.gateproof.lib.terraform as tf
import rego.v1

repositories := tf.planned(["aws_ecr_repository"])

lifecycles := tf.planned(["aws_ecr_lifecycle_policy"])

applies contains r.address if some r in repositories

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(tag_checks, array.concat(scan_checks, lifecycle_checks))

tag_checks := [check |
	some r in repositories
	path := ["image_tag_mutability"]
	message := "tags are mutable, so that an image can be replaced by another"
	check := tf.check(r, path, {"IMMUTABLE"}, message)
]

# A repository says that it is scanned, or rules of its registry do.

scan_checks := [check |
	some r in repositories
	not scanned_by_registry(r)
	path := ["image_scanning_configuration", 0, "scan_on_push"]
	check := tf.check(r, path, {true, "true"}, "images are not scanned when they are pushed")
]

scanned_by_registry(r) if {
	some one in filters
	one.provider == r.provider_config
	glob.match(one.pattern, null, object.get(r.values, "name", ""))
}

# By provider configuration, since that is where a registry is one. A filter without a wildcard is for all names that
# contain it.
filters := {{"provider": registry.provider_config, "pattern": as_pattern(filter.filter)} |
	some registry in tf.planned(["aws_ecr_registry_scanning_configuration"])
	is_string(registry.provider_config)
	some rule in tf.as_list(registry.values.rule)
	rule.scan_frequency in {"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}
	some filter in tf.as_list(rule.repository_filter)
}

as_pattern(filter) := filter if {
	contains(filter, "*")
} else := sprintf("*%s*", [filter])

# A lifecycle policy belongs to a repository by name or by reference.

links := tf.links(lifecycles, "repository", repositories)

lifecycle_checks := [check |
	data.parameters.lifecycle_policy_required
	some r in repositories
	check := tf.result(r, ["name"], lifecycle_verdict(r), "no lifecycle policy lets old images expire")
]

lifecycle_verdict(r) := "yes" if {
	tf.linked(links, r, ["name", "id"])
} else := reason if {
	reason := sprintf("may have a lifecycle policy: %s", [tf.why_unclear(links, r)])
} else := "no"
