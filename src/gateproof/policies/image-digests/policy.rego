# METADATA
# scope: package
# title: Images are named by digest
# description: >-
#   Every container, init container and ephemeral container, and every image that is mounted as a volume, names its image by
#   a digest, so that what runs is what was built, scanned and signed.
# custom:
#   id: image-digests
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.8
#     - soc2@2017:CC8.1
#     - nist-800-53@5:CM-14
#     - nist-800-53@5:SI-7
#     - nist-800-53@5:SI-7(6)
#     - nist-800-53@5:SR-4(3)
#     - pci-dss@4.0.1:6.3.2
#     - pci-dss@4.0.1:6.5.1
#     - pci-dss@4.0.1:11.5.2
#     - hipaa:164.312(c)(1)
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   remediation: >-
#     Write image: registry/name:tag@sha256:<digest>, with the digest that the registry gave when the image was pushed; the
#     tag may stay for people to read.
package gateproof.policies.image_digests

import data.gateproof.lib.kubernetes
import rego.v1

applies contains r.address if some r in kubernetes.workloads

undecided contains one if some one in kubernetes.unreadable

deny contains finding if some finding in kubernetes.malformed

deny contains {"resource": c.r.address, "message": message, "path": array.concat(c.path, ["image"])} if {
	some c in kubernetes.containers
	image := object.get(c.container, "image", null)
	not pinned(image)
	message := sprintf("%s names its image without a digest: %s", [kubernetes.named(c), kubernetes.shown(image)])
}

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in kubernetes.pods
	some index, volume in r.pod.volumes
	volume.image != null
	image := object.get(volume, ["image", "reference"], null)
	not pinned(image)
	path := array.concat(r.pod_path, ["volumes", index, "image", "reference"])
	message := sprintf("a volume names its image without a digest: %s", [kubernetes.shown(image)])
}

undecided contains {"resource": r.address, "reason": "spec.volumes is not a list of volumes"} if {
	some r in kubernetes.pods
	not are_volumes(object.get(r.pod, "volumes", null))
}

are_volumes(null)

are_volumes(listed) if {
	is_array(listed)
	every volume in listed { is_object(volume) }
}

# The digests that OCI registers; whatever stands before them is not looked at when an image is pulled by digest.
pinned(image) if {
	is_string(image)
	regex.match(`^[^@\s]+@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`, image)
}
