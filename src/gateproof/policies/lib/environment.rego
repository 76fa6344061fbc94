# METADATA
# scope: package
# title: What policies about environment variables in task and job definitions share
# description: >-
#   Containers in the JSON documents of ECS tasks and Batch jobs, and why such a document cannot be read.
package gateproof.lib.environment

import data.gateproof.lib.terraform as tf
import rego.v1

# The attribute with the document, by type.
documents := {
	"aws_batch_job_definition": "container_properties",
	"aws_ecs_task_definition": "container_definitions",
}

# The document as text; undefined when there is none that can be read.
document(r) := text if {
	text := tf.value(r, [documents[r.type]])
	tf.readable(text)
	json.is_valid(text)
}

# Documents that cannot be read, as checks. Not having one is no fault.
unreadable(resources) := [tf.result(r, path, why_unreadable(r, path), "") |
	some r in resources
	not document(r)
	path := [documents[r.type]]
]

why_unreadable(r, path) := reason if {
	reason := tf.why_unreadable(r, path)
} else := "yes" if {
	tf.value(r, path) in {null, ""}
} else := "is not JSON"

# The containers of a task, or the one of a job.
containers(r) := [container | some container in tf.as_list(json.unmarshal(document(r))); is_object(container)]

# Names of members may begin with a capital. What is not there is null.
member(object, name) := found if {
	found := [value | some key, value in object; lower(key) == lower(name)][0]
} else := null
