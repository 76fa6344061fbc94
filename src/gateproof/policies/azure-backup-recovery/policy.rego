# METADATA
# scope: package
# title: Azure data is backed up, and backups cannot be deleted in a hurry
# description: >-
#   Databases keep backups long enough, deleted blobs and containers can be brought back, backup vaults are immutable, keep
#   what is deleted and hold more than one site, and no machine loses its backup.
# custom:
#   id: azure-backup-recovery
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:A1.2
#     - nist-800-53@5:CP-6
#     - nist-800-53@5:CP-9
#     - nist-800-53@5:CP-9(8)
#     - nist-800-53@5:CP-10
#     - pci-dss@4.0.1:10.3.3
#     - hipaa:164.308(a)(7)(ii)(A)
#     - hipaa:164.308(a)(7)(ii)(B)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_backup_policy_vm
#     - azurerm_backup_protected_vm
#     - azurerm_cosmosdb_account
#     - azurerm_data_protection_backup_vault
#     - azurerm_linux_virtual_machine
#     - azurerm_mariadb_server
#     - azurerm_mssql_database
#     - azurerm_mssql_managed_database
#     - azurerm_mysql_flexible_server
#     - azurerm_mysql_server
#     - azurerm_postgresql_flexible_server
#     - azurerm_postgresql_server
#     - azurerm_recovery_services_vault
#     - azurerm_storage_account
#     - azurerm_virtual_machine
#     - azurerm_windows_virtual_machine
#   layers: [pre-commit, ci, cd]
#   parameters:
#     immutable_vaults: true
#     shortest_retention_days: 7
#   remediation: >-
#     Keep backups for at least the days required, give storage accounts delete_retention_policy and
#     container_delete_retention_policy in blob_properties, and vaults immutability "Unlocked" or "Locked".
package gateproof.policies.azure_backup_recovery

import data.gateproof.lib.terraform as tf
import rego.v1

# Where each type says for how many days backups are kept, and for how many when it does not. A policy for machines
# without daily backups keeps them for weeks at least.
retentions := {
	"azurerm_backup_policy_vm": {"path": ["retention_daily", 0, "count"], "unset": 9999},
	"azurerm_mariadb_server": {"path": ["backup_retention_days"], "unset": 7},
	"azurerm_mssql_database": {"path": ["short_term_retention_policy", 0, "retention_days"], "unset": 7},
	"azurerm_mssql_managed_database": {"path": ["short_term_retention_days"], "unset": 7},
	"azurerm_mysql_flexible_server": {"path": ["backup_retention_days"], "unset": 7},
	"azurerm_mysql_server": {"path": ["backup_retention_days"], "unset": 7},
	"azurerm_postgresql_flexible_server": {"path": ["backup_retention_days"], "unset": 7},
	"azurerm_postgresql_server": {"path": ["backup_retention_days"], "unset": 7},
}

# What the attributes of backup vaults and protected machines may be.
required := {
	"azurerm_backup_protected_vm": {"protection_state": [{"Protected", "", null}, "the backup of the machine is stopped"]},
	"azurerm_data_protection_backup_vault": {
		"redundancy": [{"GeoRedundant", "ZoneRedundant"}, one_site],
		"soft_delete": [{"On", "AlwaysOn", null}, deletable],
	},
	"azurerm_recovery_services_vault": {
		"soft_delete_enabled": [{true, "true", null}, deletable],
		"storage_mode_type": [{"GeoRedundant", "ZoneRedundant", null}, one_site],
	},
}

one_site := "backups are held on one site"

deletable := "deleted backups are gone at once"

databases := tf.planned(object.keys(retentions))

settings := tf.planned(object.keys(required))

accounts := tf.planned(["azurerm_cosmosdb_account"])

blob_stores := [r | some r in tf.planned(["azurerm_storage_account"]); tf.value(r, ["account_kind"]) != "FileStorage"]

applies contains r.address if some r in array.concat(array.concat(databases, settings), array.concat(accounts, blob_stores))

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(array.concat(kept, continuous), array.concat(array.concat(set_right, immutable), array.concat(deleted, removals)))

kept := [tf.result(r, path, verdict, message) |
	some r in databases
	path := retentions[r.type].path
	verdict := tf.range_verdict(r, path, retentions[r.type].unset, data.parameters.shortest_retention_days, 9999)
	message := sprintf("backups are kept for %v days only", [tf.value(r, path)])
]

set_right := [tf.check(r, [attribute], good, message) |
	some r in settings
	some attribute, [good, message] in required[r.type]
]

immutable := [tf.check(r, ["immutability"], {"Locked", "Unlocked"}, "backups in the vault can be changed and deleted") |
	data.parameters.immutable_vaults
	some r in tf.planned(["azurerm_recovery_services_vault", "azurerm_data_protection_backup_vault"])
]

# Cosmos DB: continuous, or every few hours, which are then kept for 8 hours by default.

continuous := [tf.result(r, ["backup"], backup(r), "backups are kept for a few hours or days only") | some r in accounts]

backup(r) := "yes" if {
	tf.value(r, ["backup", 0, "type"]) == "Continuous"
} else := reason if {
	reason := tf.why_unreadable(r, ["backup", 0, "type"])
} else := tf.range_verdict(r, ["backup", 0, "retention_in_hours"], 8, hours, 9999) if {
	hours := data.parameters.shortest_retention_days * 24
}

# Blobs and containers that are deleted are kept where there is a block, for 7 days unless it says otherwise.

deleted := [tf.result(r, path, kept_deleted(r, path), sprintf("deleted %s are gone too soon", [what])) |
	some r in blob_stores
	some policy, what in {"delete_retention_policy": "blobs", "container_delete_retention_policy": "containers"}
	path := ["blob_properties", 0, policy]
]

kept_deleted(r, path) := tf.range_verdict(r, days, 7, data.parameters.shortest_retention_days, 365) if {
	count(tf.blocks(r, path)) > 0
	days := array.concat(path, [0, "days"])
} else := tf.verdict(r, path, set())

# Backups that are taken away from machines that stay.

removals := tf.removals("azurerm_backup_protected_vm", "source_vm_id", gone, "backup")

gone := {name |
	some r in tf.removed(["azurerm_linux_virtual_machine", "azurerm_virtual_machine", "azurerm_windows_virtual_machine"])
	some name in tf.names(r, ["id"])
}
