# METADATA
# scope: package
# title: Azure databases cannot be reached from the internet
# description: >-
#   Public network access is off for servers of SQL, PostgreSQL, MySQL, MariaDB, Cosmos DB and Synapse, or they are inside
#   a subnet; no firewall rule lets in all of Azure, or more than a few addresses.
# custom:
#   id: azure-sql-not-public
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
#     - azurerm_cosmosdb_account
#     - azurerm_mariadb_firewall_rule
#     - azurerm_mariadb_server
#     - azurerm_mssql_firewall_rule
#     - azurerm_mssql_managed_instance
#     - azurerm_mssql_server
#     - azurerm_mysql_firewall_rule
#     - azurerm_mysql_flexible_server
#     - azurerm_mysql_flexible_server_firewall_rule
#     - azurerm_mysql_server
#     - azurerm_postgresql_firewall_rule
#     - azurerm_postgresql_flexible_server
#     - azurerm_postgresql_flexible_server_firewall_rule
#     - azurerm_postgresql_server
#     - azurerm_sql_firewall_rule
#     - azurerm_synapse_firewall_rule
#     - azurerm_synapse_workspace
#   layers: [pre-commit, ci, cd]
#   parameters:
#     public_network_off: true
#     most_addresses: 256
#   remediation: >-
#     Set public_network_access_enabled = false and reach the server through a private endpoint, or put flexible servers
#     into a subnet (delegated_subnet_id); name single addresses in firewall rules, and never 0.0.0.0.
package gateproof.policies.azure_sql_not_public

import data.gateproof.lib.terraform as tf
import rego.v1

# Where each type of server says whether the public may connect, and what it must say.
switches := {
	"azurerm_cosmosdb_account": ["public_network_access_enabled", {false, "false"}],
	"azurerm_mariadb_server": ["public_network_access_enabled", {false, "false"}],
	"azurerm_mssql_managed_instance": ["public_data_endpoint_enabled", {false, "false", null}],
	"azurerm_mssql_server": ["public_network_access_enabled", {false, "false"}],
	"azurerm_mysql_flexible_server": ["public_network_access", {"Disabled"}],
	"azurerm_mysql_server": ["public_network_access_enabled", {false, "false"}],
	"azurerm_postgresql_flexible_server": ["public_network_access_enabled", {false, "false"}],
	"azurerm_postgresql_server": ["public_network_access_enabled", {false, "false"}],
	"azurerm_synapse_workspace": ["public_network_access_enabled", {false, "false"}],
}

servers := [r | data.parameters.public_network_off; some r in tf.planned(object.keys(switches))]

firewall_rules := tf.planned([
	"azurerm_mariadb_firewall_rule", "azurerm_mssql_firewall_rule", "azurerm_mysql_firewall_rule",
	"azurerm_mysql_flexible_server_firewall_rule", "azurerm_postgresql_firewall_rule",
	"azurerm_postgresql_flexible_server_firewall_rule", "azurerm_sql_firewall_rule", "azurerm_synapse_firewall_rule",
])

applies contains r.address if some r in array.concat(servers, firewall_rules)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.result(r, [attribute], access(r, [attribute], good), "the server can be reached from public networks") |
		some r in servers
		[attribute, good] := switches[r.type]
	],
	[tf.result(r, ["start_ip_address"], width(r), message(r)) | some r in firewall_rules],
)

# A flexible server inside a subnet has no public address.
access(r, path, good) := "yes" if {
	tf.names_one(r, ["delegated_subnet_id"], ["azurerm_subnet"]) == "yes"
} else := tf.verdict(r, path, good)

# Firewall rules. From 0.0.0.0 to itself means everything that runs in Azure, whoever runs it.

width(r) := reason if {
	reason := tf.why_unreadable(r, ["start_ip_address"])
} else := sprintf("ends where nobody knows: end_ip_address %s", [reason]) if {
	reason := tf.why_unreadable(r, ["end_ip_address"])
} else := "yes" if {
	first := number(tf.value(r, ["start_ip_address"]))
	first > 0
	number(tf.value(r, ["end_ip_address"])) - first < data.parameters.most_addresses
} else := "no"

number(address) := (((((to_number(parts[0]) * 256) + to_number(parts[1])) * 256) + to_number(parts[2])) * 256) + to_number(parts[3]) if {
	regex.match(`^\d{1,3}(\.\d{1,3}){3}$`, address)
	parts := split(address, ".")
}

message(r) := "everything that runs in Azure may connect" if {
	{tf.value(r, ["start_ip_address"]), tf.value(r, ["end_ip_address"])} == {"0.0.0.0"}
} else := sprintf("everybody from %v to %v may connect", [tf.value(r, ["start_ip_address"]), tf.value(r, ["end_ip_address"])])
