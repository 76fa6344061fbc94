# METADATA
# scope: package
# title: Nothing signs in to Google Cloud with keys that last or as the default service account
# description: >-
#   No key of a service account and no HMAC key is made, machines and functions do not run as the default service account,
#   and identities of shared providers, such as GitHub, are narrowed by a condition.
# custom:
#   id: google-service-account-keys
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-5(7)
#     - nist-800-53@5:IA-9
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:8.6.3
#     - hipaa:164.312(d)
#   kinds: [terraform-plan]
#   resources:
#     - google_cloud_run_service
#     - google_cloud_run_v2_job
#     - google_cloud_run_v2_service
#     - google_cloudfunctions2_function
#     - google_cloudfunctions_function
#     - google_compute_instance
#     - google_compute_instance_template
#     - google_compute_region_instance_template
#     - google_container_cluster
#     - google_container_node_pool
#     - google_iam_workload_identity_pool_provider
#     - google_service_account_key
#     - google_storage_hmac_key
#   layers: [pre-commit, ci, cd]
#   parameters:
#     shared_issuers:
#       - https://token.actions.githubusercontent.com
#       - https://gitlab.com
#       - https://app.terraform.io
#       - https://agent.buildkite.com
#   remediation: >-
#     Let programs outside Google Cloud exchange their own tokens (google_iam_workload_identity_pool_provider with an
#     attribute_condition on repository or owner), and give machines and functions a service account of their own.
package gateproof.policies.google_service_account_keys

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

# Where types say whom they run as.
accounts := {
	"google_cloud_run_service": ["template", 0, "spec", 0, "service_account_name"],
	"google_cloud_run_v2_job": ["template", 0, "template", 0, "service_account"],
	"google_cloud_run_v2_service": ["template", 0, "service_account"],
	"google_cloudfunctions2_function": ["service_config", 0, "service_account_email"],
	"google_cloudfunctions_function": ["service_account_email"],
	"google_compute_instance": ["service_account", 0, "email"],
	"google_compute_instance_template": ["service_account", 0, "email"],
	"google_compute_region_instance_template": ["service_account", 0, "email"],
}

# Machines that have no service account at all when they name none.
machines := {"google_compute_instance", "google_compute_instance_template", "google_compute_region_instance_template"}

account_keys := tf.planned(["google_service_account_key"])

hmac_keys := tf.planned(["google_storage_hmac_key"])

clusters := tf.planned(["google_container_cluster"])

pools := tf.planned(["google_container_node_pool"])

workloads := array.concat(
	[{"r": r, "path": accounts[r.type]} | some r in tf.planned(object.keys(accounts))],
	[{"r": node.r, "path": array.concat(node.path, ["service_account"])} | some node in google.node_configs(clusters, pools)],
)

providers := tf.planned(["google_iam_workload_identity_pool_provider"])

applies contains r.address if some r in array.concat(array.concat(account_keys, hmac_keys), providers)

applies contains one.r.address if some one in workloads

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(
		[tf.result(r, [], "no", "a key of a service account is made, which lasts") | some r in account_keys],
		[google.check(r, ["state"], {"INACTIVE"}, "the HMAC key, which lasts, is active") | some r in hmac_keys],
	),
	array.concat(
		[tf.result(one.r, one.path, own(one.r, one.path), "it runs as the default service account") | some one in workloads],
		[tf.result(r, ["attribute_condition"], narrowed(r), "whoever has a token of the shared issuer is let in") |
			some r in providers
		],
	),
)

own(r, path) := "yes" if {
	r.type in machines
	tf.value(r, ["service_account"]) in {null, []}
	not tf.why_unreadable(r, ["service_account"])
} else := "no" if {
	default_account(tf.value(r, path))
} else := "yes" if {
	tf.names_one(r, path, {"google_service_account"}) == "yes"
} else := google.verdict(r, path, {})

default_account(email) if {
	regex.match(`^default$|-compute@developer\.gserviceaccount\.com$|@appspot\.gserviceaccount\.com$`, email)
}

# Everybody has tokens of an issuer that is shared; what they may say must then be narrowed.
narrowed(r) := "yes" if {
	not shared(r, ["oidc", 0, "issuer_uri"])
	not tf.why_unreadable(r, ["oidc", 0, "issuer_uri"])
} else := "yes" if {
	condition := tf.value(r, ["attribute_condition"])
	tf.readable(condition)
	regex.match(`\b(assertion|attribute|google)\s*[.\[]`, condition)
} else := reason if {
	reason := tf.why_unreadable(r, ["attribute_condition"])
} else := sprintf("is not set, and the issuer %s", [reason]) if {
	reason := tf.why_unreadable(r, ["oidc", 0, "issuer_uri"])
} else := "no"

shared(r, path) if {
	some name in data.parameters.shared_issuers
	startswith(lower(tf.value(r, path)), lower(name))
}

# What is no text is nobody's own issuer.
shared(r, path) if {
	issuer := tf.value(r, path)
	not is_string(issuer)
	issuer != null
}

shared(r, path) if tf.misplaced(r, path)
