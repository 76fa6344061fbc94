# METADATA
# scope: package
# title: Databases have no public address
# description: >-
#   No instance of RDS, Aurora, Neptune, Lightsail or DMS, and nothing of Redshift, is publicly accessible.
# custom:
#   id: rds-not-public
#   version: 1.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.2
#     - pci-dss@4.0.1:1.4.4
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - aws_db_instance
#     - aws_dms_replication_instance
#     - aws_lightsail_database
#     - aws_neptune_cluster_instance
#     - aws_rds_cluster_instance
#     - aws_redshift_cluster
#     - aws_redshiftserverless_workgroup
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Set publicly_accessible = false, put the database into private subnets, and reach it from inside the VPC, over a VPN or
#     through Session Manager.
package gateproof.policies.rds_not_public

import data.gateproof.lib.terraform as tf
import rego.v1

# What publicly_accessible may be. Where it is not set it is false, but for Redshift under providers before 6.0.
private := {
	"aws_db_instance": {false, "false", null},
	"aws_dms_replication_instance": {false, "false", null},
	"aws_lightsail_database": {false, "false", null},
	"aws_neptune_cluster_instance": {false, "false", null},
	"aws_rds_cluster_instance": {false, "false", null},
	"aws_redshift_cluster": {false, "false"},
	"aws_redshiftserverless_workgroup": {false, "false", null},
}

databases := tf.planned(object.keys(private))

applies contains r.address if some r in databases

checks := [tf.check(r, ["publicly_accessible"], private[r.type], "the database is publicly accessible") |
	some r in databases
]

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)
