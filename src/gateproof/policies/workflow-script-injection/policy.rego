# METADATA
# scope: package
# title: Workflows do not run what strangers write
# description: >-
#   No script of a workflow has an expression in it whose value an outsider can write: titles, bodies, branch names,
#   commit messages and the like. The expression is put into the script before the shell reads it.
# custom:
#   id: workflow-script-injection
#   version: 1.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.8
#     - nist-800-53@5:SI-10
#     - nist-800-53@5:SI-7
#     - pci-dss@4.0.1:6.2.4
#   kinds: [github-workflow]
#   resources: [action, job]
#   layers: [pre-commit, ci]
#   parameters:
#     scripts: {actions/github-script: [script]}
#   remediation: >-
#     Put the value into an environment variable of the step (env: TITLE: ${{ … }}) and use "$TITLE" in the script.
package gateproof.policies.workflow_script_injection

import data.gateproof.lib.workflows
import rego.v1

# What anybody can write who opens an issue or a pull request, comments, or names a branch.
# https://docs.github.com/actions/concepts/security/script-injections
untrusted := concat("|", [
	`github\.head_ref\b`,
	`github\.event\.(issue|pull_request|discussion)\.(title|body)\b`,
	`github\.event\.(comment|review|review_comment)\.body\b`,
	`github\.event\.pull_request\.head\.(ref|label|repo\.default_branch)\b`,
	`github\.event\.pages\b[^}]*\.page_name\b`,
	`github\.event\.(commits\b[^}]*|head_commit|workflow_run\.head_commit)\.(message|author\.(email|name))\b`,
	`github\.event\.workflow_run\.(head_branch|display_title|head_repository\.description|pull_requests\b[^}]*\.head\.ref)\b`,
	`\btojson\(\s*github(\.event(\.[a-z_]+)?)?\s*\)`,
])

scripts := array.concat(
	[{"r": s.r, "path": array.concat(s.step.path, ["run"]), "text": s.step.run} |
		some s in workflows.steps
		s.step.run != null
	],
	[{"r": s.r, "path": array.concat(s.step.path, ["with", name]), "text": s.step["with"][name]} |
		some s in workflows.steps
		some name in data.parameters.scripts[workflows.action(s.step)]
		s.step["with"][name] != null
	],
)

applies contains script.r.address if some script in scripts

applies contains finding.resource if some finding in workflows.malformed

deny contains finding if some finding in workflows.malformed

deny contains {"resource": script.r.address, "message": message, "path": script.path} if {
	some script in scripts
	some expression in workflows.expressions(script.text)
	regex.match(untrusted, workflows.normal(expression))
	message := sprintf("the script contains %s, which an outsider can write", [expression])
}

undecided contains {"resource": script.r.address, "reason": reason} if {
	some script in scripts
	not is_string(script.text)
	reason := sprintf("%s is not a text", [script.path[count(script.path) - 1]])
}
