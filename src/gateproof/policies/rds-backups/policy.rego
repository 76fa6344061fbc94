# METADATA
# scope: package
# title: Databases are backed up and cannot be deleted by mistake
# description: >-
#   RDS instances and clusters, DocumentDB and Neptune clusters and Redshift clusters keep automated backups long enough and
#   take a final snapshot when they are deleted; all but Redshift, which has none, have deletion protection.
# custom:
#   id: rds-backups
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:A1.2
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-10
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.308(a)(7)(ii)(B)
#   kinds: [terraform-plan]
#   resources:
#     - aws_db_instance
#     - aws_docdb_cluster
#     - aws_neptune_cluster
#     - aws_rds_cluster
#     - aws_redshift_cluster
#   layers: [pre-commit, ci, cd]
#   parameters:
#     shortest_retention_days: 7
#   remediation: >-
#     Set backup_retention_period (automated_snapshot_retention_period for Redshift) to at least the shortest retention,
#     deletion_protection = true, and skip_final_snapshot = false with a final_snapshot_identifier.
package gateproof.policies.rds_backups

import data.gateproof.lib.terraform as tf
import rego.v1

# Where each type says how many days of backups it keeps, and how many they are where it does not say.
retention := {
	"aws_db_instance": {"attribute": "backup_retention_period", "unset": 0},
	"aws_docdb_cluster": {"attribute": "backup_retention_period", "unset": 1},
	"aws_neptune_cluster": {"attribute": "backup_retention_period", "unset": 1},
	"aws_rds_cluster": {"attribute": "backup_retention_period", "unset": 1},
	"aws_redshift_cluster": {"attribute": "automated_snapshot_retention_period", "unset": 1},
}

databases := tf.planned(object.keys(retention))

applies contains r.address if some r in databases

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(retentions, array.concat(protections, final_snapshots))

retentions := [check |
	some r in databases
	form := retention[r.type]
	path := [form.attribute]
	verdict := tf.range_verdict(r, path, form.unset, data.parameters.shortest_retention_days, 36500)
	message := sprintf("automated backups are kept for too few days: %v", [tf.number(r, path, form.unset)])
	check := tf.result(r, path, excused(r, verdict), message)
]

protections := [tf.result(r, path, excused(r, tf.verdict(r, path, {true, "true"})), "deletion protection is off") |
	some r in databases
	r.type != "aws_redshift_cluster"
	path := ["deletion_protection"]
]

final_snapshots := [tf.result(r, path, excused(r, tf.verdict(r, path, {false, "false", null})), message) |
	some r in databases
	path := ["skip_final_snapshot"]
	message := "no final snapshot is taken when the database is deleted"
]

# A read replica is backed up where its source is.

excused(r, verdict) := "yes" if {
	tf.readable(tf.value(r, source))
} else := sprintf("is wrong unless this is a replica: %s %s", [tf.name(source), reason]) if {
	verdict == "no"
	reason := tf.why_unreadable(r, source)
} else := verdict

source := ["replicate_source_db"]
