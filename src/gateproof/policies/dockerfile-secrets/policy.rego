# METADATA
# scope: package
# title: Dockerfiles hold no secrets
# description: >-
#   No ENV or ARG of a Dockerfile is a secret by its name, and no file that is known to hold keys or passwords is copied
#   into an image. Both stay in its layers and its history.
# custom:
#   id: dockerfile-secrets
#   version: 1.1.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - nist-800-53@5:IA-5
#     - nist-800-53@5:IA-5(7)
#     - pci-dss@4.0.1:8.6.2
#     - hipaa:164.312(d)
#   kinds: [dockerfile]
#   resources: [stage]
#   finds_secrets: true
#   layers: [pre-commit, ci]
#   parameters:
#     names: '((^|_)pwd|passw(or)?d|passphrase|secret|token|(access|api|auth|encryption|private|secret|signing)_?key|credentials?|connection_?string)$'
#     files:
#       - "**/.env"
#       - "**/.env.*"
#       - "**/.netrc"
#       - "**/.npmrc"
#       - "**/.pypirc"
#       - "**/.git-credentials"
#       - "**/.docker/config.json"
#       - "**/.aws/credentials"
#       - "**/.kube/config"
#       - "**/.ssh/**"
#       - "**/id_{rsa,dsa,ecdsa,ed25519}"
#       - "**/*.{key,pfx,p12,jks,keystore}"
#       - "**/*-key.pem"
#   remediation: >-
#     Give secrets of the build with RUN --mount=type=secret, and those of the running container through its environment
#     from a secret store. A secret that was in an image must be replaced.
package gateproof.policies.dockerfile_secrets

import data.gateproof.lib.dockerfiles
import data.gateproof.lib.secrets
import rego.v1

applies contains stage.address if some stage in dockerfiles.stages

secret(name) if regex.match(data.parameters.names, lower(name))

# ENV comes as name, value and sign in turn, as conftest reads it; ARG as name=value.
variables := array.concat(
	[{"one": one, "name": one.value[index], "value": one.value[index + 1]} |
		some one in dockerfiles.instructions
		one.cmd == "env"
		some index, _ in one.value
		index % 3 == 0
	],
	[{"one": one, "name": split(argument, "=")[0], "value": ""} |
		some one in dockerfiles.instructions
		one.cmd == "arg"
		some argument in one.value
	],
)

deny contains {"resource": variable.one.stage.address, "message": message, "path": variable.one.path} if {
	some variable in variables
	variable.one.cmd == "env"
	secret(variable.name)
	not variable.value in {"", `""`, "''"}
	message := sprintf("ENV %s looks like a secret, and stays in the image", [variable.name])
}

deny contains {"resource": variable.one.stage.address, "message": message, "path": variable.one.path} if {
	some variable in variables
	variable.one.cmd == "arg"
	secret(variable.name)
	message := sprintf("ARG %s looks like a secret, and what it is given stays in the image's history", [variable.name])
}

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in dockerfiles.instructions
	one.cmd in {"add", "copy"}
	count(dockerfiles.flags(one, "from")) == 0
	some word in array.slice(one.value, 0, count(one.value) - 1)
	source := dockerfiles.unquoted(word)
	some pattern in data.parameters.files
	glob.match(pattern, ["/"], concat("/", [".", regex.replace(source, `^(\.?/)+`, "")]))
	message := sprintf("%s is copied into the image, and is known to hold secrets", [source])
}

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in dockerfiles.instructions
	found := secrets.credentials(dockerfiles.text(one))
	count(found) > 0
	message := sprintf("%s holds %s", [upper(one.cmd), concat(", ", found)])
}
