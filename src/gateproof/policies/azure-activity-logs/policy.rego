# METADATA
# scope: package
# title: Azure resources and subscriptions send their logs somewhere, and logs are kept
# description: >-
#   Vaults, clusters, gateways, firewalls and brokers have a diagnostic setting that collects logs, settings of a
#   subscription collect every category that matters, and workspaces keep logs long enough.
# custom:
#   id: azure-activity-logs
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC7.2
#     - nist-800-53@5:AU-2
#     - nist-800-53@5:AU-11
#     - nist-800-53@5:AU-12
#     - pci-dss@4.0.1:10.2.1
#     - pci-dss@4.0.1:10.5.1
#     - hipaa:164.312(b)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_api_management
#     - azurerm_application_gateway
#     - azurerm_container_registry
#     - azurerm_eventhub_namespace
#     - azurerm_firewall
#     - azurerm_key_vault
#     - azurerm_key_vault_managed_hardware_security_module
#     - azurerm_kubernetes_cluster
#     - azurerm_log_analytics_workspace
#     - azurerm_monitor_diagnostic_setting
#     - azurerm_monitor_log_profile
#     - azurerm_recovery_services_vault
#     - azurerm_servicebus_namespace
#   layers: [pre-commit, ci, cd]
#   parameters:
#     activity_categories: [Administrative, Alert, Policy, Security]
#     minimum_days: 365
#   remediation: >-
#     Add an azurerm_monitor_diagnostic_setting for the resource with an enabled_log block (category_group "allLogs"), and
#     set retention_in_days of the workspace.
package gateproof.policies.azure_activity_logs

import data.gateproof.lib.terraform as tf
import rego.v1

# What must have a setting, and what its identifiers have in them.
logged := {
	"azurerm_api_management": "/microsoft.apimanagement/service/",
	"azurerm_application_gateway": "/microsoft.network/applicationgateways/",
	"azurerm_container_registry": "/microsoft.containerregistry/registries/",
	"azurerm_eventhub_namespace": "/microsoft.eventhub/namespaces/",
	"azurerm_firewall": "/microsoft.network/azurefirewalls/",
	"azurerm_key_vault": "/microsoft.keyvault/vaults/",
	"azurerm_key_vault_managed_hardware_security_module": "/microsoft.keyvault/managedhsms/",
	"azurerm_kubernetes_cluster": "/microsoft.containerservice/managedclusters/",
	"azurerm_recovery_services_vault": "/microsoft.recoveryservices/vaults/",
	"azurerm_servicebus_namespace": "/microsoft.servicebus/namespaces/",
}

sources := tf.planned(object.keys(logged))

settings := tf.planned(["azurerm_monitor_diagnostic_setting"])

workspaces := tf.planned(["azurerm_log_analytics_workspace"])

profiles := tf.planned(["azurerm_monitor_log_profile"])

applies contains r.address if some r in array.concat(array.concat(sources, settings), array.concat(workspaces, profiles))

applies contains check.resource if some check in removals

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(array.concat(collections, categories), array.concat(retentions, removals))

# Every source has a setting.

links := tf.links([r | some r in settings; not elsewhere(r)], "target_resource_id", sources)

# A setting that can only be for resources of other types.
elsewhere(r) if {
	found := tf.references(r, ["target_resource_id"])
	count(found) > 0
	every address in found {
		regex.match(`^(module\..+\.)?azurerm_`, address)
		not tf.of_type(address, object.keys(logged))
	}
}

deny contains {"resource": r.address, "message": "no diagnostic setting sends its logs anywhere"} if {
	some r in tf.alone(links, sources, ["id"])
}

undecided contains element if some element in tf.unclear(links, sources, ["id"])

# Every setting collects logs: older providers have blocks that may be switched off.

log_blocks(r) := array.concat(
	tf.blocks(r, ["enabled_log"]),
	[block | some block in tf.blocks(r, ["log"]); tf.verdict(r, array.concat(block.path, ["enabled"]), {true, "true", null}) == "yes"],
)

collections := [tf.result(r, ["enabled_log"], collects(r), "the setting collects no logs") | some r in settings]

collects(r) := "yes" if {
	count(log_blocks(r)) > 0
} else := reasons[0] if {
	reasons := unreadable(r)
	count(reasons) > 0
} else := "no"

unreadable(r) := [reason |
	some path in array.concat(
		[["enabled_log"]],
		[array.concat(block.path, [attribute]) |
			some block in array.concat(tf.blocks(r, ["enabled_log"]), tf.blocks(r, ["log"]))
			some attribute in ["category", "category_group", "enabled"]
		],
	)
	reason := tf.why_unreadable(r, path)
]

# That of a subscription collects each category of its activity log.

categories := [tf.result(r, ["enabled_log"], verdict, message) |
	some r in settings
	of_subscription(r)
	found := {block.value.category | some block in log_blocks(r)}
	missing := {category | some category in data.parameters.activity_categories} - found
	verdict := completeness(r, missing)
	message := sprintf("the activity log is collected without %s", [concat(", ", sort(missing))])
]

completeness(r, missing) := "yes" if {
	count(missing) == 0
} else := "yes" if {
	some block in log_blocks(r)
	block.value.category_group == "allLogs"
} else := reasons[0] if {
	reasons := unreadable(r)
	count(reasons) > 0
} else := "no"

of_subscription(r) if is_subscription(tf.value(r, ["target_resource_id"]))

of_subscription(r) if {
	some address in tf.references(r, ["target_resource_id"])
	tf.of_type(address, ["azurerm_subscription"])
}

is_subscription(id) if regex.match(`^/subscriptions/[^/]+/?$`, id)

# How long logs are kept: by default 30 days. A profile without a retention policy keeps them for ever.

retentions := array.concat(
	[tf.result(r, ["retention_in_days"], verdict, kept) |
		some r in workspaces
		verdict := tf.range_verdict(r, ["retention_in_days"], 30, data.parameters.minimum_days, 4383)
	],
	[tf.result(r, path, verdict, kept) |
		some r in profiles
		not tf.value(r, ["retention_policy", 0, "enabled"]) in {false, "false"}
		path := ["retention_policy", 0, "days"]
		verdict := tf.range_verdict(r, path, 0, data.parameters.minimum_days, 4383)
	],
)

kept := sprintf("logs are kept for less than %d days", [data.parameters.minimum_days])

# Settings that are taken away from a subscription, or from what must have one.

told := {name | some r in array.concat(sources, tf.removed(object.keys(logged))); some name in tf.names(r, ["id"])}

removals := [check |
	of := {r.address: lower(r.before.target_resource_id) | some r in tf.removed(["azurerm_monitor_diagnostic_setting"])}
	some check in tf.removals("azurerm_monitor_diagnostic_setting", "target_resource_id", told, "diagnostic setting")
	matters(of[check.resource])
]

matters(id) if is_subscription(id)

matters(id) if tf.hidden(id)

matters(id) if {
	some part in logged
	contains(id, part)
}
