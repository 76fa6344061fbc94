package gateproof.policies.iam_wildcard_actions_test

import data.gateproof.policies.iam_wildcard_actions
import rego.v1

allowing(action) := {"planned": {"aws_iam_policy": [{
	"address": "aws_iam_policy.p",
	"type": "aws_iam_policy",
	"values": {"policy": json.marshal({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})},
	"unknown": {},
	"references": {},
	"configured": ["policy"],
}]}}

parameters := {"administrator_policies": [], "services_allowed_everywhere": ["xray"]}

test_services_that_are_allowed_everywhere if {
	count(iam_wildcard_actions.deny) == 0 with input as allowing("XRay:*") with data.parameters as parameters
}

test_other_services if {
	count(iam_wildcard_actions.deny) == 1 with input as allowing("s3:*") with data.parameters as parameters
}

test_shapes_of_all_actions[action] if {
	some action in ["*", "**", "*:*", "?*", "s3:**", "s3:?*", "iam:*"]
	count(iam_wildcard_actions.deny) == 1 with input as allowing(action) with data.parameters as parameters
}

test_shapes_of_some_actions[action] if {
	some action in ["s3:Get*", "s3:*Object", "ec2:Describe?*"]
	count(iam_wildcard_actions.deny) == 0 with input as allowing(action) with data.parameters as parameters
}
