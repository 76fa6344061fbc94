# METADATA
# scope: package
# title: Secrets are not in plain text
# description: >-
#   No environment variable, start-up script or SSM parameter of type String holds a secret, and no database, cache,
#   broker or virtual machine gets its password from the plan.
# custom:
#   id: plaintext-secrets
#   version: 1.1.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-5(7)
#     - pci-dss@4.0.1:8.3.2
#     - pci-dss@4.0.1:8.6.2
#     - hipaa:164.308(a)(5)(ii)(D)
#     - hipaa:164.312(d)
#   kinds: [terraform-plan]
#   resources:
#     - aws_amplify_app
#     - aws_amplify_branch
#     - aws_apprunner_service
#     - aws_batch_job_definition
#     - aws_codebuild_project
#     - aws_db_instance
#     - aws_directory_service_directory
#     - aws_dms_endpoint
#     - aws_docdb_cluster
#     - aws_ecs_task_definition
#     - aws_elastic_beanstalk_configuration_template
#     - aws_elastic_beanstalk_environment
#     - aws_elasticache_replication_group
#     - aws_elasticache_user
#     - aws_glue_job
#     - aws_instance
#     - aws_lambda_function
#     - aws_launch_configuration
#     - aws_launch_template
#     - aws_lightsail_container_service_deployment_version
#     - aws_mq_broker
#     - aws_rds_cluster
#     - aws_redshift_cluster
#     - aws_redshiftserverless_namespace
#     - aws_spot_instance_request
#     - aws_ssm_parameter
#     - azurerm_app_service
#     - azurerm_container_app
#     - azurerm_container_group
#     - azurerm_function_app
#     - azurerm_linux_function_app
#     - azurerm_linux_virtual_machine
#     - azurerm_linux_web_app
#     - azurerm_mssql_server
#     - azurerm_mysql_flexible_server
#     - azurerm_mysql_server
#     - azurerm_postgresql_flexible_server
#     - azurerm_postgresql_server
#     - azurerm_sql_server
#     - azurerm_windows_function_app
#     - azurerm_windows_virtual_machine
#     - azurerm_windows_web_app
#     - google_cloud_run_service
#     - google_cloud_run_v2_job
#     - google_cloud_run_v2_service
#     - google_cloudfunctions2_function
#     - google_cloudfunctions_function
#     - google_compute_instance
#     - google_sql_user
#   finds_secrets: true
#   layers: [pre-commit, ci, cd]
#   parameters:
#     accept_unreadable_scripts: false
#   remediation: >-
#     Keep the secret in Secrets Manager or as an SSM parameter of type SecureString, and let the workload fetch it:
#     secrets with valueFrom in ECS, type SECRETS_MANAGER in CodeBuild, its ARN elsewhere. Let RDS manage passwords
#     (manage_master_user_password), or set write-only arguments (password_wo).
package gateproof.policies.plaintext_secrets

import data.gateproof.lib.environment
import data.gateproof.lib.secrets
import data.gateproof.lib.terraform as tf
import rego.v1

# Where environment variables stand: in maps, in lists of names and values, and in JSON documents with such lists.

maps := {
	"aws_amplify_app": {"environment_variables"},
	"aws_amplify_branch": {"environment_variables"},
	"aws_apprunner_service": {
		"source_configuration.code_repository.code_configuration.code_configuration_values.runtime_environment_variables",
		"source_configuration.image_repository.image_configuration.runtime_environment_variables",
	},
	"aws_glue_job": {"default_arguments"},
	"aws_lambda_function": {"environment.variables"},
	"aws_lightsail_container_service_deployment_version": {"container.environment"},
	"azurerm_app_service": {"app_settings"},
	"azurerm_container_group": {"container.environment_variables"},
	"azurerm_function_app": {"app_settings"},
	"azurerm_linux_function_app": {"app_settings"},
	"azurerm_linux_web_app": {"app_settings"},
	"azurerm_windows_function_app": {"app_settings"},
	"azurerm_windows_web_app": {"app_settings"},
	"google_cloudfunctions2_function": {"build_config.environment_variables", "service_config.environment_variables"},
	"google_cloudfunctions_function": {"build_environment_variables", "environment_variables"},
	"google_compute_instance": {"metadata"},
}

