# METADATA
# scope: package
# title: Jobs that deploy name an environment
# description: >-
#   A job that deploys, told by its id, by an action that it uses or by a command that it runs, names an environment, so
#   that the reviewers, branches and secrets of that environment stand between a change and production.
# custom:
#   id: workflow-environments
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC8.1
#     - nist-800-53@5:CM-3
#     - nist-800-53@5:CM-5
#     - nist-800-53@5:AC-5
#     - pci-dss@4.0.1:6.5.1
#     - pci-dss@4.0.1:6.5.4
#   kinds: [github-workflow]
#   resources: [job]
#   layers: [pre-commit, ci]
#   parameters:
#     job_ids: ["deploy", "deploy-*", "deploy_*", "*-deploy", "*_deploy"]
#     actions:
#       - actions/deploy-pages
#       - aws-actions/amazon-ecs-deploy-task-definition
#       - aws-actions/aws-cloudformation-github-deploy
#       - azure/functions-action
#       - azure/k8s-deploy
#       - azure/webapps-deploy
#       - google-github-actions/deploy-*
#     commands:
#       - \bterraform\s([^\n]*\s)?apply\b
#       - \bhelm\s([^\n]*\s)?(upgrade|install)\b
#       - \bkubectl\s([^\n]*\s)?(apply|rollout|set)\b
#       - \bargocd\s+app\s+sync\b
#       - \baws\s+ecs\s+update-service\b
#       - \bgcloud\s([^\n]*\s)?deploy\b
#       - \bcdk\s+deploy\b
#     own_clusters: [helm/kind-action, engineerd/setup-kind, medyagh/setup-minikube, abd3lraouf/k3d-action]
#     own_cluster_commands: [\bkind\s+create\s+cluster\b, \bminikube\s+start\b, \bk3d\s+cluster\s+create\b]
#     environments: []
#   remediation: >-
#     Write environment: production (or the name that you use) at the job, and give that environment required reviewers.
package gateproof.policies.workflow_environments

import data.gateproof.lib.workflows
import rego.v1

deploys := [r | some r in workflows.jobs; why(r)]

# What shows that a job deploys.
why(r) := sprintf("its id is %q", [r.id]) if {
	some pattern in data.parameters.job_ids
	glob.match(pattern, null, lower(r.id))
} else := sprintf("it uses %s", [actions(r)[0]]) if {
	count(actions(r)) > 0
} else := sprintf("it runs %q", [commands(r)[0]]) if {
	not has_a_cluster(r)
	count(commands(r)) > 0
}

actions(r) := [action |
	some step in r.steps
	action := workflows.action(step)
	some pattern in data.parameters.actions
	glob.match(lower(pattern), null, action)
]

commands(r) := [found |
	some step in r.steps
	some command in data.parameters.commands
	some found in regex.find_n(command, step.run, 1)
]

# A test that makes a cluster of its own deploys to nothing else.
has_a_cluster(r) if {
	some step in r.steps
	workflows.action(step) in data.parameters.own_clusters
}

has_a_cluster(r) if {
	some step in r.steps
	some command in data.parameters.own_cluster_commands
	regex.match(command, step.run)
}

applies contains r.address if some r in deploys

# A job that calls a workflow has no environment of its own: the workflow that it calls has, and that is not here.
undecided contains {"resource": r.address, "reason": reason} if {
	some r in deploys
	r.object.uses
	reason := sprintf("it deploys through %v, which is not in this file", [r.object.uses])
}

own := [r | some r in deploys; not r.object.uses]

environment(r) := r.object.environment if {
	is_string(r.object.environment)
} else := r.object.environment.name

named(r) if {
	is_string(environment(r))
	environment(r) != ""
}

deny contains {"resource": r.address, "message": message, "path": ["jobs", r.id]} if {
	some r in own
	not named(r)
	message := sprintf("the job deploys (%s) and names no environment", [why(r)])
}

listed := [r | some r in own; named(r); count(data.parameters.environments) > 0]

deny contains {"resource": r.address, "message": message, "path": ["jobs", r.id, "environment"]} if {
	some r in listed
	count(workflows.expressions(environment(r))) == 0
	not environment(r) in data.parameters.environments
	message := sprintf("%q is not an environment for deployments", [environment(r)])
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in listed
	count(workflows.expressions(environment(r))) > 0
	reason := sprintf("its environment is %s, which is known only when it runs", [environment(r)])
}
