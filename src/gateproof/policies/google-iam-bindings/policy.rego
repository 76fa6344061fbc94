# METADATA
# scope: package
# title: Google Cloud grants no basic or impersonating roles on projects, and nothing to everybody
# description: >-
#   On projects, folders and organizations nobody gets roles/owner, roles/editor or a role that acts as any service account,
#   and no grant, on whatever it is, is for everybody.
# custom:
#   id: google-iam-bindings
#   version: 2.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(1)
#     - nist-800-53@5:AC-6(5)
#     - pci-dss@4.0.1:7.2.1
#     - pci-dss@4.0.1:7.2.2
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:7.3.3
#     - hipaa:164.308(a)(4)(ii)(B)
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - google_artifact_registry_repository_iam_binding
#     - google_artifact_registry_repository_iam_member
#     - google_artifact_registry_repository_iam_policy
#     - google_bigquery_dataset
#     - google_bigquery_dataset_access
#     - google_bigquery_dataset_iam_binding
#     - google_bigquery_dataset_iam_member
#     - google_bigquery_dataset_iam_policy
#     - google_bigquery_table_iam_binding
#     - google_bigquery_table_iam_member
#     - google_bigquery_table_iam_policy
#     - google_bigtable_instance_iam_binding
#     - google_bigtable_instance_iam_member
#     - google_bigtable_instance_iam_policy
#     - google_bigtable_table_iam_binding
#     - google_bigtable_table_iam_member
#     - google_bigtable_table_iam_policy
#     - google_cloud_run_service_iam_binding
#     - google_cloud_run_service_iam_member
#     - google_cloud_run_service_iam_policy
#     - google_cloud_run_v2_service_iam_binding
#     - google_cloud_run_v2_service_iam_member
#     - google_cloud_run_v2_service_iam_policy
#     - google_cloudfunctions2_function_iam_binding
#     - google_cloudfunctions2_function_iam_member
#     - google_cloudfunctions2_function_iam_policy
#     - google_cloudfunctions_function_iam_binding
#     - google_cloudfunctions_function_iam_member
#     - google_cloudfunctions_function_iam_policy
#     - google_compute_image_iam_binding
#     - google_compute_image_iam_member
#     - google_compute_image_iam_policy
#     - google_folder_iam_binding
#     - google_folder_iam_member
#     - google_folder_iam_policy
#     - google_healthcare_dataset_iam_binding
#     - google_healthcare_dataset_iam_member
#     - google_healthcare_dataset_iam_policy
#     - google_healthcare_dicom_store_iam_binding
#     - google_healthcare_dicom_store_iam_member
#     - google_healthcare_dicom_store_iam_policy
#     - google_healthcare_fhir_store_iam_binding
#     - google_healthcare_fhir_store_iam_member
#     - google_healthcare_fhir_store_iam_policy
#     - google_healthcare_hl7_v2_store_iam_binding
#     - google_healthcare_hl7_v2_store_iam_member
#     - google_healthcare_hl7_v2_store_iam_policy
#     - google_kms_crypto_key_iam_binding
#     - google_kms_crypto_key_iam_member
#     - google_kms_crypto_key_iam_policy
#     - google_kms_key_ring_iam_binding
#     - google_kms_key_ring_iam_member
#     - google_kms_key_ring_iam_policy
#     - google_organization_iam_binding
#     - google_organization_iam_member
#     - google_organization_iam_policy
#     - google_project_iam_binding
#     - google_project_iam_member
#     - google_project_iam_policy
#     - google_pubsub_subscription_iam_binding
#     - google_pubsub_subscription_iam_member
#     - google_pubsub_subscription_iam_policy
#     - google_pubsub_topic_iam_binding
#     - google_pubsub_topic_iam_member
#     - google_pubsub_topic_iam_policy
#     - google_secret_manager_secret_iam_binding
#     - google_secret_manager_secret_iam_member
#     - google_secret_manager_secret_iam_policy
#     - google_service_account_iam_binding
#     - google_service_account_iam_member
#     - google_service_account_iam_policy
#     - google_spanner_database_iam_binding
#     - google_spanner_database_iam_member
#     - google_spanner_database_iam_policy
#     - google_spanner_instance_iam_binding
#     - google_spanner_instance_iam_member
#     - google_spanner_instance_iam_policy
#   layers: [pre-commit, ci, cd]
#   parameters:
#     forbidden_roles:
#       - roles/owner
#       - roles/editor
#       - roles/iam.serviceAccountTokenCreator
#       - roles/iam.serviceAccountUser
#     exempt_members:
#       roles/editor: ["serviceAccount:*@cloudservices.gserviceaccount.com"]
#     open_roles: []
#   remediation: >-
#     Grant the predefined or custom role that the work needs, to a group, and roles that act as a service account on that
#     account alone (google_service_account_iam_member); name members in place of allUsers and allAuthenticatedUsers.
package gateproof.policies.google_iam_bindings

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

# Grants on much at once, and grants on one thing.

hierarchy := tf.planned([
	"google_folder_iam_binding",
	"google_folder_iam_member",
	"google_folder_iam_policy",
	"google_organization_iam_binding",
	"google_organization_iam_member",
	"google_organization_iam_policy",
	"google_project_iam_binding",
	"google_project_iam_member",
	"google_project_iam_policy",
])