lists := {
	"aws_codebuild_project": "environment.environment_variable",
	"aws_elastic_beanstalk_configuration_template": "setting",
	"aws_elastic_beanstalk_environment": "setting",
	"azurerm_container_app": "template.container.env",
	"google_cloud_run_service": "template.spec.containers.env",
	"google_cloud_run_v2_job": "template.template.containers.env",
	"google_cloud_run_v2_service": "template.containers.env",
}

# Scripts that run when a machine starts, as text or in base64.

scripts := {
	"aws_instance": ["user_data", "user_data_base64"],
	"aws_launch_configuration": ["user_data", "user_data_base64"],
	"aws_launch_template": ["user_data"],
	"aws_spot_instance_request": ["user_data", "user_data_base64"],
	"azurerm_linux_virtual_machine": ["custom_data", "user_data"],
	"azurerm_windows_virtual_machine": ["custom_data", "user_data"],
	"google_compute_instance": ["metadata_startup_script"],
}

# Passwords. That one is set is enough: it is in the plan, and stays in the state.

passwords := {
	"aws_db_instance": {"password"},
	"aws_directory_service_directory": {"password"},
	"aws_dms_endpoint": {"password"},
	"aws_docdb_cluster": {"master_password"},
	"aws_elasticache_replication_group": {"auth_token"},
	"aws_elasticache_user": {"passwords", "authentication_mode.passwords"},
	"aws_mq_broker": {"user.password"},
	"aws_rds_cluster": {"master_password"},
	"aws_redshift_cluster": {"master_password"},
	"aws_redshiftserverless_namespace": {"admin_user_password"},
	"azurerm_linux_virtual_machine": {"admin_password"},
	"azurerm_mssql_server": {"administrator_login_password"},
	"azurerm_mysql_flexible_server": {"administrator_password"},
	"azurerm_mysql_server": {"administrator_login_password"},
	"azurerm_postgresql_flexible_server": {"administrator_password"},
	"azurerm_postgresql_server": {"administrator_login_password"},
	"azurerm_sql_server": {"administrator_login_password"},
	"azurerm_windows_virtual_machine": {"admin_password"},
	"google_sql_user": {"password"},
}

types := {type | some table in [maps, lists, environment.documents, scripts, passwords]; some type, _ in table}

parameters := tf.planned(["aws_ssm_parameter"])

applies contains r.address if some r in tf.planned(types)

applies contains r.address if some r in parameters

deny contains finding if some finding in tf.denied(checks)

undecided contains finding if some finding in tf.undecided(checks)

checks := array.concat(
	array.concat(array.concat(variable_checks, unreadable_checks), array.concat(script_checks, password_checks)),
	parameter_checks,
)

# Environment variables. What is known only after apply is a name or address of something as a rule, so it is told by
# the name of the variable alone.

variables := array.concat(array.concat(map_variables, list_variables), document_variables)

map_variables := [{"r": r, "path": path, "name": name, "value": tf.value(r, path)} |
	some r in tf.planned(object.keys(maps))
	some state in [r.values, r.unknown]
	walk(state, [above, found])
	is_object(found)
	tf.name(above) in maps[r.type]
	some name, _ in found
	path := array.concat(above, [name])
]

list_variables := [{"r": r, "path": path, "name": object.get(found, "name", null), "value": tf.value(r, path)} |
	some r in tf.planned(object.keys(lists))
	walk(r.values, [above, found])
	is_object(found)
	tf.name(above) == lists[r.type]
	not object.get(found, "type", null) in {"PARAMETER_STORE", "SECRETS_MANAGER"}
	path := array.concat(above, ["value"])
]

document_variables := [{"r": r, "path": [attribute], "name": name, "value": environment.member(variable, "value")} |
	some r in with_documents
	attribute := environment.documents[r.type]
	some container in environment.containers(r)
	some variable in environment.member(container, "environment")
	name := environment.member(variable, "name")
]

with_documents := tf.planned(object.keys(environment.documents))

variable_checks := [check |
	some variable in variables
	verdict := variable_verdict(variable)
	verdict != "yes"
	check := tf.result(variable.r, variable.path, verdict, variable_message(variable))
]

variable_verdict(variable) := "is sensitive" if {
	tf.hidden(variable.value)
} else := "no" if {
	count(secrets.credentials(variable.value)) > 0
} else := "no" if {
	secrets.named(variable.name)
	not variable.value == null
	not secrets.harmless(sprintf("%v", [variable.value]))
} else := reason if {
	secrets.named(variable.name)
	reason := tf.why_unreadable(variable.r, variable.path)
} else := "yes"

