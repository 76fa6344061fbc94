# METADATA
# scope: package
# title: Databases of Google Cloud are backed up, can be restored, and are not deleted by mistake
# description: >-
#   Instances of Cloud SQL have automatic backups, enough of them, and recovery to a point in time, and something protects
#   them from being deleted; clusters of AlloyDB do not switch continuous backups off.
# custom:
#   id: google-sql-backups
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:A1.2
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-10
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.308(a)(7)(ii)(B)
#   kinds: [terraform-plan]
#   resources: [google_alloydb_cluster, google_sql_database_instance]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     fewest_backups: 7
#   remediation: >-
#     In settings.backup_configuration set enabled = true and point_in_time_recovery_enabled = true (MySQL: binary_log_enabled),
#     leave backup_retention_settings out or keep enough backups, and leave deletion_protection true.
package gateproof.policies.google_sql_backups

import data.gateproof.lib.google
import data.gateproof.lib.terraform as tf
import rego.v1

databases := tf.planned(["google_sql_database_instance"])

clusters := tf.planned(["google_alloydb_cluster"])

# Replicas are not backed up: their primary is.
primaries := [r | some r in databases; not google.sql_replica(r)]

applies contains r.address if some r in array.concat(databases, clusters)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(
		[google.check(r, backup("enabled"), {true, "true"}, "the database is not backed up") | some r in primaries],
		[google.check(r, log(r), {true, "true"}, "it cannot be restored to a point in time") | some r in primaries],
	),
	array.concat(
		array.concat(
			[tf.result(r, retained, kept(r), "too few backups are kept") | some r in primaries],
			[tf.result(r, ["deletion_protection"], protected(r), "nothing keeps it from being deleted") | some r in databases],
		),
		[google.check(r, ["continuous_backup_config", 0, "enabled"], {true, "true", null}, "the cluster is not backed up") |
			some r in clusters
		],
	),
)

backup(attribute) := ["settings", 0, "backup_configuration", 0, attribute]

# MySQL has a binary log in place of a setting of its own.
log(r) := backup("binary_log_enabled") if {
	startswith(tf.value(r, ["database_version"]), "MYSQL")
} else := backup("point_in_time_recovery_enabled")

# Seven backups are kept where nobody says how many. How many is not set where the provider fills in the whole block.

retained := array.concat(backup("backup_retention_settings"), [0, "retained_backups"])

kept(r) := tf.range_verdict(r, retained, 7, data.parameters.fewest_backups, 365) if {
	tf.value(r, backup("backup_retention_settings")) != null
} else := "yes" if {
	data.parameters.fewest_backups <= 7
} else := "no"

# Terraform refuses to delete it unless told otherwise, or Google does when told so.
protected(r) := "yes" if {
	tf.value(r, ["settings", 0, "deletion_protection_enabled"]) in {true, "true"}
} else := google.verdict(r, ["deletion_protection"], {true, "true", null})
