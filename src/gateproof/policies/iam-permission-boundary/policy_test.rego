package gateproof.policies.iam_permission_boundary_test

import data.gateproof.policies.iam_permission_boundary
import rego.v1

parameters := {
	"approve_planned_policies": false,
	"approved_boundaries": ["arn:aws:iam::123456789012:policy/boundary"],
	"exempt_paths": ["/teams/*"],
}

role(values, unknown, references) := {"planned": {
	"aws_iam_policy": [{
		"address": "aws_iam_policy.boundary",
		"type": "aws_iam_policy",
		"values": {"policy": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}"},
		"unknown": {"arn": true},
		"references": {},
		"configured": ["policy"],
	}],
	"aws_iam_role": [{
		"address": "aws_iam_role.r",
		"type": "aws_iam_role",
		"values": values,
		"unknown": unknown,
		"references": references,
		"configured": ["permissions_boundary"],
	}],
}}

test_policies_of_the_plan_where_they_are_not_approved if {
	planned := role({"path": "/"}, {"permissions_boundary": true}, {"permissions_boundary": ["aws_iam_policy.boundary"]})
	found := iam_permission_boundary.undecided with input as planned with data.parameters as parameters
	found == {{"resource": "aws_iam_role.r", "reason": "permissions_boundary is known only after apply"}}
}

test_one_boundary_alone if {
	other := role({"path": "/", "permissions_boundary": "arn:aws:iam::123456789012:policy/other"}, {}, {})
	some finding in iam_permission_boundary.deny with input as other with data.parameters as parameters
	contains(finding.message, "policy/other, which is not an approved boundary")
}

test_an_exempt_path if {
	exempt := role({"path": "/teams/cards/", "permissions_boundary": null}, {}, {})
	count(iam_permission_boundary.applies) == 0 with input as exempt with data.parameters as parameters
}
