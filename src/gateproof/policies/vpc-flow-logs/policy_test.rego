package gateproof.policies.vpc_flow_logs_test

import data.gateproof.policies.vpc_flow_logs
import rego.v1

resource(address, values) := {
	"address": address,
	"type": split(address, ".")[0],
	"values": values,
	"unknown": {},
	"references": {},
	"configured": [],
}

recording(type) := {"planned": {
	"aws_flow_log": [resource("aws_flow_log.main", {"vpc_id": "vpc-0a1b2c3d", "traffic_type": type})],
	"aws_vpc": [resource("aws_vpc.main", {"id": "vpc-0a1b2c3d"})],
}}

test_rejected_traffic_where_that_will_do if {
	count(vpc_flow_logs.deny) == 0 with input as recording("REJECT")
		with data.parameters as {"traffic_types": ["ALL", "REJECT"]}
}

test_accepted_traffic_does_not if {
	some finding in vpc_flow_logs.deny with input as recording("ACCEPT")
		with data.parameters as {"traffic_types": ["ALL", "REJECT"]}
	finding.message == "the VPC has no flow log of the type ALL or REJECT"
}
