# METADATA
# scope: package
# title: Base images are named by digest
# description: >-
#   Every stage begins with an image that is named by digest, with an earlier stage, or with nothing (`scratch`).
# custom:
#   id: __ID__
#   version: 0.1.0
#   severity: medium
#   controls:
__CONTROLS__
#   kinds: [dockerfile]
#   resources: [stage]
#   layers: [pre-commit, ci]
#   remediation: >-
#     Write the digest behind the tag: `FROM alpine:3.20@sha256:…`.
package gateproof.policies.__PACKAGE__

import rego.v1

# Stages that begin with an image of a registry.
stages := [r | some r in input.resources; r.stage == null; r.base != "scratch"]

applies contains r.address if some r in input.resources

by_digest(image) if regex.match(`@sha256:[0-9a-f]{64}$`, image)

deny contains {"resource": r.address, "message": message} if {
	some r in stages
	is_string(r.image)
	not by_digest(r.image)
	message := sprintf("the base image %s is not named by digest", [r.image])
}

undecided contains {"resource": r.address, "reason": sprintf("%s has an argument without a default", [r.base])} if {
	some r in stages
	r.image == null
}
