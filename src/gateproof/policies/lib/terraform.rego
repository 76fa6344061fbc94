# METADATA
# scope: package
# title: What policies about Terraform plans share
# description: >-
#   Reading resources whose values may be unknown or hidden, and judging places in them. A place is a path inside
#   `values`. A verdict is "yes", "no", or why it cannot be told, to be read after the name of the place.
package gateproof.lib.terraform

import rego.v1

# The resources of these types that stay, and those that are taken away.
planned(types) := [r | some type in types; some r in input.planned[type]]

removed(types) := [r | some type in types; some r in input.removed[type]]

# Values. What is not set is null. Undefined operands would make a negated call undefined, so nothing here is undefined
# but what is said to be.

value(r, path) := object.get(r.values, path, null)

readable(text) if {
	is_string(text)
	text != ""
	not hidden(text)
}

hidden(text) if {
	is_string(text)
	startswith(text, "redacted:sha256:")
}

# Known only after apply, alone or with what it stands in.
unknown(r, path) if r.unknown[path[0]] == true

unknown(r, path) if {
	count(path) > 1
	r.unknown[path[0]]
	some length in numbers.range(2, count(path))
	object.get(r.unknown, array.slice(path, 0, length), false) == true
}

# What a provider fills in by itself: known only after apply, and not set by anybody. A plan says nothing of how dynamic
# blocks are configured, so that a block of which parts are known was set by somebody.
defaulted(r, path) if {
	r.unknown[path[0]] == true
	is_array(r.configured)
	not path[0] in r.configured
}

# The same inside a block that somebody set: unknown while the block is there, and referring to nothing.
filled_in(r, path) if defaulted(r, path)

filled_in(r, path) if {
	unknown(r, path)
	value(r, array.slice(path, 0, count(path) - 1)) != null
	path[0] in r.configured
	count(references(r, path)) == 0
}

# Why a place cannot be read; undefined when it can.
why_unreadable(r, path) := "is sensitive" if {
	hidden(value(r, path))
} else := "is known only after apply" if {
	unknown(r, path)
	not defaulted(r, path)
}

# The same for a place with a list of which any element may be unreadable.
why_part_unreadable(r, path) := reason if {
	reason := why_unreadable(r, path)
} else := "is sensitive" if {
	some element in value(r, path)
	hidden(element)
} else := "is known only after apply" if {
	not defaulted(r, path)
	some element in object.get(r.unknown, path, [])
	element == true
}

# The same for a list of texts.
why_texts_unreadable(r, path) := reason if {
	reason := why_part_unreadable(r, path)
} else := "is no list of texts" if {
	some element in as_list(value(r, path))
	not is_string(element)
}

# The same for blocks that no provider fills in by itself: those that are unknown are dynamic.
why_blocks_unreadable(r, path) := "is sensitive" if {
	hidden(value(r, path))
} else := "is known only after apply" if {
	unknown(r, path)
} else := why_no_blocks(r, path)

why_no_blocks(r, path) := "is no block" if {
	some one in as_list(value(r, path))
	not is_object(one)
}

as_list(found) := found if {
	is_array(found)
} else := [] if {
	found == null
} else := [found]

# The blocks at a path, each with its own path: a list of objects, or one object.
blocks(r, path) := within(value(r, path), path)

within(found, path) := [{"value": one, "path": array.concat(path, [index])} | some index, one in found; is_object(one)] if {
	is_array(found)
} else := [{"value": found, "path": path}] if {
	is_object(found)
} else := []

# Attributes are named, and references listed, without the indices of blocks.
name(path) := concat(".", [step | some step in path; is_string(step)])

references(r, path) := object.get(r.references, name(path), [])

# Checks: places with verdicts. What is good is a set of values; null in it means that not setting it is good.

check(r, path, good, message) := result(r, path, verdict(r, path, good), message)

result(r, path, found, message) := {"resource": r.address, "path": path, "verdict": found, "message": message}

verdict(r, path, good) := reason if {
	reason := why_unreadable(r, path)
} else := "yes" if {
	value(r, path) in good
	not misplaced(r, path)
} else := "no"

# Whether on the way to a place, where there should be a block, there is something else: not setting it is no good then.
misplaced(r, path) if {
	count(path) > 1
	value(r, path) == null
	some length in numbers.range(1, count(path) - 1)
	found := value(r, array.slice(path, 0, length))
	not found in {null, [], {}}
	not holds(found, path[length])
}

holds(found, step) if {
	is_array(found)
	is_number(step)
}

holds(found, step) if {
	is_object(found)
	is_string(step)
}

