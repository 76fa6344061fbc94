# METADATA
# scope: package
# title: Containers neither run as root nor write to their root file system
# description: >-
#   Every container of a Pod or of a workload that makes Pods, init and ephemeral ones included, has runAsNonRoot true in
#   effect, no user 0, and a read-only root file system.
# custom:
#   id: container-hardening
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.8
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:CM-7
#     - pci-dss@4.0.1:2.2.1
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   remediation: >-
#     Set securityContext.runAsNonRoot: true on the Pod or on every container, no runAsUser: 0 anywhere, and
#     securityContext.readOnlyRootFilesystem: true on every container; mount an emptyDir where a container must write.
package gateproof.policies.container_hardening

import data.gateproof.lib.kubernetes
import rego.v1

applies contains r.address if some r in kubernetes.workloads

undecided contains one if some one in kubernetes.unreadable

deny contains finding if some finding in kubernetes.malformed

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in kubernetes.containers
	value := kubernetes.effective(c, "runAsNonRoot")
	not value == true
	path := array.concat(c.path, ["securityContext", "runAsNonRoot"])
	message := sprintf("%s may run as root: runAsNonRoot is %s", [kubernetes.named(c), kubernetes.shown(value)])
}

deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in kubernetes.containers
	value := c.container.securityContext.runAsUser
	value != null
	not kubernetes.non_root(value)
	path := array.concat(c.path, ["securityContext", "runAsUser"])
	message := sprintf("%s runs as user %s", [kubernetes.named(c), kubernetes.shown(value)])
}

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in kubernetes.pods
	value := r.pod.securityContext.runAsUser
	value != null
	not kubernetes.non_root(value)
	path := array.concat(r.pod_path, ["securityContext", "runAsUser"])
	message := sprintf("the Pod's containers run as user %s", [kubernetes.shown(value)])
}

# A node of another system refuses a Pod that says it is for Windows.
deny contains {"resource": c.r.address, "message": message, "path": path} if {
	some c in kubernetes.containers
	not kubernetes.for_windows(c.r.pod)
	not c.container.securityContext.readOnlyRootFilesystem == true
	path := array.concat(c.path, ["securityContext", "readOnlyRootFilesystem"])
	message := sprintf(
		"%s can write to its root file system: readOnlyRootFilesystem is not true",
		[kubernetes.named(c)],
	)
}
