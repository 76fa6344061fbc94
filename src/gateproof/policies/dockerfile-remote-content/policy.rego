# METADATA
# scope: package
# title: Dockerfiles check what they download
# description: >-
#   No ADD takes a file from elsewhere without its checksum, and no RUN hands to a shell what it downloads.
# custom:
#   id: dockerfile-remote-content
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.8
#     - nist-800-53@5:SI-7
#     - nist-800-53@5:SR-3
#     - nist-800-53@5:SR-11
#     - pci-dss@4.0.1:6.3.2
#   kinds: [dockerfile]
#   resources: [stage]
#   layers: [pre-commit, ci]
#   parameters:
#     accept_unreadable_scripts: false
#     shells: [sh, bash, ash, dash, zsh, ksh, python, python3, perl, ruby, node]
#   remediation: >-
#     Give ADD the checksum (ADD --checksum=sha256:… URL), or download to a file, compare it with a checksum or a signature,
#     and run it then.
package gateproof.policies.dockerfile_remote_content

import data.gateproof.lib.dockerfiles
import rego.v1

applies contains stage.address if some stage in dockerfiles.stages

sources(one) := [dockerfiles.unquoted(word) | some word in array.slice(one.value, 0, count(one.value) - 1)]

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in dockerfiles.instructions
	one.cmd == "add"
	count(dockerfiles.flags(one, "checksum")) == 0
	some source in sources(one)
	regex.match(`(?i)^(https?|ftp)://`, source)
	not pinned_repository(source)
	message := sprintf("ADD takes %s without its checksum", [source])
}

# Sources of a repository are named by a commit: https://host/repo.git?…commit=…, or #commit.
pinned_repository(source) if regex.match(`(?i)\.git(\?(.*&)?(commit|checksum)=|#)[0-9a-f]{40}`, source)

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in dockerfiles.instructions
	one.cmd == "add"
	count(dockerfiles.flags(one, "checksum")) == 0
	some source in sources(one)
	regex.match(`(?i)^(git@|ssh://|git://)`, source)
	not regex.match(`#[0-9a-f]{40}`, source)
	message := sprintf("ADD takes %s, which is not a commit", [source])
}

shells := concat("|", data.parameters.shells)

# A download that a shell reads from a pipe, whatever stands in between, or as a substitution. What is quoted may hold
# what would end a command, as URLs do.
words := `("[^"]*"|'[^']*'|[^|;&"']|&[^&\s])*`

before := `(((sudo|doas|env|exec|command|nohup|time)\s+)?((-[ug]\s+\S+|-\S+|\w+=\S*)\s+)*)*(/\S*/)?`

piped := sprintf(`\b(curl|wget|fetch)\b%s(\|&?%s)*\|&?\s*%s(%s)\b`, [words, words, before, shells])

substituted := sprintf(`(\b(eval|source|%s)|(^|[\s;&|(])\.)\s+(-\S+\s+)*("?\$\(|<\(|"?\x60)\s*(curl|wget|fetch)\b`, [shells])

deny contains {"resource": one.stage.address, "message": message, "path": one.path} if {
	some one in dockerfiles.instructions
	one.cmd in {"cmd", "entrypoint", "run"}
	some pattern in [piped, substituted]
	found := regex.find_n(pattern, dockerfiles.text(one), 1)[0]
	message := sprintf("%s runs what it downloads: %s", [upper(one.cmd), found])
}

undecided contains {"resource": one.stage.address, "reason": reason} if {
	some one in dockerfiles.instructions
	one.cmd == "add"
	count(dockerfiles.flags(one, "checksum")) == 0
	some source in sources(one)
	regex.match(`^(\$|[^/]*\$[^/]*//)`, source)
	reason := sprintf("ADD takes %s, which may be from elsewhere", [source])
}

# A script that a shell reads from a here-document.
heredoc := sprintf(`(^|\b(%s)\b[^|;&<]*)<<-?["']?\w`, [shells])

# The reader of Dockerfiles leaves out what here-documents hold.
undecided contains {"resource": one.stage.address, "reason": "the script of a here-document cannot be read"} if {
	not data.parameters.accept_unreadable_scripts
	some one in dockerfiles.instructions
	one.cmd == "run"
	regex.match(heredoc, dockerfiles.text(one))
}
