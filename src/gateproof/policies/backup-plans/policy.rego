# METADATA
# scope: package
# title: Backups are planned, kept, and locked
# description: >-
#   Every AWS Backup plan backs something up and keeps it long enough; every vault is locked, so that nobody deletes
#   recovery points early.
# custom:
#   id: backup-plans
#   version: 1.0.2
#   severity: medium
#   controls:
#     - soc2@2017:A1.2
#     - soc2@2017:CC7.5
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-10
#     - hipaa:164.308(a)(7)(ii)(A)
#   kinds: [terraform-plan]
#   resources:
#     - aws_backup_plan
#     - aws_backup_selection
#     - aws_backup_vault
#     - aws_backup_vault_lock_configuration
#   layers: [pre-commit, ci, cd]
#   parameters:
#     minimum_days: 30
#     compliance_mode_required: false
#   remediation: >-
#     Give the plan an aws_backup_selection and a rule with a lifecycle whose delete_after is 30 or more; give the vault
#     an aws_backup_vault_lock_configuration with min_retention_days, and leave force_destroy false.
package gateproof.policies.backup_plans

import data.gateproof.lib.terraform as tf
import rego.v1

plans := tf.planned(["aws_backup_plan"])

selections := tf.planned(["aws_backup_selection"])

vaults := tf.planned(["aws_backup_vault"])

locks := tf.planned(["aws_backup_vault_lock_configuration"])

removed_locks := tf.removed(["aws_backup_vault_lock_configuration"])

applies contains r.address if some r in plans

applies contains r.address if some r in vaults

applies contains r.address if some r in locks

applies contains r.address if some r in removed_locks

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(retention_checks, array.concat(link_checks, lock_checks))

# A plan may have short-lived backups beside those that are kept.

retention_checks := [check |
	some r in plans
	message := sprintf("no rule keeps backups for %d days", [data.parameters.minimum_days])
	check := tf.result(r, ["rule"], retention_verdict(r), message)
]

delete_after(rule) := array.concat(rule.path, ["lifecycle", 0, "delete_after"])

retention_verdict(r) := reason if {
	reason := tf.why_blocks_unreadable(r, ["rule"])
} else := "yes" if {
	some rule in tf.blocks(r, ["rule"])
	tf.range_verdict(r, delete_after(rule), null, data.parameters.minimum_days, 36500) == "yes"
} else := "yes" if {
	some rule in tf.blocks(r, ["rule"])
	kept_forever(r, delete_after(rule))
} else := reason if {
	some rule in tf.blocks(r, ["rule"])
	reason := tf.why_unreadable(r, delete_after(rule))
} else := "no"

kept_forever(r, path) if {
	tf.value(r, path) in {null, 0}
	not tf.misplaced(r, path)
	not tf.why_unreadable(r, path)
}

# Selections belong to plans, and locks to vaults, by reference or by name.

selected := tf.links(selections, "plan_id", plans)

locked := tf.links(locks, "backup_vault_name", vaults)

link_checks := array.concat(
	[check |
		some r in plans
		verdict := link_verdict(selected, r, ["id"])
		check := tf.result(r, ["name"], verdict, "the plan has no selection, so that nothing is backed up")
	],
	[check |
		some r in vaults
		verdict := link_verdict(locked, r, ["name", "id"])
		check := tf.result(r, ["name"], verdict, "the vault is not locked: recovery points can be deleted early")
	],
)

link_verdict(links, r, attributes) := "yes" if {
	tf.linked(links, r, attributes)
} else := tf.why_unclear(links, r) if {
	tf.why_unclear(links, r)
} else := "no"

lock_checks := array.concat(
	[check |
		some r in vaults
		message := "force_destroy deletes the recovery points with the vault"
		check := tf.check(r, ["force_destroy"], {false, "false", null}, message)
	],
	[check |
		some r in locks
		some attribute in lock_attributes
		message := sprintf("the lock does not set %s", [attribute])
		check := tf.result(r, [attribute], tf.range_verdict(r, [attribute], 0, 1, 36500), message)
	],
)

lock_attributes := {"min_retention_days"} | {"changeable_for_days" | data.parameters.compliance_mode_required}

# Locks that are taken away from a vault that stays. Where the plan has the vault, that is told there.

planned_vaults := {name |
	some r in input.resources
	r.type == "aws_backup_vault"
	some state in [r.before, r.values]
	name := state.name
	tf.readable(name)
}

deny contains {"resource": r.address, "message": message} if {
	some r in removed_locks
	name := r.before.backup_vault_name
	tf.readable(name)
	not name in planned_vaults
	message := sprintf("the lock of vault %q is removed, and the vault stays", [name])
}

undecided contains {"resource": r.address, "reason": "it is removed, and for which vault it was cannot be read"} if {
	some r in removed_locks
	not tf.readable(object.get(r, ["before", "backup_vault_name"], null))
}
