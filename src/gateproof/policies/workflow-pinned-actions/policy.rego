# METADATA
# scope: package
# title: Workflows pin the actions and images that they use
# description: >-
#   Every action and reusable workflow of another repository is named by a full commit hash, and every image that
#   a step, a job or one of its services runs by a digest, so that nobody can change afterwards what was reviewed.
# custom:
#   id: workflow-pinned-actions
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.8
#     - soc2@2017:CC8.1
#     - nist-800-53@5:CM-14
#     - nist-800-53@5:SI-7
#     - nist-800-53@5:SR-3
#     - pci-dss@4.0.1:6.3.2
#   kinds: [github-workflow]
#   resources: [action, job]
#   layers: [pre-commit, ci]
#   parameters:
#     trusted_owners: []
#     trusted_images: []
#   remediation: >-
#     Write the full commit hash after the @, with the tag as a comment (uses: actions/checkout@<40 digits> # v4.2.2), and
#     let Dependabot or Renovate keep it fresh.
package gateproof.policies.workflow_pinned_actions

import data.gateproof.lib.dockerfiles
import data.gateproof.lib.workflows
import rego.v1

applies contains used.r.address if some used in workflows.uses

applies contains finding.resource if some finding in workflows.malformed

deny contains finding if some finding in workflows.malformed

deny contains {"resource": used.r.address, "message": message, "path": used.path} if {
	some used in workflows.uses
	not is_string(used.uses)
	message := "uses is not a text"
}

deny contains {"resource": used.r.address, "message": message, "path": used.path} if {
	some used in workflows.uses
	not here(used.uses)
	not pinned(used.uses)
	not trusted(used.uses)
	message := sprintf("%s is not pinned: %s", [used.uses, what(used.uses)])
}

# Of this repository: what is used is what is reviewed.
here(text) if startswith(text, "./")

pinned(text) if regex.match(`^[^@]+@([0-9a-f]{40}|[0-9a-f]{64})$`, text)

pinned(text) if regex.match(`^docker://[^@]+@sha256:[0-9a-f]{64}$`, text)

trusted(text) if {
	not startswith(text, "docker://")
	lower(split(text, "/")[0]) in {lower(owner) | some owner in data.parameters.trusted_owners}
}

what(text) := "an image is named by its digest" if {
	startswith(text, "docker://")
} else := "a tag or a branch can be moved" if {
	contains(text, "@")
} else := "it names no version"

# Images that jobs and their services run in.

images := array.concat(
	[{"r": r, "path": ["jobs", r.id, "container"], "image": image(held)} |
		some r in workflows.jobs
		held := object.get(r.object, "container", "")
		not held in {"", null}
	],
	[{"r": r, "path": ["jobs", r.id, "services", name], "image": image(service)} |
		some r in workflows.jobs
		some name, service in r.object.services
	],
)

image(held) := held if {
	not is_object(held)
} else := object.get(held, "image", null)

applies contains one.r.address if some one in images

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in images
	is_string(one.image)
	count(workflows.expressions(one.image)) == 0
	not dockerfiles.by_digest(one.image)
	not trusted_image(one.image)
	message := sprintf("%s is not pinned: an image is named by its digest", [one.image])
}

trusted_image(text) if {
	some pattern in data.parameters.trusted_images
	glob.match(pattern, null, text)
}

undecided contains {"resource": one.r.address, "reason": reason} if {
	some one in images
	count(workflows.expressions(one.image)) > 0
	not dockerfiles.by_digest(one.image)
	reason := sprintf("its image is %s, which is known only when it runs", [one.image])
}

undecided contains {"resource": one.r.address, "reason": "the image of a container or service is not a text"} if {
	some one in images
	not is_string(one.image)
}
