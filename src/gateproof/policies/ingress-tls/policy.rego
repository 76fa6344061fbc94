# METADATA
# scope: package
# title: Ingresses serve every host over TLS
# description: >-
#   Every host of an Ingress, and what it serves without one, is named in its TLS section, and plain HTTP is not kept open
#   beside it.
# custom:
#   id: ingress-tls
#   version: 1.0.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.7
#     - nist-800-53@5:SC-8
#     - nist-800-53@5:SC-8(1)
#     - pci-dss@4.0.1:4.2.1
#     - hipaa:164.312(e)(1)
#     - hipaa:164.312(e)(2)(ii)
#   kinds: [kubernetes]
#   resources:
#     - extensions/Ingress
#     - networking.k8s.io/Ingress
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     certificate_annotations:
#       - alb.ingress.kubernetes.io/certificate-arn
#       - ingress.gcp.kubernetes.io/pre-shared-cert
#       - networking.gke.io/managed-certificates
#   remediation: >-
#     Name every host of spec.rules in spec.tls with the Secret of its certificate, and leave the redirect from HTTP on.
package gateproof.policies.ingress_tls

import data.gateproof.lib.kubernetes
import rego.v1

ingresses := [r |
	some type in ["extensions/Ingress", "networking.k8s.io/Ingress"]
	some r in input.planned[type]
]

applies contains r.address if some r in ingresses

undecided contains {"resource": r.address, "reason": "spec.rules is not a list of rules"} if {
	some r in ingresses
	not readable(object.get(r.object, ["spec", "rules"], null))
}

undecided contains {"resource": r.address, "reason": "its annotations cannot be read"} if {
	some r in ingresses
	r.annotations == null
}

undecided contains {"resource": r.address, "reason": "it has neither rules nor a default backend"} if {
	some r in ingresses
	not serves(r)
}

serves(r) if count(r.object.spec.rules) > 0

serves(r) if {
	some field in ["backend", "defaultBackend"]
	r.object.spec[field] != null
}

readable(null)

readable(rules) if {
	is_array(rules)
	every rule in rules { is_object(rule) }
}

# What an Ingress serves: the hosts of its rules, and null for requests of any other host.

served := array.concat(
	[{"r": r, "path": ["spec", "rules", index], "host": host(rule)} |
		some r in ingresses
		some index, rule in r.object.spec.rules
	],
	[{"r": r, "path": ["spec", field], "host": null} |
		some r in ingresses
		some field in ["backend", "defaultBackend"]
		r.object.spec[field] != null
	],
)

host(rule) := rule.host if {
	not rule.host in {null, ""}
} else := null

bare := [one | some one in served; not covered(one.r, one.host)]

# A section without hosts is for all of them, and a wildcard for one label.
covered(r, _) if {
	some section in r.object.spec.tls
	object.get(section, "hosts", null) in {null, []}
}

covered(r, host) if {
	some section in r.object.spec.tls
	some name in section.hosts
	name in {host, regex.replace(host, `^[^.]+`, "*")}
}

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in bare
	count(certificates(one.r)) == 0
	message := sprintf("%s served without TLS", [subject(one.host)])
}

subject(null) := "requests of any host are"

subject(host) := sprintf("the host %s is", [kubernetes.shown(host)]) if host != null

undecided contains {"resource": one.r.address, "reason": reason} if {
	some one in bare
	some name in certificates(one.r)
	reason := sprintf("which hosts have a certificate is left to what the annotation %s names", [name])
}

certificates(r) := [name | some name in data.parameters.certificate_annotations; r.annotations[name] != ""]

# Most controllers redirect HTTP as soon as there is TLS, unless they are told not to.
deny contains {"resource": r.address, "message": message, "path": ["metadata", "annotations", name]} if {
	some r in ingresses
	some name, value in r.annotations
	keeps_http(name, value)
	message := sprintf("plain HTTP is kept open: %s is %s", [name, kubernetes.shown(value)])
}

keeps_http(name, value) if {
	endswith(name, "/ssl-redirect")
	lower(sprintf("%v", [value])) in {"0", "f", "false"}
}

keeps_http("kubernetes.io/ingress.allow-http", value) if lower(sprintf("%v", [value])) in {"1", "t", "true"}
