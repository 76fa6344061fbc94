# METADATA
# scope: package
# title: Manifests hold no secrets
# description: >-
#   No Secret has its data in the manifest.
# custom:
#   id: secrets-in-manifests
#   version: 2.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-5(7)
#     - pci-dss@4.0.1:8.3.2
#     - pci-dss@4.0.1:8.6.2
#     - hipaa:164.308(a)(5)(ii)(D)
#     - hipaa:164.312(d)
#   kinds: [kubernetes]
#   resources: [Secret]
#   finds_secrets: true
#   layers: [pre-commit, ci, cd]
#   parameters:
#     not_secret: [ca.crt, tls.crt]
#   remediation: >-
#     Keep the value in a secret manager, or encrypted with Sealed Secrets or SOPS, and let an operator make the Secret. A
#     secret that was committed must be replaced.
package gateproof.policies.secrets_in_manifests

import rego.v1

secrets := [r | some r in input.planned.Secret]

applies contains r.address if some r in secrets

fields := ["binaryData", "data", "stringData"]

# Values are hidden from policies; that there are any is enough.
deny contains {"resource": r.address, "message": message, "path": [field, key]} if {
	some r in secrets
	some field in fields
	is_object(r.object[field])
	some key, value in r.object[field]
	value != null
	not key in data.parameters.not_secret
	message := sprintf("the value of %s is in the manifest", [key])
}

undecided contains {"resource": r.address, "reason": sprintf("%s cannot be read", [field])} if {
	some r in secrets
	some field in fields
	value := object.get(r.object, field, null)
	value != null
	not is_object(value)
}
