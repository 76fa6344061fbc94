# METADATA
# scope: package
# title: What policies about workflows of GitHub Actions share
# description: >-
#   Steps, the actions that they use, the text that they run, and what starts a workflow.
package gateproof.lib.workflows

import rego.v1

jobs := object.get(input.planned, "job", [])

workflows := object.get(input.planned, "workflow", [])

# Jobs and composite actions: what has steps, or calls another workflow.
runners := array.concat(jobs, object.get(input.planned, "action", []))

# Every step with what it is in.
steps := [{"r": r, "step": step} | some r in runners; some step in r.steps]

# Every action or workflow that is used, with its path.
uses := array.concat(
	[{"r": s.r, "path": array.concat(s.step.path, ["uses"]), "uses": s.step.uses} |
		some s in steps
		s.step.uses != null
	],
	[{"r": r, "path": ["jobs", r.id, "uses"], "uses": r.object.uses} |
		some r in jobs
		r.object.uses != null
	],
)

# The name of an action, without its version and in lower case, as GitHub compares it.
action(step) := lower(split(step.uses, "@")[0]) if is_string(step.uses)

# The events that start a workflow: a name, a list of names, or a mapping of them.
events(workflow) := {workflow.on} if {
	is_string(workflow.on)
} else := {event | some event in workflow.on} if {
	is_array(workflow.on)
} else := object.keys(workflow.on) if {
	is_object(workflow.on)
} else := set()

# The text of `${{ … }}` in a value.
expressions(text) := regex.find_n(`\$\{\{(?s:.*?)\}\}`, text, -1) if is_string(text)

# Names in any case, with blanks and with brackets for dots, mean the same to GitHub.
normal(text) := replace(regex.replace(lower(text), `\[\s*'([a-z_]+)'\s*\]`, ".$1"), " ", "")

# Jobs that cannot be read, as elements of a policy's `deny`. GitHub refuses such a workflow.
malformed contains {"resource": r.address, "message": "the job is not a mapping", "path": ["jobs", r.id]} if {
	some r in jobs
	not is_object(r.object)
}

malformed contains {"resource": r.address, "message": "steps is not a list of mappings", "path": ["jobs", r.id, "steps"]} if {
	some r in jobs
	listed := object.get(r.object, "steps", [])
	not all_objects(listed)
}

all_objects(listed) if {
	is_array(listed)
	every one in listed { is_object(one) }
}