variable_message(variable) := sprintf("variable %q holds %s", [variable.name, what(variable.value)])

what(value) := concat(", ", secrets.credentials(value)) if {
	count(secrets.credentials(value)) > 0
} else := "what its name says is secret"

# Variables of which not even the names can be read.

unreadable_checks := array.concat(
	environment.unreadable(with_documents),
	array.concat(
		[check |
			some r in tf.planned(object.keys(maps) | object.keys(lists))
			walk(r.unknown, [path, true])
			above_variables(tf.name(path), r.type)
			check := tf.result(r, path, "is known only after apply", "")
		],
		[tf.result(r, path, tf.why_no_blocks(r, path), "") |
			some r in tf.planned(object.keys(maps) | object.keys(lists))
			walk(r.values, [path, _])
			is_string(path[count(path) - 1])
			above_variables(tf.name(path), r.type)
		],
	),
)

above_variables(name, type) if {
	some wanted in places(type)
	startswith(sprintf("%s.", [wanted]), sprintf("%s.", [name]))
}

places(type) := object.get(maps, type, set()) | {place | place := lists[type]}

# Scripts.

script_checks := [check |
	some r in tf.planned(object.keys(scripts))
	some attribute in scripts[r.type]
	path := [attribute]
	found := in_script(tf.value(r, path))
	message := sprintf("%s holds %s", [attribute, concat(", ", found)])
	check := tf.result(r, path, script_verdict(r, path, found), message)
]

in_script(script) := [one |
	some text in ({script} | decoded(script))
	some one in array.concat(secrets.credentials(text), secrets.assigned(text))
]

decoded(script) := {text | text := base64.decode(script)}

script_verdict(r, path, found) := reason if {
	reason := tf.why_texts_unreadable(r, path)
} else := "no" if {
	count(found) > 0
} else := reason if {
	not data.parameters.accept_unreadable_scripts
	reason := why_no_script(tf.value(r, path))
} else := "yes"

# Providers before 6.0 keep a hash of user_data; gzip in base64 begins with H4sI.
why_no_script(text) := "is a hash: what the script holds cannot be read" if {
	regex.match(`^[0-9a-f]{40}$`, text)
} else := "is compressed: what the script holds cannot be read" if {
	startswith(text, "H4sI")
}

# Passwords.

password_checks := array.concat(
	[check |
		some r in tf.planned(object.keys(passwords))
		walk(r.values, [path, found])
		tf.name(path) in passwords[r.type]
		not is_array(found)
		not found in {null, ""}
		message := sprintf("%s is in the plan, and stays in the state", [tf.name(path)])
		check := tf.result(r, path, "no", message)
	],
	[check |
		some r in tf.planned(object.keys(passwords))
		walk(r.unknown, [path, true])
		some wanted in passwords[r.type]
		startswith(sprintf("%s.", [wanted]), sprintf("%s.", [tf.name(path)]))
		not tf.defaulted(r, path)
		check := tf.result(r, path, "is known only after apply", "")
	],
)

# SSM parameters.

parameter_checks := [check |
	some r in parameters
	name := tf.value(r, ["name"])
	found := array.concat(
		secrets_of(tf.value(r, ["value"])),
		secrets_of(tf.value(r, ["insecure_value"])),
	)
	check := tf.result(r, ["type"], parameter_verdict(r, name, found), parameter_message(name, found))
]

held(r) := [value |
	some attribute in ["value", "insecure_value"]
	value := tf.value(r, [attribute])
	not value in {null, ""}
]

secrets_of(value) := [one | some one in secrets.credentials(value)]

parameter_verdict(r, name, found) := reason if {
	reason := tf.why_unreadable(r, ["type"])
} else := "yes" if {
	tf.value(r, ["type"]) == "SecureString"
} else := "no" if {
	count(found) > 0
} else := "yes" if {
	count(held(r)) > 0
	every value in held(r) { secrets.harmless(value) }
} else := "no" if {
	secrets.named(name)
} else := "is String, and the parameter's name is known only after apply" if {
	tf.why_unreadable(r, ["name"])
} else := "yes"

parameter_message(name, found) := sprintf("the parameter is no SecureString and holds %s", [concat(", ", found)]) if {
	count(found) > 0
} else := sprintf("parameter %v is no SecureString, and its name says that it is secret", [name])
