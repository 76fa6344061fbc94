# METADATA
# scope: package
# title: Roles say who may assume them
# description: >-
#   No trust policy of a role lets everybody assume it; tokens of GitHub Actions, of Kubernetes clusters and of other OIDC
#   providers are bound to their subject; accounts that are not the organization's own give an external id.
# custom:
#   id: iam-trust-policies
#   version: 1.0.0
#   severity: critical
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:IA-8
#     - nist-800-53@5:IA-9
#     - pci-dss@4.0.1:7.2.5
#     - pci-dss@4.0.1:7.3.2
#     - hipaa:164.312(a)(1)
#     - hipaa:164.312(d)
#   kinds: [terraform-plan]
#   resources: [aws_iam_role]
#   layers: [pre-commit, ci, cd]
#   parameters:
#     own_accounts: []
#     whole_github_organizations: false
#   remediation: >-
#     Name the roles, services or accounts in Principal in place of "*", or narrow it by aws:PrincipalOrgID; compare
#     token.actions.githubusercontent.com:sub with "repo:<owner>/<repository>:..." (a cluster's with
#     "system:serviceaccount:<namespace>:<name>"); ask other companies' accounts for sts:ExternalId.
package gateproof.policies.iam_trust_policies

import data.gateproof.lib.iam
import data.gateproof.lib.terraform as tf
import rego.v1

roles := tf.planned(["aws_iam_role"])

applies contains r.address if some r in roles

documents := [iam.document(r, ["assume_role_policy"]) | some r in roles]

undecided contains one if some one in iam.unreadable(documents)

deny contains {"resource": one.r.address, "path": one.path, "message": message} if {
	some one in documents
	some statement in one.statements
	statement.Effect != "Deny"
	some what in too_wide(statement)
	message := sprintf("%s lets %s assume the role", [iam.named(statement), what])
}

too_wide(statement) := union({
	{"everybody" | iam.for_everybody(statement); not iam.narrowed(statement)},
	{who | some provider in unbound_providers(statement); who := sprintf("any identity of %s", [provider])},
	{who | some account in strangers(statement); who := sprintf("account %s, without an external id,", [account])},
})

# OIDC providers: an identity is the subject of the token. The public ones tell applications, too. Wildcards and policy
# variables may stand behind what names somebody.

unbound_providers(statement) := {provider |
	some provider in named(statement, "Federated")
	not regex.match(`^arn:[^:]*:iam::[^:]*:saml-provider/`, provider)
	not bound(statement, provider)
}

bound(statement, provider) if {
	some subjects in compared(statement, claims(provider))
	every subject in subjects { names_somebody(provider, subject) }
}

claims(provider) := {lower(sprintf("%s:sub", [url]))} if {
	[_, url] := split(provider, ":oidc-provider/")
} else := {sprintf("%s:%s", [lower(provider), claim]) | some claim in ["sub", "aud", "app_id"]}

names_somebody(provider, subject) if {
	from_github(provider)
	regex.match(github_subject, subject)
} else if {
	in_kubernetes(provider, subject)
	regex.match(`^system:serviceaccount:[^*?:$]+:`, subject)
} else if {
	not from_github(provider)
	not in_kubernetes(provider, subject)
	regex.match(`^([^*?$]+$|[^*?:$]+:[^*?:/$]+[:/])`, subject)
}

from_github(provider) if regex.match(`:oidc-provider/(token\.actions\.githubusercontent\.com|.*/_services/token)`, provider)

github_subject := `^repo:[^*?/:$]+/` if {
	data.parameters.whole_github_organizations
} else := `^(repo|repository|job_workflow_ref):[^*?/:$]+/[^*?/:$]+(:|/|$)`

in_kubernetes(_, subject) if startswith(subject, "system:")

in_kubernetes(provider, _) if contains(provider, ":oidc-provider/oidc.eks.")

# Other accounts, where it is known which ones are not.

strangers(statement) := {account |
	count(data.parameters.own_accounts) > 0
	some principal in named(statement, "AWS")
	account := trim(regex.find_n(`(^|::)[0-9]{12}(:|$)`, principal, 1)[0], ":")
	not account in data.parameters.own_accounts
	not vouched_for(statement)
}

vouched_for(statement) if {
	some values in compared(statement, {"sts:externalid", "aws:principalorgid", "aws:principalorgpaths"})
	every one in values { regex.match(`^[^*?$]+(/.*)?$`, one) }
}

# Reading a statement.

named(statement, kind) := {name | some name in tf.as_list(statement.Principal[kind]); is_string(name)}

comparing_operators := {
	"ForAnyValue:StringEquals",
	"ForAnyValue:StringLike",
	"StringEquals",
	"StringEqualsIgnoreCase",
	"StringLike",
}

# The values that one of these keys must be equal to: a list for each condition.
compared(statement, keys) := [listed |
	some operator, conditions in statement.Condition
	operator in comparing_operators
	some key, values in conditions
	lower(key) in keys
	listed := tf.as_list(values)
	count(listed) > 0
]
