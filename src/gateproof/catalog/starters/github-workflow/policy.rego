# METADATA
# scope: package
# title: Workflows say which permissions they need
# description: >-
#   Every workflow sets `permissions` at its top, and not to `write-all`.
# custom:
#   id: __ID__
#   version: 0.1.0
#   severity: medium
#   controls:
__CONTROLS__
#   kinds: [github-workflow]
#   resources: [workflow]
#   layers: [pre-commit, ci]
#   remediation: >-
#     Write `permissions: {contents: read}` at the top of the workflow, and give single jobs what else they need.
package gateproof.policies.__PACKAGE__

import rego.v1

workflows := [r | some r in input.resources; r.kind == "workflow"]

applies contains r.address if some r in workflows

permissions(r) := object.get(r.object, "permissions", null)

deny contains {"resource": r.address, "message": "it sets no permissions, so the token has the repository's default"} if {
	some r in workflows
	permissions(r) == null
}

deny contains {"resource": r.address, "message": "its token may write everything", "path": ["permissions"]} if {
	some r in workflows
	permissions(r) == "write-all"
}

undecided contains {"resource": r.address, "reason": "permissions is neither a mapping nor read-all or write-all"} if {
	some r in workflows
	found := permissions(r)
	not is_object(found)
	not found in {null, "read-all", "write-all"}
}