single := tf.planned([
	"google_artifact_registry_repository_iam_binding",
	"google_artifact_registry_repository_iam_member",
	"google_artifact_registry_repository_iam_policy",
	"google_bigquery_dataset_iam_binding",
	"google_bigquery_dataset_iam_member",
	"google_bigquery_dataset_iam_policy",
	"google_bigquery_table_iam_binding",
	"google_bigquery_table_iam_member",
	"google_bigquery_table_iam_policy",
	"google_bigtable_instance_iam_binding",
	"google_bigtable_instance_iam_member",
	"google_bigtable_instance_iam_policy",
	"google_bigtable_table_iam_binding",
	"google_bigtable_table_iam_member",
	"google_bigtable_table_iam_policy",
	"google_cloud_run_service_iam_binding",
	"google_cloud_run_service_iam_member",
	"google_cloud_run_service_iam_policy",
	"google_cloud_run_v2_service_iam_binding",
	"google_cloud_run_v2_service_iam_member",
	"google_cloud_run_v2_service_iam_policy",
	"google_cloudfunctions2_function_iam_binding",
	"google_cloudfunctions2_function_iam_member",
	"google_cloudfunctions2_function_iam_policy",
	"google_cloudfunctions_function_iam_binding",
	"google_cloudfunctions_function_iam_member",
	"google_cloudfunctions_function_iam_policy",
	"google_compute_image_iam_binding",
	"google_compute_image_iam_member",
	"google_compute_image_iam_policy",
	"google_healthcare_dataset_iam_binding",
	"google_healthcare_dataset_iam_member",
	"google_healthcare_dataset_iam_policy",
	"google_healthcare_dicom_store_iam_binding",
	"google_healthcare_dicom_store_iam_member",
	"google_healthcare_dicom_store_iam_policy",
	"google_healthcare_fhir_store_iam_binding",
	"google_healthcare_fhir_store_iam_member",
	"google_healthcare_fhir_store_iam_policy",
	"google_healthcare_hl7_v2_store_iam_binding",
	"google_healthcare_hl7_v2_store_iam_member",
	"google_healthcare_hl7_v2_store_iam_policy",
	"google_kms_crypto_key_iam_binding",
	"google_kms_crypto_key_iam_member",
	"google_kms_crypto_key_iam_policy",
	"google_kms_key_ring_iam_binding",
	"google_kms_key_ring_iam_member",
	"google_kms_key_ring_iam_policy",
	"google_pubsub_subscription_iam_binding",
	"google_pubsub_subscription_iam_member",
	"google_pubsub_subscription_iam_policy",
	"google_pubsub_topic_iam_binding",
	"google_pubsub_topic_iam_member",
	"google_pubsub_topic_iam_policy",
	"google_secret_manager_secret_iam_binding",
	"google_secret_manager_secret_iam_member",
	"google_secret_manager_secret_iam_policy",
	"google_service_account_iam_binding",
	"google_service_account_iam_member",
	"google_service_account_iam_policy",
	"google_spanner_database_iam_binding",
	"google_spanner_database_iam_member",
	"google_spanner_database_iam_policy",
	"google_spanner_instance_iam_binding",
	"google_spanner_instance_iam_member",
	"google_spanner_instance_iam_policy",
])

grants := array.concat(hierarchy, single)

dataset_entries := [{"r": r, "path": path} | some r in tf.planned(["google_bigquery_dataset_access"]); path := []]

dataset_blocks := [{"r": r, "path": block.path} |
	some r in tf.planned(["google_bigquery_dataset"])
	some block in tf.blocks(r, ["access"])
]

applies contains r.address if some r in grants

applies contains r.address if some r in tf.planned(["google_bigquery_dataset", "google_bigquery_dataset_access"])

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(powers, [google.closed(r, data.parameters.open_roles) | some r in grants]),
	array.concat(entries, access_lists),
)

# Roles that are forbidden on projects and above.

powers := [tf.result(r, ["role"], verdict, message) |
	some r in hierarchy
	verdict := power(r)
	message := sprintf("%s is granted", [concat(" and ", forbidden(r))])
]

power(r) := "no" if {
	count(forbidden(r)) > 0
} else := reason if {
	reason := tf.why_texts_unreadable(r, ["role"])
} else := "yes"

# Members who are not known are told by the checks that nothing is for everybody.
forbidden(r) := {grant.role |
	some grant in google.grants(r)
	grant.role in data.parameters.forbidden_roles
	some member in grant.members
	tf.readable(member)
	not exempt(member, grant.role)
}

exempt(member, role) if {
	some pattern in data.parameters.exempt_members[role]
	glob.match(pattern, null, member)
}

# Datasets have lists of access of their own, in which everybody is a group or a member.

entries := [tf.result(one.r, path, verdict, "everybody has access to the dataset") |
	some one in array.concat(dataset_entries, dataset_blocks)
	some name in ["special_group", "iam_member"]
	path := array.concat(one.path, [name])
	verdict := entry_verdict(one.r, path)
]

entry_verdict(r, path) := "no" if {
	google.for_everybody(tf.value(r, path))
} else := reason if {
	reason := tf.why_texts_unreadable(r, path)
} else := "yes"

access_lists := [tf.result(r, ["access"], reason, "") |
	some r in tf.planned(["google_bigquery_dataset"])
	reason := why_no_list(r)
]

why_no_list(r) := reason if {
	reason := tf.why_unreadable(r, ["access"])
} else := "is no list of entries" if {
	some entry in tf.as_list(tf.value(r, ["access"]))
	not is_object(entry)
}
