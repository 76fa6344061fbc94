# METADATA
# scope: package
# title: What policies about secrets share
# description: >-
#   Whether a name says that something is a secret, and whether a text holds a credential of a known form.
package gateproof.lib.secrets

import rego.v1

# What names of secrets end in, whatever separates words.
endings := concat("|", [
	"access_key",
	"api_key",
	"auth_key",
	"connection_string",
	"credentials?",
	"encryption_key",
	"passphrase",
	"passwd",
	"password",
	"private_key",
	"pwd",
	"secret",
	"secret_key",
	"secret_key_base",
	"signing_key",
	"token",
])

named_pattern := sprintf(`(?i)(%s)[^a-z0-9]*$`, [replace(endings, "_", "[^a-z0-9]*")])

# PWD and OLDPWD are where a shell is and was.
named(name) if {
	regex.match(named_pattern, name)
	not lower(name) in {"oldpwd", "pwd"}
}

# Under such a name these are no secrets: nothing, a switch, or where AWS or Azure keeps the secret.
harmless(text) if lower(text) in {"", "false", "true"}

harmless(text) if regex.match(`^arn:aws[a-z-]*:(secretsmanager|ssm|kms):`, text)

harmless(text) if regex.match(`(?i)^@Microsoft\.KeyVault\(`, text)

# Forms of credentials.
forms := {
	"a GitHub token": `\b(gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})`,
	"a GitLab token": `\bglpat-[A-Za-z0-9_-]{20}`,
	"a Google API key": `\bAIza[A-Za-z0-9_-]{35}`,
	"a Slack token": `\bxox[abeoprs]-[A-Za-z0-9-]{10}`,
	"a Stripe key": `\b[rs]k_live_[A-Za-z0-9]{16}`,
	"a URL with a password": `\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/:@${}<*]+@`,
	"a private key": `-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY`,
	"an AWS access key": `\b(AKIA|ASIA)[A-Z0-9]{16}\b`,
	"an npm token": `\bnpm_[A-Za-z0-9]{36}`,
}

any_form := concat("|", [sprintf("(%s)", [pattern]) | some pattern in forms])

# Those that a text holds.
credentials(text) := sort([form | some form, pattern in forms; regex.match(pattern, text)]) if {
	regex.match(any_form, text)
} else := []

# Names of secrets to which the lines of a script assign a value that is written out.
assigned(script) := sort({found[1] |
	some found in regex.find_all_string_submatch_n(assignment, script, -1)
	named(found[1])
	not harmless(found[2])
})

assignment := sprintf(
	"(?im)(?:^|[\\s;])([a-z0-9_]*(?:%s))=[\"']?([^\\s\"'$;<`]+)",
	[replace(endings, "_", "_?")],
)
