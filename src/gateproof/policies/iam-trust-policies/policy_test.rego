package gateproof.policies.iam_trust_policies_test

import data.gateproof.policies.iam_trust_policies
import rego.v1

trusting(statement) := {"planned": {"aws_iam_role": [{
	"address": "aws_iam_role.partner",
	"type": "aws_iam_role",
	"values": {"assume_role_policy": json.marshal({"Statement": [object.union({"Effect": "Allow"}, statement)]})},
	"unknown": {},
	"references": {},
	"configured": ["assume_role_policy"],
}]}}

partner := {"Principal": {"AWS": ["arn:aws:iam::210987654321:root", "123456789012"]}}

test_other_accounts_are_unknown_by_default if {
	count(iam_trust_policies.deny) == 0 with input as trusting(partner)
		with data.parameters as {"own_accounts": [], "whole_github_organizations": false}
}

test_other_accounts_need_an_external_id if {
	some finding in iam_trust_policies.deny with input as trusting(partner)
		with data.parameters as {"own_accounts": ["123456789012"], "whole_github_organizations": false}
	finding.message == "a statement lets account 210987654321, without an external id, assume the role"
}

test_other_accounts_with_an_external_id if {
	statement := object.union(partner, {"Condition": {"StringEquals": {"sts:ExternalId": "7d1c2a"}}})
	count(iam_trust_policies.deny) == 0 with input as trusting(statement)
		with data.parameters as {"own_accounts": ["123456789012"], "whole_github_organizations": false}
}

test_any_external_id_is_none if {
	statement := object.union(partner, {"Condition": {"StringLike": {"sts:ExternalId": "a*"}}})
	count(iam_trust_policies.deny) == 1 with input as trusting(statement)
		with data.parameters as {"own_accounts": ["123456789012"], "whole_github_organizations": false}
}

github := {
	"Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
	"Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}},
}

test_whole_organizations_where_that_is_wanted if {
	count(iam_trust_policies.deny) == 0 with input as trusting(github)
		with data.parameters as {"own_accounts": [], "whole_github_organizations": true}
}

test_whole_organizations_otherwise if {
	count(iam_trust_policies.deny) == 1 with input as trusting(github)
		with data.parameters as {"own_accounts": [], "whole_github_organizations": false}
}
