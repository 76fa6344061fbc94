# METADATA
# scope: package
# title: Databases refuse connections without TLS
# description: >-
#   Parameter groups of PostgreSQL, MySQL, MariaDB, SQL Server, DocumentDB and Redshift make TLS a must, in whatever
#   version does not do so by itself, and RDS proxies require it.
# custom:
#   id: database-tls
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:2.2.7
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [terraform-plan]
#   resources:
#     - aws_db_instance
#     - aws_db_parameter_group
#     - aws_db_proxy
#     - aws_docdb_cluster
#     - aws_docdb_cluster_parameter_group
#     - aws_rds_cluster
#     - aws_rds_cluster_parameter_group
#     - aws_redshift_cluster
#     - aws_redshift_parameter_group
#   layers: [pre-commit, ci, cd]
#   remediation: >-
#     Give the database a parameter group with rds.force_ssl 1 (PostgreSQL, SQL Server), require_secure_transport ON
#     (MySQL, MariaDB) or require_ssl true (Redshift); set require_tls on aws_db_proxy.
package gateproof.policies.database_tls

import data.gateproof.lib.terraform as tf
import rego.v1

# The parameter that makes TLS a must, by engine. Families begin with the name of their engine.
required := {
	"aurora-mysql": {"name": "require_secure_transport", "good": {"1", "on", "true"}},
	"aurora-postgresql": {"name": "rds.force_ssl", "good": {"1", "on", "true"}},
	"docdb": {"name": "tls", "good": {"enabled", "fips-140-3", "tls1.2+", "tls1.3+"}},
	"mariadb": {"name": "require_secure_transport", "good": {"1", "on", "true"}},
	"mysql": {"name": "require_secure_transport", "good": {"1", "on", "true"}},
	"postgres": {"name": "rds.force_ssl", "good": {"1", "on", "true"}},
	"redshift": {"name": "require_ssl", "good": {"1", "on", "true"}},
	"sqlserver": {"name": "rds.force_ssl", "good": {"1", "on", "true"}},
}

# Databases: where they name their group, and their engine where they have but one.
databases := {
	"aws_db_instance": {"group": "parameter_group_name", "type": "aws_db_parameter_group"},
	"aws_docdb_cluster": {
		"group": "db_cluster_parameter_group_name",
		"type": "aws_docdb_cluster_parameter_group",
		"engine": "docdb",
	},
	"aws_rds_cluster": {"group": "db_cluster_parameter_group_name", "type": "aws_rds_cluster_parameter_group"},
	"aws_redshift_cluster": {
		"group": "cluster_parameter_group_name",
		"type": "aws_redshift_parameter_group",
		"engine": "redshift",
	},
}

group_types := {database.type | some database in databases}

# Groups of parameters, each with the engine of its family. Those for members of an Aurora cluster cannot set this.

groups := [{"r": r, "engine": engine(family), "family": family} |
	some r in tf.planned(group_types)
	family := tf.value(r, ["family"])
	required[engine(family)]
	not of_member(r)
]

engine(text) := name if {
	some name, _ in required
	regex.match(sprintf(`^%s([0-9-]|$)`, [name]), lower(text))
}

of_member(r) if {
	r.type == "aws_db_parameter_group"
	startswith(tf.value(r, ["family"]), "aurora-")
}

# Engines that require TLS of themselves.
by_default("docdb", _)

by_default("postgres", version) if major(version) >= 15

by_default("redshift", version) if major(version) >= 2

major(version) := to_number(regex.find_n(`[0-9]+`, version, 1)[0])

applies contains one.r.address if some one in groups

applies contains one.r.address if some one in clients

applies contains check.resource if some check in unread_checks

applies contains r.address if some r in proxies

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(array.concat(group_checks, database_checks), array.concat(unread_checks, proxy_checks))

group_checks := [check |
	some one in groups
	message := sprintf("%s does not make TLS a must", [required[one.engine].name])
	check := tf.result(one.r, ["parameter"], group_verdict(one, set_to(one)), message)
]

# What a group sets the parameter to.
set_to(one) := {lower(value) |
	some block in tf.blocks(one.r, ["parameter"])
	block.value.name == required[one.engine].name
	value := sprintf("%v", [object.get(block.value, "value", null)])
}

group_verdict(one, values) := reason if {
	reason := tf.why_blocks_unreadable(one.r, ["parameter"])
} else := "is known only after apply" if {
	walk(one.r.unknown.parameter, [_, true])
} else := "is sensitive" if {
	some value in values
	tf.hidden(value)
} else := "yes" if {
	count(values) == 0
	by_default(one.engine, one.family)
} else := "yes" if {
	count(values) > 0
	count(values - required[one.engine].good) == 0
} else := "no"

# Databases. A group of the plan is judged itself; default groups are told by engine and version.

with_engines := [r | some r in tf.planned(object.keys(databases)); not databases[r.type].engine]

clients := array.concat(
	[{"r": r, "engine": engine(tf.value(r, ["engine"]))} | some r in with_engines],
	[{"r": r, "engine": name} |
		some r in tf.planned(object.keys(databases))
		name := databases[r.type].engine
	],
)

# Of which engine they are may not be known yet.
unread_checks := array.concat(
	[tf.check(r, ["engine"], set(), "") | some r in with_engines; tf.why_unreadable(r, ["engine"])],
	[tf.check(r, ["family"], set(), "") | some r in tf.planned(group_types); tf.why_unreadable(r, ["family"])],
)

database_checks := [check |
	some one in clients
	path := [databases[one.r.type].group]
	message := "the default parameter group accepts connections without TLS"
	check := tf.result(one.r, path, database_verdict(one, path), message)
]

group_names := {name |
	some r in tf.planned(group_types)
	some attribute in ["name", "id"]
	name := r.values[attribute]
	tf.readable(name)
}

database_verdict(one, path) := default_verdict(one, tf.value(one.r, path)) if {
	has_default_group(one.r, path)
} else := "yes" if {
	tf.value(one.r, path) in group_names
} else := "names a group that is not in the plan" if {
	tf.readable(tf.value(one.r, path))
} else := tf.names_one(one.r, path, group_types)

has_default_group(r, path) if startswith(tf.value(r, path), "default.")

has_default_group(r, path) if {
	tf.value(r, path) in {null, ""}
	not tf.why_unreadable(r, path)
}

default_verdict(one, group) := "yes" if {
	by_default(one.engine, group)
} else := "yes" if {
	by_default(one.engine, tf.value(one.r, ["engine_version"]))
} else := "is the default, which depends on a version that is not known" if {
	one.engine == "postgres"
	not tf.readable(tf.value(one.r, ["engine_version"]))
} else := "no"

# Proxies.

proxies := tf.planned(["aws_db_proxy"])

proxy_checks := [check |
	some r in proxies
	check := tf.check(r, ["require_tls"], {true, "true"}, "the proxy accepts connections without TLS")
]
