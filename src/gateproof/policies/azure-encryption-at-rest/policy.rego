# METADATA
# scope: package
# title: Azure stores are encrypted with keys of the customer
# description: >-
#   Disks, storage accounts, databases, clusters, registries and vaults name a key in Key Vault, in themselves or in a
#   resource of its own, rather than leaving it to a key that Azure manages.
# custom:
#   id: azure-encryption-at-rest
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-28
#     - nist-800-53@5:SC-28(1)
#     - pci-dss@4.0.1:3.5.1
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_container_registry
#     - azurerm_cosmosdb_account
#     - azurerm_data_factory
#     - azurerm_kubernetes_cluster
#     - azurerm_linux_virtual_machine
#     - azurerm_linux_virtual_machine_scale_set
#     - azurerm_managed_disk
#     - azurerm_mssql_managed_instance
#     - azurerm_mssql_managed_instance_transparent_data_encryption
#     - azurerm_mssql_server
#     - azurerm_mssql_server_transparent_data_encryption
#     - azurerm_mysql_flexible_server
#     - azurerm_postgresql_flexible_server
#     - azurerm_postgresql_server
#     - azurerm_postgresql_server_key
#     - azurerm_recovery_services_vault
#     - azurerm_storage_account
#     - azurerm_storage_account_customer_managed_key
#     - azurerm_synapse_workspace
#     - azurerm_windows_virtual_machine
#     - azurerm_windows_virtual_machine_scale_set
#   layers: [pre-commit, ci, cd]
#   parameters:
#     platform_keys_suffice: []
#   remediation: >-
#     Name a key of Key Vault or a disk encryption set in the attribute, or in the resource of its own that is for it
#     (azurerm_storage_account_customer_managed_key, azurerm_mssql_server_transparent_data_encryption).
package gateproof.policies.azure_encryption_at_rest

import data.gateproof.lib.terraform as tf
import rego.v1

# In which block each type names its key, and by which attributes.
places := {
	"azurerm_container_registry": {"block": ["encryption"], "keys": ["key_vault_key_id"]},
	"azurerm_cosmosdb_account": {"block": [], "keys": ["key_vault_key_id", "managed_hsm_key_id"]},
	"azurerm_data_factory": {"block": [], "keys": ["customer_managed_key_id"]},
	"azurerm_kubernetes_cluster": {"block": [], "keys": disk_sets},
	"azurerm_linux_virtual_machine": {"block": ["os_disk"], "keys": disk_sets},
	"azurerm_linux_virtual_machine_scale_set": {"block": ["os_disk"], "keys": disk_sets},
	"azurerm_managed_disk": {"block": [], "keys": disk_sets},
	"azurerm_mssql_managed_instance": {"block": [], "keys": ["key_vault_key_id"]},
	"azurerm_mssql_server": {"block": [], "keys": ["transparent_data_encryption_key_vault_key_id"]},
	"azurerm_mysql_flexible_server": {"block": ["customer_managed_key"], "keys": ["key_vault_key_id", "managed_hsm_key_id"]},
	"azurerm_postgresql_flexible_server": {"block": ["customer_managed_key"], "keys": ["key_vault_key_id"]},
	"azurerm_postgresql_server": {"block": [], "keys": ["key_vault_key_id"]},
	"azurerm_recovery_services_vault": {"block": ["encryption"], "keys": ["key_id"]},
	"azurerm_storage_account": {"block": ["customer_managed_key"], "keys": ["key_vault_key_id", "managed_hsm_key_id"]},
	"azurerm_synapse_workspace": {"block": ["customer_managed_key"], "keys": ["key_versionless_id"]},
	"azurerm_windows_virtual_machine": {"block": ["os_disk"], "keys": disk_sets},
	"azurerm_windows_virtual_machine_scale_set": {"block": ["os_disk"], "keys": disk_sets},
}

disk_sets := ["disk_encryption_set_id", "secure_vm_disk_encryption_set_id"]

# Resources of their own that name the key of another, and the attribute that says of which.
separate := {
	"azurerm_mssql_managed_instance": ["azurerm_mssql_managed_instance_transparent_data_encryption", "managed_instance_id"],
	"azurerm_mssql_server": ["azurerm_mssql_server_transparent_data_encryption", "server_id"],
	"azurerm_postgresql_server": ["azurerm_postgresql_server_key", "server_id"],
	"azurerm_storage_account": ["azurerm_storage_account_customer_managed_key", "storage_account_id"],
}

separate_keys := ["key_vault_key_id", "managed_hsm_key_id", "key_name"]

# What a key may be while its id is not known.
key_types := [
	"azurerm_disk_encryption_set", "azurerm_key_vault_key",
	"azurerm_key_vault_managed_hardware_security_module_key",
]

judged := object.keys(places) - {type | some type in data.parameters.platform_keys_suffice}

stores := tf.planned(judged)

completions := tf.planned([child | some type, [child, _] in separate; type in judged])

applies contains r.address if some r in array.concat(stores, completions)

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	array.concat(
		[tf.result(r, path, verdict(r, key(r, block, places[r.type].keys)), missing) |
			some r in stores
			some block in blocks(r)
			path := array.concat(block, [places[r.type].keys[0]])
		],
		array.concat(
			[tf.result(r, [separate_keys[0]], key(r, [], separate_keys), missing) | some r in completions],
			[tf.result(r, ["data_disk"], tf.why_blocks_unreadable(r, ["data_disk"]), "") | some r in stores],
		),
	),
	removals,
)

missing := "no key is named, so that one that Azure manages is used"

# The disk that a machine starts from is always there, others are where they are.
blocks(r) := array.concat(
	tf.block_paths(r, places[r.type].block),
	[one.path | places[r.type].block == ["os_disk"]; some one in tf.blocks(r, ["data_disk"])],
)

key(r, block, attributes) := "yes" if {
	"yes" in found(r, block, attributes)
} else := reasons[0] if {
	reasons := [verdict | some verdict in found(r, block, attributes); verdict != "no"]
	count(reasons) > 0
} else := "no"

found(r, block, attributes) := [tf.names_one(r, array.concat(block, [attribute]), key_types) | some attribute in attributes]

verdict(r, own) := own if {
	own == "yes"
} else := "yes" if {
	tf.linked(links[r.type], r, ["id"])
} else := sprintf("is not set, and %s", [tf.why_unclear(links[r.type], r)]) if {
	own == "no"
} else := own

links := {type: tf.links(tf.planned([child]), attribute, tf.planned([type])) | some type, [child, attribute] in separate}

removals := [check |
	some type, [child, attribute] in separate
	type in judged
	told := {name | some r in array.concat(tf.planned([type]), tf.removed([type])); some name in tf.names(r, ["id"])}
	some check in tf.removals(child, attribute, told, "key")
]
