# METADATA
# scope: package
# title: Workloads and ConfigMaps hold no secrets
# description: >-
#   No environment variable, argument or ConfigMap holds a value whose name says that it is a secret, or a text that is a
#   credential by its look.
# custom:
#   id: workload-secrets
#   version: 1.0.0
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
#   finds_secrets: true
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     not_secret: [ca.crt, tls.crt]
#   remediation: >-
#     Keep the value in a secret manager, let an operator make a Secret of it, and refer to that with valueFrom.secretKeyRef or
#     a volume. A secret that was committed must be replaced.
package gateproof.policies.workload_secrets

import data.gateproof.lib.kubernetes
import data.gateproof.lib.secrets
import rego.v1

applies contains r.address if some r in array.concat(kubernetes.workloads, maps)

undecided contains one if some one in kubernetes.unreadable

deny contains finding if some finding in kubernetes.malformed

maps := [r | some r in input.planned.ConfigMap]

entries := [{"r": r, "path": [field, key], "key": key, "value": value} |
	some r in maps
	some field in ["binaryData", "data"]
	is_object(r.object[field])
	some key, value in r.object[field]
]

undecided contains {"resource": r.address, "reason": sprintf("%s cannot be read", [field])} if {
	some r in maps
	some field in ["binaryData", "data"]
	value := object.get(r.object, field, null)
	value != null
	not is_object(value)
}

undecided contains {"resource": one.r.address, "reason": sprintf("%s is no text", [one.key])} if {
	some one in entries
	not is_scalar(one.value)
}

is_scalar(value) if not type_name(value) in {"array", "object"}

# What may hold one, as names with values.

values := array.concat(array.concat(environment, options), entries)

environment := [{"r": c.r, "path": array.concat(c.path, ["env", index, "value"]), "key": one.name, "value": one.value} |
	some c in kubernetes.containers
	some index, one in c.container.env
]

arguments := [{"r": c.r, "path": array.concat(c.path, [field, index]), "text": text} |
	some c in kubernetes.containers
	some field in ["args", "command"]
	some index, text in c.container[field]
]

options := [{"r": one.r, "path": one.path, "key": key, "value": value} |
	some one in arguments
	some [_, key, value] in regex.find_all_string_submatch_n(`^--?([\w.-]+)=(.+)$`, one.text, 1)
]

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in values
	secret_name(one.key)
	literal(one.value)
	message := sprintf("%s has its value in the manifest", [one.key])
}

undecided contains {"resource": c.r.address, "reason": reason} if {
	some c in kubernetes.containers
	some field in ["args", "command", "env"]
	listed := object.get(c.container, field, null)
	not readable(field, listed)
	reason := sprintf("%s of %s cannot be read", [field, kubernetes.named(c)])
}

readable(_, null)

readable("env", listed) if {
	is_array(listed)
	every one in listed { is_string(one.name) }
}

readable(field, listed) if {
	field != "env"
	is_array(listed)
	every one in listed { is_string(one) }
}

# DB_PASSWORD is the name of a secret, DB_PASSWORD_FILE is not.
secret_name(name) if {
	secrets.named(name)
	not name in data.parameters.not_secret
}

# What may stand behind such a name: nothing, a switch, a reference to another variable, a path.
literal(value) if {
	not is_string(value)
	not is_boolean(value)
	value != null
}

literal(value) if {
	is_string(value)
	not regex.match(`^(|(?i:true|false|null|none)|\$[({].*[)}]|(/[\w.-]+){2,})$`, trim_space(value))
}

# Texts that are credentials whatever their name is.

texts := array.concat(
	[{"r": one.r, "path": one.path, "text": one.value} |
		some one in array.concat(environment, entries)
		is_string(one.value)
	],
	[one | some one in arguments; is_string(one.text)],
)

deny contains {"resource": one.r.address, "message": sprintf("it holds %s", [form]), "path": one.path} if {
	some one in texts
	some form in secrets.credentials(one.text)
}

# Files in ConfigMaps: a line that sets something with such a name.
deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in entries
	some [_, name, value] in regex.find_all_string_submatch_n(setting, one.value, -1)
	secret_name(name)
	literal(value)
	message := sprintf("%s in %s has its value in the manifest", [name, one.key])
}

# A name and a value that no template fills in.
setting := `(?m)^[\s"']*([\w.-]+)["']?\s*[:=]\s*["']?([^\s"'$<{%#][^\s"',;]*)["',;]*\s*$`
