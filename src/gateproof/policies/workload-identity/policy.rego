# METADATA
# scope: package
# title: Workloads have identities of their own, and no access keys
# description: >-
#   Functions, tasks, jobs and builds get no static AWS keys through their environment; ECS tasks and Batch jobs name a role
#   of their own; roles of EKS nodes have what nodes need, so that Pods must have roles of their own.
# custom:
#   id: workload-identity
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-5(7)
#     - nist-800-53@5:IA-9
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:8.6.2
#     - hipaa:164.312(d)
#   kinds: [terraform-plan]
#   resources:
#     - aws_apprunner_service
#     - aws_batch_job_definition
#     - aws_codebuild_project
#     - aws_ecs_task_definition
#     - aws_eks_node_group
#     - aws_iam_role
#     - aws_iam_role_policy
#     - aws_iam_role_policy_attachment
#     - aws_lambda_function
#   layers: [pre-commit, ci, cd]
#   parameters:
#     key_variables: [AWS_ACCESS_KEY, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SECRET_KEY]
#     node_policies:
#       - arn:aws*:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly
#       - arn:aws*:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly
#       - arn:aws*:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy
#       - arn:aws*:iam::aws:policy/AmazonEKSWorkerNodePolicy
#       - arn:aws*:iam::aws:policy/AmazonEKS_CNI_Policy
#       - arn:aws*:iam::aws:policy/AmazonSSMManagedInstanceCore
#   remediation: >-
#     Remove the keys, and give the workload a role: role of the function, task_role_arn of the task, jobRoleArn of the job,
#     an aws_eks_pod_identity_association (or IRSA) for Pods. Attach to the role of the Pod what is now on that of the nodes.
package gateproof.policies.workload_identity

import data.gateproof.lib.environment
import data.gateproof.lib.terraform as tf
import rego.v1

# Where environment variables stand: in maps, in blocks with names, and in JSON documents.

maps := {
	"aws_apprunner_service": {place |
		some source in [
			"code_repository.code_configuration.code_configuration_values",
			"image_repository.image_configuration",
		]
		some kind in ["runtime_environment_variables", "runtime_environment_secrets"]
		place := sprintf("source_configuration.%s.%s", [source, kind])
	},
	"aws_lambda_function": {"environment.variables"},
}

with_maps := tf.planned(object.keys(maps))

with_documents := tf.planned(object.keys(environment.documents))

builds := tf.planned(["aws_codebuild_project"])

applies contains r.address if some r in array.concat(with_maps, array.concat(with_documents, builds))

applies contains r.address if some r in node_grants

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

checks := array.concat(array.concat(key_checks, unreadable_checks), array.concat(role_checks, node_checks))

# No variable is an access key, by its name or by its value, wherever the value comes from.

key_checks := [tf.result(one.r, one.path, "no", sprintf("variable %q is a static access key", [one.name])) |
	some one in array.concat(map_variables, array.concat(block_variables, document_variables))
	is_key(one)
]

is_key(one) if upper(one.name) in key_names

is_key(one) if regex.match(`\bAKIA[A-Z0-9]{16}\b`, one.value)

key_names := {upper(name) | some name in data.parameters.key_variables}

map_variables := [{"r": r, "path": array.concat(path, [name]), "name": name, "value": value} |
	some r in with_maps
	some state in [r.values, r.unknown]
	walk(state, [path, found])
	tf.name(path) in maps[r.type]
	some name, value in found
]

block_variables := [{"r": r, "path": path, "name": found.name, "value": object.get(found, "value", null)} |
	some r in builds
	walk(r.values, [path, found])
	tf.name(path) == "environment.environment_variable"
	is_string(found.name)
]

document_variables := [{"r": r, "path": [environment.documents[r.type]], "name": name, "value": environment.member(variable, "value")} |
	some r in with_documents
	some container in environment.containers(r)
	some list in ["environment", "secrets"]
	some variable in tf.as_list(environment.member(container, list))
	name := environment.member(variable, "name")
	is_string(name)
]

# Variables of which not even the names can be read.

unreadable_checks := array.concat(
	[tf.result(r, path, "is known only after apply", "") |
		some r in array.concat(with_maps, builds)
		walk(r.unknown, [path, true])
		above_variables(r, tf.name(path))
	],
	array.concat(
		[tf.result(r, path, "is not a map", "") |
			some r in with_maps
			walk(r.values, [path, found])
			tf.name(path) in maps[r.type]
			not is_object(found)
			found != null
		],
		array.concat(
			[tf.result(r, path, tf.why_no_blocks(r, path), "") |
				some r in array.concat(with_maps, builds)
				walk(r.values, [path, _])
				is_string(path[count(path) - 1])
				holds_variables(r, tf.name(path))
			],
			environment.unreadable(with_documents),
		),
	),
)

above_variables(r, name) if name in places(r)

above_variables(r, name) if holds_variables(r, name)

holds_variables(r, name) if {
	some place in places(r)
	startswith(place, sprintf("%s.", [name]))
}

places(r) := object.get(maps, r.type, {"environment.environment_variable.name"})

# Tasks and jobs have a role. Without one they have that of the machine, as everything else on it.

role_checks := array.concat(
	[tf.result(r, path, tf.names_one(r, path, ["aws_iam_role"]), "the task has no role of its own") |
		some r in tf.planned(["aws_ecs_task_definition"])
		path := ["task_role_arn"]
	],
	[tf.result(r, ["container_properties"], "no", "the job has no role of its own") |
		some r in tf.planned(["aws_batch_job_definition"])
		some container in environment.containers(r)
		environment.member(container, "jobRoleArn") in {null, ""}
	],
)

# What the role of nodes may do, every Pod on them may do.

node_checks := [tf.result(r, path, verdict(r, path), message) |
	some r in node_grants
	path := ["policy_arn"]
	message := sprintf("%s lets every Pod on the nodes do what it says", [grants[r.type]])
]

verdict(r, path) := "yes" if {
	some pattern in data.parameters.node_policies
	glob.match(pattern, null, tf.value(r, path))
} else := reason if {
	reason := tf.why_unreadable(r, path)
} else := "no"

grants := {
	"aws_iam_role_policy": "a policy in the role of a node group",
	"aws_iam_role_policy_attachment": "a policy attached to the role of a node group",
}

node_grants := [r | some r in tf.planned(object.keys(grants)); for_nodes(r)]

for_nodes(r) if tf.value(r, ["role"]) in node_roles.names

for_nodes(r) if {
	not tf.readable(tf.value(r, ["role"]))
	some address in tf.references(r, ["role"])
	address in node_roles.addresses
}

node_roles := {
	"addresses": addresses,
	"names": {name |
		some group in tf.planned(["aws_eks_node_group"])
		arn := tf.value(group, ["node_role_arn"])
		tf.readable(arn)
		name := regex.replace(arn, "^.*/", "")
	} | {name |
		some r in tf.planned(["aws_iam_role"])
		r.address in addresses
		name := tf.value(r, ["name"])
		tf.readable(name)
	},
} if {
	addresses := {address |
		some group in tf.planned(["aws_eks_node_group"])
		some address in tf.references(group, ["node_role_arn"])
		tf.of_type(address, ["aws_iam_role"])
	}
}
