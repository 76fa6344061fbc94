# METADATA
# scope: package
# title: Azure storage accounts are not public
# description: >-
#   No storage account lets its containers be read anonymously, no container asks for that, and the network of an account
#   is closed but for what its rules name.
# custom:
#   id: azure-storage-not-public
#   version: 1.0.1
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.4
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_storage_account
#     - azurerm_storage_account_network_rules
#     - azurerm_storage_container
#   layers: [pre-commit, ci, cd]
#   parameters:
#     closed_network: true
#   remediation: >-
#     Set allow_nested_items_to_be_public = false on the account and leave container_access_type "private"; set
#     public_network_access_enabled = false, or network_rules with default_action "Deny".
package gateproof.policies.azure_storage_not_public

import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

accounts := tf.planned(["azurerm_storage_account"])

containers := tf.planned(["azurerm_storage_container"])

rules := tf.planned(["azurerm_storage_account_network_rules"])

applies contains r.address if some r in array.concat(accounts, array.concat(containers, network_checked))

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(array.concat(anonymous, opened), array.concat(networks, removals))

# Anonymous reading needs both: an account that lets its containers allow it, and a container that does.

anonymous := [tf.check(r, [permission(r)], {false, "false"}, "containers of the account may be made public") |
	some r in accounts
]

# As providers before 3.0 name it. Later ones always have the other.
permission(r) := "allow_blob_public_access" if {
	some state in [r.values, r.unknown]
	"allow_blob_public_access" in object.keys(state)
} else := "allow_nested_items_to_be_public"

opened := [tf.check(r, ["container_access_type"], {"private", "", null}, "the container can be read by everybody") |
	some r in containers
]

# The network is closed in the account, or in rules of their own.

network_checked := [r | data.parameters.closed_network; some r in rules]

networks := array.concat(
	[tf.result(r, ["default_action"], network.closed(r, []), open) | some r in network_checked],
	[tf.result(r, array.concat(block, ["default_action"]), reach(r, block), open) |
		data.parameters.closed_network
		some r in accounts
		some block in tf.block_paths(r, ["network_rules"])
	],
)

open := "every network can reach the account"

reach(r, block) := "yes" if {
	tf.value(r, ["public_network_access_enabled"]) in {false, "false"}
} else := "yes" if {
	tf.linked(by_id, r, ["id"])
} else := "yes" if {
	tf.linked(by_name, r, ["name"])
} else := "yes" if {
	network.closed(r, block) == "yes"
} else := sprintf("is not to be told: public_network_access_enabled %s", [reason]) if {
	reason := tf.why_unreadable(r, ["public_network_access_enabled"])
} else := sprintf("is not set, and %s", [reason]) if {
	tf.value(r, ["network_rules", 0]) == null
	some found in [by_id, by_name]
	reason := tf.why_unclear(found, r)
} else := network.closed(r, block)

by_id := tf.links([r | some r in rules; not named(r)], "storage_account_id", accounts)

by_name := tf.links([r | some r in rules; named(r)], "storage_account_name", accounts)

# As providers before 3.0 say which account rules are for.
named(r) if tf.readable(tf.value(r, ["storage_account_name"]))

told := {name |
	some r in array.concat(accounts, tf.removed(["azurerm_storage_account"]))
	some name in tf.names(r, ["id"])
}

removals := [check |
	data.parameters.closed_network
	some check in tf.removals("azurerm_storage_account_network_rules", "storage_account_id", told, "network rules")
]
