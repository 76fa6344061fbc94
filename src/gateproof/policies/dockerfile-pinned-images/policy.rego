# METADATA
# scope: package
# title: Dockerfiles name images by their digest
# description: >-
#   Every image that a Dockerfile builds on, copies from or mounts is named by its digest, so that two builds of one commit
#   start from the same bytes.
# custom:
#   id: dockerfile-pinned-images
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC8.1
#     - nist-800-53@5:CM-14
#     - nist-800-53@5:SI-7
#     - nist-800-53@5:SR-4
#     - pci-dss@4.0.1:6.3.2
#   kinds: [dockerfile]
#   resources: [stage]
#   layers: [pre-commit, ci]
#   parameters:
#     trusted_images: []
#   remediation: >-
#     Write the digest after the tag (FROM python:3.13-slim@sha256:…), and let Dependabot or Renovate keep it fresh.
package gateproof.policies.dockerfile_pinned_images

import data.gateproof.lib.dockerfiles
import rego.v1

applies contains stage.address if some stage in dockerfiles.stages

# Images with the place that names them. `scratch` is no image, and an earlier stage is none of another's.
images := array.concat(bases, others)

bases := [{"stage": stage, "image": stage.image, "text": stage.base, "path": stage.instructions[0].path} |
	some stage in dockerfiles.stages
	stage.stage == null
	stage.base != "scratch"
]

others := array.concat(
	[{"stage": one.stage, "image": image(from), "text": from, "path": one.path} |
		some one in dockerfiles.instructions
		one.cmd in {"add", "copy"}
		some from in dockerfiles.flags(one, "from")
		not of_a_stage(from)
	],
	[{"stage": one.stage, "image": image(from), "text": from, "path": one.path} |
		some one in dockerfiles.instructions
		one.cmd == "run"
		some mount in dockerfiles.flags(one, "mount")
		some option in split(mount, ",")
		startswith(option, "from=")
		from := substring(option, 5, -1)
		not of_a_stage(from)
	],
)

of_a_stage(name) if regex.match(`^[0-9]+$`, name)

of_a_stage(name) if lower(name) in {lower(stage.name) | some stage in dockerfiles.stages}

# BuildKit expands no variables there.
image(text) := text if {
	not contains(text, "$")
} else := null

trusted(text) if {
	some pattern in data.parameters.trusted_images
	glob.match(pattern, null, text)
}

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in images
	is_string(one.image)
	not dockerfiles.by_digest(one.image)
	not trusted(one.image)
	message := sprintf("%s is not named by its digest", [one.image])
}

undecided contains {"resource": one.stage.address, "reason": reason} if {
	some one in images
	one.image == null
	reason := sprintf("the image is %s, an argument without a default", [one.text])
}
