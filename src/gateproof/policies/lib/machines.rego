# METADATA
# scope: package
# title: What policies about EC2 instances share
# description: >-
#   Instances, and the launch templates that they take from what they do not set themselves.
package gateproof.lib.machines

import data.gateproof.lib.terraform as tf
import rego.v1

machines := tf.planned(["aws_instance", "aws_launch_configuration", "aws_launch_template", "aws_spot_instance_request"])

# A verdict on what an instance takes from its launch template, which is judged itself where the plan has it; undefined
# where it has no template.
template_verdict(r) := "yes" if {
	some found in tf.blocks(r, ["launch_template"])
	planned_template(r, found)
} else := "is up to a launch template that is not in the plan" if {
	count(tf.blocks(r, ["launch_template"])) > 0
}

templates := tf.planned(["aws_launch_template"])

template_addresses := {r.address | some r in templates}

template_names := {name |
	some r in templates
	some attribute in ["id", "name"]
	name := tf.value(r, [attribute])
	tf.readable(name)
}

planned_template(_, found) if {
	some attribute in ["id", "name"]
	found.value[attribute] in template_names
}

planned_template(r, found) if {
	some attribute in ["id", "name"]
	some address in tf.references(r, array.concat(found.path, [attribute]))
	address in template_addresses
}
