# METADATA
# scope: package
# title: Workloads have service accounts of their own, and tokens only where they ask for them
# description: >-
#   No Pod runs as the default ServiceAccount of its namespace, a token of the account is mounted only where the Pod or the
#   account says so, and no Secret holds a token that never expires.
# custom:
#   id: service-accounts
#   version: 1.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-9
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:8.6.3
#     - hipaa:164.312(a)(2)(i)
#     - hipaa:164.312(d)
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   remediation: >-
#     Give the workload a ServiceAccount with automountServiceAccountToken false, name it in serviceAccountName, and set
#     automountServiceAccountToken true only on Pods that call the API server.
package gateproof.policies.service_accounts

import data.gateproof.lib.kubernetes
import rego.v1

applies contains r.address if some r in array.concat(kubernetes.workloads, token_secrets)

undecided contains one if some one in kubernetes.unreadable

# The account of a Pod: the older field counts where the newer one is not set.
account(pod) := pod.serviceAccountName if {
	set(pod.serviceAccountName)
} else := pod.serviceAccount if {
	set(pod.serviceAccount)
} else := "default"

set(value) if not value in {null, ""}

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in kubernetes.pods
	name := account(r.pod)
	not own(name)
	path := array.concat(r.pod_path, ["serviceAccountName"])
	message := sprintf("it runs as the ServiceAccount %s", [kubernetes.shown(name)])
}

own(name) if {
	is_string(name)
	name != "default"
}

# What the Pod says of its token, and else what its account says; null where neither does.
asked(r) := r.pod.automountServiceAccountToken if {
	r.pod.automountServiceAccountToken != null
} else := wish if {
	wishes := accounts[[r.namespace, account(r.pod)]]
	some wish in wishes
	wish != null
	count(wishes) == 1
} else := null

# Namespace and name → what the ServiceAccounts of that name say.
accounts[[r.namespace, r.name]] contains object.get(r.object, "automountServiceAccountToken", null) if {
	some r in input.planned.ServiceAccount
}

deny contains {"resource": r.address, "message": message, "path": path} if {
	some r in kubernetes.pods
	wish := asked(r)
	not is_boolean(wish)
	told(r, wish)
	path := array.concat(r.pod_path, ["automountServiceAccountToken"])
	message := sprintf("a token is mounted although nobody asks for it: automountServiceAccountToken is %s", [
		kubernetes.shown(wish),
	])
}

undecided contains {"resource": r.address, "reason": reason} if {
	some r in kubernetes.pods
	wish := asked(r)
	not is_boolean(wish)
	not told(r, wish)
	reason := "whether a token is mounted is up to its ServiceAccount, which is not among these manifests"
}

# Whether that is all there is to know: the Pod has spoken, or its account is here.
told(_, wish) if wish != null

told(r, null) if accounts[[r.namespace, account(r.pod)]]

token_secrets := [r |
	some r in input.planned.Secret
	r.object.type == "kubernetes.io/service-account-token"
]

deny contains {"resource": r.address, "message": message, "path": ["type"]} if {
	some r in token_secrets
	message := "it is a token of a ServiceAccount that never expires"
}
