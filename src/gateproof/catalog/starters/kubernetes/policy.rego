# METADATA
# scope: package
# title: Deployments name their owner
# description: >-
#   Every Deployment has a label that says which team answers for it.
# custom:
#   id: __ID__
#   version: 0.1.0
#   severity: medium
#   controls:
__CONTROLS__
#   kinds: [kubernetes]
#   resources: [apps/Deployment]
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     label: owner
#   remediation: >-
#     Give the Deployment the label `owner`, with the name of a team.
package gateproof.policies.__PACKAGE__

import rego.v1

applies contains r.address if some r in input.planned["apps/Deployment"]

# Labels that are no mapping, or absent: null in the first case, empty in the second.
undecided contains {"resource": r.address, "reason": "metadata.labels is no mapping"} if {
	some r in input.planned["apps/Deployment"]
	r.labels == null
}

deny contains {"resource": r.address, "message": message, "path": ["metadata", "labels"]} if {
	some r in input.planned["apps/Deployment"]
	is_object(r.labels)
	object.get(r.labels, data.parameters.label, "") in {"", null}
	message := sprintf("the Deployment has no label %s", [data.parameters.label])
}
