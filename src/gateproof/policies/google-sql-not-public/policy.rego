# METADATA
# scope: package
# title: Databases of Google Cloud have no public address and refuse connections without TLS
# description: >-
#   No instance of Cloud SQL or AlloyDB has a public address or lets in everybody, and each takes encrypted connections only.
# custom:
#   id: google-sql-not-public
#   version: 1.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.6
#     - soc2@2017:CC6.7
#     - nist-800-53@5:AC-4
#     - nist-800-53@5:SC-7
#     - nist-800-53@5:SC-7(5)
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:1.4.2
#     - pci-dss@4.0.1:1.4.4
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(a)(1)
#     - hipaa:164.312(e)(1)
#   kinds: [terraform-plan]
#   resources: [google_alloydb_instance, google_sql_database_instance]
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     In settings.ip_configuration set ipv4_enabled = false, private_network to your VPC and ssl_mode = "ENCRYPTED_ONLY" or
#     "TRUSTED_CLIENT_CERTIFICATE_REQUIRED" (require_ssl = true under provider 4); leave enable_public_ip of AlloyDB out.
package gateproof.policies.google_sql_not_public

import data.gateproof.lib.google
import data.gateproof.lib.network
import data.gateproof.lib.terraform as tf
import rego.v1

# Where each type says whether it has a public address, which ones may come, and whether TLS must be used. What nobody sets
# is a public address and no TLS for Cloud SQL, and the other way round for AlloyDB.
forms := {
	"google_alloydb_instance": {
		"public": ["network_config", 0, "enable_public_ip"],
		"private": {false, "false", null},
		"networks": ["network_config", 0, "authorized_external_networks"],
		"range": "cidr_range",
		"tls": ["client_connection_config", 0, "ssl_config", 0, "ssl_mode"],
		"encrypted": {"ENCRYPTED_ONLY", "", null},
	},
	"google_sql_database_instance": {
		"public": ["settings", 0, "ip_configuration", 0, "ipv4_enabled"],
		"private": {false, "false"},
		"networks": ["settings", 0, "ip_configuration", 0, "authorized_networks"],
		"range": "value",
		"tls": ["settings", 0, "ip_configuration", 0, "ssl_mode"],
		"encrypted": {"ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"},
	},
}

databases := [{"r": r, "form": form} | some type, form in forms; some r in tf.planned([type])]

applies contains one.r.address if some one in databases

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[google.check(one.r, one.form.public, one.form.private, "the database has a public address") | some one in databases],
	array.concat(
		[tf.result(one.r, one.form.tls, tls(one), "the database takes connections without TLS") | some one in databases],
		[tf.result(one.r, one.form.networks, "no", "everybody may connect to the database") |
			some one in databases
			some network_block in tf.blocks(one.r, one.form.networks)
			network.everybody(network_block.value[one.form.range])
		],
	),
)

# Older providers have require_ssl; where both are there, ssl_mode counts.

require_ssl := ["settings", 0, "ip_configuration", 0, "require_ssl"]

tls(one) := "yes" if {
	tf.value(one.r, one.form.tls) in {null, ""}
	tf.value(one.r, require_ssl) in {true, "true"}
} else := reason if {
	tf.value(one.r, one.form.tls) in {null, ""}
	not google.filled_in(one.r, require_ssl)
	reason := tf.why_unreadable(one.r, require_ssl)
} else := google.verdict(one.r, one.form.tls, one.form.encrypted)
