# METADATA
# scope: package
# title: What policies about Dockerfiles share
# description: >-
#   The stages of a build, their instructions, the images that they come from, and the text of commands.
package gateproof.lib.dockerfiles

import rego.v1

stages := object.get(input.planned, "stage", [])

# What is built by default.
final := [stage | some stage in stages; stage.last]

# Every instruction with the stage that it is in. ONBUILD counts as the instruction that it holds.
instructions := [{"stage": stage, "cmd": command(one), "value": one.value, "flags": one.flags, "path": one.path} |
	some stage in stages
	some one in stage.instructions
]

command(one) := lower(one.sub) if {
	one.cmd == "onbuild"
} else := one.cmd

# The arguments of an instruction as one text.
text(instruction) := concat(" ", instruction.value)

# A word as BuildKit reads it, without quotes.
unquoted(word) := regex.replace(word, `["']`, "")

# The values of a flag, such as `--from=build`; some may be given several times.
flags(instruction, name) := [substring(found, count(name) + 3, -1) |
	some found in instruction.flags
	startswith(found, sprintf("--%s=", [name]))
]

by_digest(image) if regex.match(`@sha256:[0-9a-f]{64}$`, image)
