# METADATA
# scope: package
# title: Images do not run as root
# description: >-
#   The stage of a Dockerfile that is built by default says as whom it runs, and that is not root.
# custom:
#   id: dockerfile-user
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.8
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(10)
#     - nist-800-53@5:CM-7
#     - pci-dss@4.0.1:2.2.1
#   kinds: [dockerfile]
#   resources: [stage]
#   layers: [pre-commit, ci]
#   parameters:
#     nonroot_images: ["*:nonroot", "*:nonroot@*", "*-nonroot", "*-nonroot@*", "cgr.dev/chainguard/*"]
#   remediation: >-
#     End the last stage with USER and a user id other than 0 (USER 10001:10001), or build on an image that does so.
package gateproof.policies.dockerfile_user

import data.gateproof.lib.dockerfiles
import rego.v1

applies contains stage.address if some stage in dockerfiles.final

# The stages that a stage comes from, itself among them.
origins(stage) := graph.reachable(parents, {stage.index})

parents := {stage.index: parent | some stage in dockerfiles.stages; parent := {stage.stage} - {null}}

# What the last USER says; of a stage without any, what the stage says that it comes from.
users(stage) := [{"index": one.path[0], "name": trim_space(concat(" ", one.value)), "path": one.path} |
	some origin in dockerfiles.stages
	origin.index in origins(stage)
	some one in origin.instructions
	one.cmd == "user"
]

# Stages come from earlier ones, so the instruction that stands last is the one that counts.
user(stage) := found if {
	last := max([each.index | some each in users(stage)])
	some found in users(stage)
	found.index == last
}

# The image that it comes from in the end.
image(stage) := origin.image if {
	some origin in dockerfiles.stages
	origin.index in origins(stage)
	origin.stage == null
}

nonroot_image(stage) if {
	some pattern in data.parameters.nonroot_images
	glob.match(pattern, null, image(stage))
}

deny contains {"resource": stage.address, "message": message} if {
	some stage in dockerfiles.final
	not user(stage)
	is_string(image(stage))
	not nonroot_image(stage)
	message := sprintf("it names no user, so it runs as the user of %s, which may be root", [image(stage)])
}

undecided contains {"resource": stage.address, "reason": reason} if {
	some stage in dockerfiles.final
	not user(stage)
	image(stage) == null
	reason := "it names no user, and the image that it comes from is an argument without a default"
}

deny contains {"resource": stage.address, "message": message, "path": found.path} if {
	some stage in dockerfiles.final
	found := user(stage)
	regex.match(`^(root|[+-]?0+)?(:|$)`, lower(dockerfiles.unquoted(found.name)))
	message := sprintf("it runs as %q", [found.name])
}

undecided contains {"resource": stage.address, "reason": reason} if {
	some stage in dockerfiles.final
	found := user(stage)
	contains(found.name, "$")
	reason := sprintf("USER is %s, which is known only when it is built", [found.name])
}
