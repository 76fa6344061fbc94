# METADATA
# scope: package
# title: Azure key vaults cannot be emptied in a hurry, are closed to the public, and their keys rotate
# description: >-
#   Key vaults and managed HSMs have purge protection, keep what is deleted long enough and close their network but for
#   what their rules name; keys rotate by themselves, at least once in the longest period allowed.
# custom:
#   id: azure-key-vault
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:SC-7(5)
#     - nist-800-53@5:SC-12
#     - nist-800-53@5:SC-12(1)
#     - pci-dss@4.0.1:3.6.1
#     - pci-dss@4.0.1:3.7.4
#     - hipaa:164.312(a)(2)(iv)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_key_vault
#     - azurerm_key_vault_key
#     - azurerm_key_vault_managed_hardware_security_module
#   layers: [pre-commit, ci, cd]
#   parameters:
#     closed_network: true
#     longest_rotation_days: 365
#     shortest_retention_days: 30
#   remediation: >-
#     Set purge_protection_enabled = true and network_acls with default_action "Deny" (or public_network_access_enabled =
#     false) on the vault, leave soft_delete_retention_days out, and give keys a rotation_policy with an automatic block.
package gateproof.policies.azure_key_vault

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

vaults := tf.planned(["azurerm_key_vault", "azurerm_key_vault_managed_hardware_security_module"])

keys := tf.planned(["azurerm_key_vault_key"])

applies contains r.address if some r in array.concat(vaults, keys)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(array.concat(protections, retentions), array.concat(networks, rotations))

protections := [tf.check(r, ["purge_protection_enabled"], {true, "true"}, message) |
	message := "what is deleted can be purged at once"
	some r in vaults
]

retentions := [tf.result(r, path, verdict, message) |
	path := ["soft_delete_retention_days"]
	some r in vaults
	verdict := tf.range_verdict(r, path, 90, data.parameters.shortest_retention_days, 90)
	message := sprintf("what is deleted is gone after %v days", [tf.number(r, path, 90)])
]

networks := [tf.result(r, array.concat(block, ["default_action"]), reach(r, block), "every network can reach the vault") |
	data.parameters.closed_network
	some r in vaults
	some block in tf.block_paths(r, ["network_acls"])
]

reach(r, block) := "yes" if {
	tf.value(r, ["public_network_access_enabled"]) in {false, "false"}
} else := "yes" if {
	network.closed(r, block) == "yes"
} else := sprintf("is not to be told: public_network_access_enabled %s", [reason]) if {
	reason := tf.why_unreadable(r, ["public_network_access_enabled"])
} else := network.closed(r, block)

# Keys rotate some time after they were made, or some time before they expire.

rotations := [tf.result(r, ["rotation_policy"], rotation(r), message) |
	message := sprintf("the key is not rotated at least every %v days", [data.parameters.longest_rotation_days])
	some r in keys
]

rotation(r) := "yes" if {
	days(r, after_creation) <= data.parameters.longest_rotation_days
} else := "yes" if {
	days(r, expiry) - days(r, before_expiry) <= data.parameters.longest_rotation_days
} else := reasons[0] if {
	reasons := [reason | some path in [after_creation, before_expiry, expiry]; reason := tf.why_unreadable(r, path)]
	count(reasons) > 0
} else := "no"

after_creation := ["rotation_policy", 0, "automatic", 0, "time_after_creation"]

before_expiry := ["rotation_policy", 0, "automatic", 0, "time_before_expiry"]

expiry := ["rotation_policy", 0, "expire_after"]

# Durations of ISO 8601 with one unit.
days(r, path) := to_number(found[0][1]) * lengths[found[0][2]] if {
	found := regex.find_all_string_submatch_n(`^P(\d{1,5})([DWMY])$`, tf.value(r, path), 1)
}

lengths := {"D": 1, "W": 7, "M": 30, "Y": 365}
