# METADATA
# scope: package
# title: Workflows say what their token may do, and no more than they need
# description: >-
#   Every job has permissions of its own or of its workflow; a workflow gives all of its jobs nothing but reading, and
#   nothing gives every permission at once.
# custom:
#   id: workflow-permissions
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(1)
#     - pci-dss@4.0.1:7.2.1
#     - pci-dss@4.0.1:7.2.5
#   kinds: [github-workflow]
#   resources: [job, workflow]
#   layers: [pre-commit, ci]
#   parameters:
#     job_permissions: [actions, artifact-metadata, attestations, checks, contents, deployments, discussions, id-token,
#       issues, models, packages, pages, pull-requests, repository-projects, security-events, statuses]
#   remediation: >-
#     Write permissions: {contents: read} at the top of the workflow, and what a job must write at that job alone.
package gateproof.policies.workflow_permissions

import data.gateproof.lib.workflows
import rego.v1

applies contains r.address if some r in workflows.workflows

applies contains r.address if some r in workflows.jobs

deny contains finding if some finding in workflows.malformed

deny contains {"resource": r.address, "message": message, "path": ["jobs", r.id]} if {
	some r in workflows.jobs
	is_object(r.object)
	not given(r.object)
	not given(r.workflow)
	message := "the job has the permissions that the repository gives by default: neither it nor its workflow names any"
}

given(holder) if "permissions" in object.keys(holder)

# All at once, or something that GitHub does not take.
deny contains {"resource": r.address, "message": message, "path": path} if {
	some [r, permissions, path] in places
	not is_object(permissions)
	not permissions in {"read-all", null}
	message := sprintf("permissions are %v", [permissions])
}

places := array.concat(
	[[r, r.object.permissions, ["permissions"]] | some r in workflows.workflows],
	[[r, r.object.permissions, ["jobs", r.id, "permissions"]] | some r in workflows.jobs],
)

# Written by every job of the workflow.
deny contains {"resource": r.address, "message": message, "path": ["permissions", scope]} if {
	some r in workflows.workflows
	some scope, level in r.object.permissions
	not level in {"read", "none"}
	message := sprintf("every job may %v %s", [level, scope])
}

deny contains {"resource": r.address, "message": message, "path": ["jobs", r.id, "permissions", scope]} if {
	some r in workflows.jobs
	some scope, level in r.object.permissions
	not level in {"read", "none"}
	not may_write(scope, level)
	message := sprintf("the job may %v %s", [level, scope])
}

may_write(scope, "write") if scope in data.parameters.job_permissions