# Checks of an attribute in the blocks of a name; where there is none, the attribute is not set.
block_checks(r, block, attribute, good, message) := [check(r, array.concat(path, [attribute]), good, message) |
	some path in block_paths(r, block)
]

block_paths(r, block) := paths if {
	paths := [one.path | some one in blocks(r, block)]
	count(paths) > 0
} else := [block]

# A verdict on a number between two others, both included; `unset` is what it is where nobody sets it.
range_verdict(r, path, unset, least, most) := reason if {
	reason := why_unreadable(r, path)
} else := "yes" if {
	found := number(r, path, unset)
	is_number(found)
	least <= found
	found <= most
	not misplaced(r, path)
} else := "no"

number(r, path, unset) := unset if {
	value(r, path) == null
} else := value(r, path)

# The verdict on a place that must name something. Which one it is need not be known where it can only be a resource of
# these types.

names_one(r, path, types) := "yes" if {
	readable(value(r, path))
} else := "yes" if {
	unknown(r, path)
	found := references(r, path)
	count(found) > 0
	every address in found { of_type(address, types) }
} else := verdict(r, path, {})

# Whether an address, in whatever module, is of one of the types.
of_type(address, types) if {
	some type in types
	contains(sprintf(".%s", [address]), sprintf(".%s.", [type]))
}

# What a policy says of its checks, as elements of its rules `deny` and `undecided`.

denied(checks) := [object.remove(check, {"verdict"}) | some check in checks; check.verdict == "no"]

undecided(checks) := [{"resource": check.resource, "reason": sprintf("%s %s", [name(check.path), check.verdict])} |
	some check in checks
	not check.verdict in {"yes", "no"}
]

# Resources of their own that complete another: to which ones they belong is told by an equal name (or id), or, while
# that is not known, by a reference that can only mean one of them.

links(children, attribute, parents) := {
	"addresses": {address | some one in unnamed; count(one.targets) == 1; some address in one.targets},
	"names": {text | some child in children; text := child.values[attribute]; readable(text)},
	"loose": [one.child | some one in unnamed; count(one.targets) == 0],
	"ambiguous": {address | some one in unnamed; count(one.targets) > 1; some address in one.targets},
} if {
	addresses := {parent.address | some parent in parents}
	unnamed := [{"child": child.address, "targets": targets} |
		some child in children
		not readable(value(child, [attribute]))
		targets := referred(child, attribute, addresses)
	]
}

# The addresses, among some, that an attribute refers to.
referred(r, attribute, addresses) := {address | some address in r.references[attribute]; address in addresses}

# Whether one of them belongs to the parent, which may be named by any of the attributes.
linked(found, parent, _) if parent.address in found.addresses

linked(found, parent, attributes) if {
	some attribute in attributes
	parent.values[attribute] in found.names
}

# Why it cannot be told whether one of them belongs to a parent that is not linked; undefined when it can.
why_unclear(found, parent) := reason if {
	reason := sprintf("%s may or may not be for this one: that is known only after apply", [found.loose[0]])
} else := reason if {
	parent.address in found.ambiguous
	reason := "the plan does not say whether a separate resource is for this one or for another"
}

# Parents that none of the linked resources belongs to; and those of which that cannot be told, as elements of a policy's
# `undecided`.

alone(found, parents, attributes) := [parent |
	count(found.loose) == 0
	known := linked_addresses(found, parents, attributes) | found.ambiguous
	some parent in parents
	not parent.address in known
]

unclear(found, parents, attributes) := [{"resource": parent.address, "reason": reason} |
	count(found.loose) + count(found.ambiguous) > 0
	known := linked_addresses(found, parents, attributes)
	some parent in parents
	not parent.address in known
	reason := why_unclear(found, parent)
]

linked_addresses(found, parents, attributes) := found.addresses | {parent.address |
	count(found.names) > 0
	some parent in parents
	some attribute in attributes
	parent.values[attribute] in found.names
}

# Resources of a type that are taken away from what they completed, as checks. `told` has the names of which the plan has
# what they completed, so that the finding is there. Where another of their type is for the same name, there is none.

removals(type, attribute, told, what) := [result(r, [attribute], removal(r, name, known), message) |
	known := told | {r.values[attribute] | some r in planned([type])}
	some r in removed([type])
	name := object.get(r, ["before", attribute], null)
	message := sprintf("the %s of %v is removed, and %v stays", [what, name, name])
]

removal(r, name, known) := "yes" if {
	r.action == "forget"
} else := "cannot be read, and what it had is removed" if {
	not readable(name)
} else := "yes" if {
	name in known
} else := "no"

# The names of a resource, before and after.
names(r, attributes) := {name |
	some state in [r.before, r.values]
	some attribute in attributes
	name := state[attribute]
	readable(name)
}
