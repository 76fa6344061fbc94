# METADATA
# scope: package
# title: Azure stores answer over TLS 1.2 only
# description: >-
#   Storage accounts, databases, caches and message brokers refuse plain text and what is older than TLS 1.2.
# custom:
#   id: azure-storage-tls
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:2.2.7
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_cosmosdb_account
#     - azurerm_eventhub_namespace
#     - azurerm_mariadb_server
#     - azurerm_mssql_managed_instance
#     - azurerm_mssql_server
#     - azurerm_mysql_flexible_server_configuration
#     - azurerm_mysql_server
#     - azurerm_postgresql_flexible_server_configuration
#     - azurerm_postgresql_server
#     - azurerm_redis_cache
#     - azurerm_servicebus_namespace
#     - azurerm_storage_account
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Set the minimum TLS version to 1.2 (min_tls_version = "TLS1_2", minimum_tls_version = "1.2"), and leave HTTPS, SSL
#     enforcement and require_secure_transport on.
package gateproof.policies.azure_storage_tls

import data.gateproof.lib.terraform as tf
import rego.v1

# What the attributes of each type may be; null where not setting one is good.
required := {
	"azurerm_cosmosdb_account": {"minimal_tls_version": {"Tls12", null}},
	"azurerm_eventhub_namespace": {"minimum_tls_version": {"1.2", "1.3", null}},
	"azurerm_mariadb_server": single_server,
	"azurerm_mssql_managed_instance": {"minimum_tls_version": {"1.2", "1.3"}},
	"azurerm_mssql_server": {"minimum_tls_version": {"1.2", "1.3"}},
	"azurerm_mysql_server": single_server,
	"azurerm_postgresql_server": single_server,
	"azurerm_redis_cache": {
		"minimum_tls_version": {"1.2", "1.3"},
		"enable_non_ssl_port": {false, "false", null},
		"non_ssl_port_enabled": {false, "false", null},
	},
	"azurerm_servicebus_namespace": {"minimum_tls_version": {"1.2", "1.3", null}},
	"azurerm_storage_account": {
		"min_tls_version": {"TLS1_2", "TLS1_3"},
		"enable_https_traffic_only": {true, "true", null},
		"https_traffic_only_enabled": {true, "true", null},
	},
}

single_server := {
	"ssl_enforcement_enabled": {true, "true"},
	"ssl_minimal_tls_version_enforced": {"TLS1_2"},
}

stores := tf.planned(object.keys(required))

# Flexible servers require TLS unless this setting says otherwise.
settings := [r |
	some r in tf.planned(["azurerm_mysql_flexible_server_configuration", "azurerm_postgresql_flexible_server_configuration"])
	tf.value(r, ["name"]) == "require_secure_transport"
]

applies contains r.address if some r in array.concat(stores, settings)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.check(r, [attribute], good, message(attribute)) | some r in stores; some attribute, good in required[r.type]],
	[tf.check(r, ["value"], {"on", "ON", "On"}, "connections in plain text are accepted") | some r in settings],
)

message(attribute) := "what is older than TLS 1.2 is accepted" if {
	contains(attribute, "tls_version")
} else := "connections in plain text are accepted"
