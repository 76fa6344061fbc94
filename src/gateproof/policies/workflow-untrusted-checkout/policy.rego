# METADATA
# scope: package
# title: Workflows with secrets do not check out what strangers push
# description: >-
#   A workflow that starts on pull_request_target or workflow_run has the repository's secrets, and does not check out the
#   code of the pull request that started it.
# custom:
#   id: workflow-untrusted-checkout
#   version: 1.1.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.8
#     - nist-800-53@5:SI-7
#     - nist-800-53@5:SR-3
#     - nist-800-53@5:AC-6
#     - pci-dss@4.0.1:6.2.4
#   kinds: [github-workflow]
#   resources: [job]
#   layers: [pre-commit, ci]
#   parameters:
#     checkouts: [actions/checkout]
#   remediation: >-
#     Build pull requests in a workflow on pull_request, which has no secrets, and hand over what the privileged workflow
#     needs as an artifact that it reads as data.
package gateproof.policies.workflow_untrusted_checkout

import data.gateproof.lib.workflows
import rego.v1

privileged := {"issue_comment", "pull_request_target", "workflow_run"}

judged := [r | some r in workflows.jobs; count(workflows.events(r.workflow) & privileged) > 0]

applies contains r.address if some r in judged

deny contains finding if some finding in workflows.malformed

# Of the pull request: by name, by its number, or by the commit that is tested.
theirs := concat("|", [
	`github\.head_ref\b`,
	`github\.event\.pull_request\.(head|merge_commit_sha)\b`,
	`github\.event\.(number|pull_request\.number)\b`,
	`github\.event\.issue\.(number|pull_request)\b`,
	`github\.event\.workflow_run\.(head_|pull_requests\b)`,
	`^refs/pull/`,
])

sources := ["ref", "repository"]

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in judged
	some step in r.steps
	workflows.action(step) in data.parameters.checkouts
	some source in sources
	value := step["with"][source]
	regex.match(theirs, workflows.normal(value))
	path := array.concat(step.path, ["with", source])
	message := sprintf("it checks out %s, with the repository's secrets at hand", [value])
}

deny contains {"resource": r.address, "message": message, "path": array.concat(step.path, ["run"])} if {
	some r in judged
	some step in r.steps
	found := fetched(r, step)[0]
	message := sprintf("it runs %q, with the repository's secrets at hand", [found])
}

# What Git and the GitHub CLI fetch by themselves: a pull request by its number, and what an expression, or a variable of the
# environment that holds one, says of it.

fetched(r, step) := array.concat(
	regex.find_n(`\bgh\s+pr\s+checkout\b|\bgit\s[^\n]*\bpull/`, step.run, -1),
	[line |
		some line in split(step.run, "\n")
		regex.match(`\b(git|gh)\s+([^|;&]*\s)?(checkout|clone|fetch|merge|pull|reset|switch|worktree)\b`, line)
		names_theirs(r, step, line)
	],
)

names_theirs(_, _, line) if regex.match(theirs, workflows.normal(line))

names_theirs(r, step, line) if {
	some holder in [step, r.object, r.workflow]
	some name, value in holder.env
	regex.match(theirs, workflows.normal(value))
	regex.match(sprintf(`\$\{?%s\b`, [name]), line)
}

undecided contains {"resource": r.address, "reason": "what starts the workflow cannot be read"} if {
	some r in workflows.jobs
	count(workflows.events(r.workflow)) == 0
}
