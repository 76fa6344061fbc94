# METADATA
# scope: package
# title: Assigned policies deny what no subscription may do
# description: >-
#   A plan that assigns policies of Azure to a management group assigns every required one, enforced and with an effect that
#   refuses, and takes none of them away.
# custom:
#   id: azure-required-policies
#   version: 1.1.0
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - soc2@2017:CC6.6
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:CM-6
#     - nist-800-53@5:SC-7
#     - pci-dss@4.0.1:1.3.1
#     - pci-dss@4.0.1:7.3.2
#     - hipaa:164.312(a)(1)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_management_group_policy_assignment
#     - azurerm_management_group_policy_definition
#     - azurerm_policy_definition
#     - azurerm_subscription_policy_assignment
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_policies:
#       diagnostic settings stay: [diagnostics-stay]
#       key vaults have purge protection: [key-vault-purge, 0b60c0b2-2dc2-4e1c-b5c9-abbed971de53]
#       no public SQL endpoints: [sql-public-network, 1b8ca024-1d5c-4dec-8995-b1a932b41780]
#       no public blobs: [storage-public-blobs, 4fa4b6c0-31ca-4c0d-b10d-24b96f62a751]
#       no open administration ports: [nsg-admin-ports]
#       storage answers HTTPS only: [storage-https-only, 404c3081-a854-4457-ae30-26a93ef643f9]
#     scopes: [management-group]
#     effects: [deny, denyaction]
#   remediation: >-
#     Assign each required policy by azurerm_management_group_policy_assignment with enforce left true and an effect of
#     Deny, in the rule of the definition or in parameters as {"effect": {"value": "Deny"}}.
package gateproof.policies.azure_required_policies

import data.gateproof.lib.terraform as tf
import rego.v1

types_of := {
	"management-group": ["azurerm_management_group_policy_assignment"],
	"subscription": ["azurerm_subscription_policy_assignment"],
}

types := [type | some scope in data.parameters.scopes; some type in types_of[scope]]

assignments := tf.planned(types)

definitions := tf.planned(["azurerm_management_group_policy_definition", "azurerm_policy_definition"])

by_address := {r.address: r | some r in definitions}

named[lower(r.values.name)] contains r.address if {
	some r in definitions
	tf.readable(r.values.name)
}

# A name may be that of several, each in a scope of its own: then it does not say which one is meant.
by_name := {name: by_address[address] | some name, addresses in named; count(addresses) == 1; some address in addresses}

applies contains r.address if some r in assignments

# The definition that an assignment assigns, by name: the end of its id, or that of the definition it refers to.

name(r) := last(r.values.policy_definition_id) if {
	tf.readable(tf.value(r, ["policy_definition_id"]))
} else := lower(by_address[address].values.name) if {
	found := tf.references(r, ["policy_definition_id"])
	count(found) == 1
	address := found[0]
	tf.readable(by_address[address].values.name)
}

definition(r) := by_address[found[0]] if {
	found := tf.references(r, ["policy_definition_id"])
	count(found) == 1
	by_address[found[0]]
} else := by_name[name(r)]

last(id) := lower(regex.replace(id, "^.*/", ""))

required[what] contains lower(one) if {
	some what, names in data.parameters.required_policies
	some one in names
}

# What is wrong with an assignment, else why that cannot be told: places with verdicts. None of either: it holds.

effects := {lower(effect) | some effect in data.parameters.effects}

faults(r) := found if {
	found := weaknesses(r)
	count(found) > 0
} else := doubts(r)

weaknesses(r) := {found |
	some path in ["enforce", "overrides", "resource_selectors", "effect"]
	weak(r, path)
	found := [path, "no"]
}

doubts(r) := {found |
	some path in ["enforce", "overrides", "resource_selectors"]
	reason := why_unclear(r, path)
	found := [path, reason]
} | {["effect", reason] | reason := effect(r).unclear}

weak(r, "enforce") if {
	enforce := tf.value(r, ["enforce"])
	enforce != null
	not tf.hidden(enforce)
	lower(sprintf("%v", [enforce])) != "true"
}

weak(r, "overrides") if {
	some one in tf.blocks(r, ["overrides"])
	not lower(sprintf("%v", [one.value.value])) in effects
}

weak(r, "resource_selectors") if count(tf.blocks(r, ["resource_selectors"])) > 0

weak(r, attribute) if {
	attribute in ["overrides", "resource_selectors"]
	not tf.why_unreadable(r, [attribute])
	tf.why_no_blocks(r, [attribute])
}

weak(r, "effect") if not effect(r).value in effects_or_unclear(r)

effects_or_unclear(r) := effects if {
	not effect(r).unclear
} else := {effect(r).value}

why_unclear(r, attribute) := reason if {
	reason := tf.why_part_unreadable(r, [attribute])
}

# The effect: of the assignment's parameters, else of the definition's rule, else of that one's default.

effect(r) := {"value": "", "unclear": reason} if {
	reason := tf.why_unreadable(r, ["parameters"])
} else := {"value": lower(value)} if {
	value := decoded(r, "parameters").effect.value
	is_string(value)
} else := {"value": lower(value)} if {
	value := decoded(definition(r), "policy_rule").then.effect
	not startswith(value, "[")
} else := {"value": lower(value)} if {
	startswith(decoded(definition(r), "policy_rule").then.effect, "[parameters(")
	value := decoded(definition(r), "parameters").effect.defaultValue
} else := {"value": "", "unclear": "is not in the plan, or not once"}

decoded(r, attribute) := json.unmarshal(tf.value(r, [attribute])) if json.is_valid(tf.value(r, [attribute]))

messages := {
	"effect": "the effect does not refuse anything",
	"enforce": "the policy is assigned and not enforced",
	"overrides": "the effect is overridden",
	"resource_selectors": "the policy holds for some resources only",
}

# Each that is required is assigned by some assignment that holds; else by one that does not, or that cannot be told.

serving[what] contains r.address if {
	some r in assignments
	assigned := name(r)
	some what, names in required
	assigned in names
}

all_names := {one | some names in required; some one in names}

faulty := {r.address: faults(r) | some r in assignments; name(r) in all_names}

held contains what if {
	some what, addresses in serving
	some address in addresses
	count(faulty[address]) == 0
}

unheld contains [address, path, verdict] if {
	some what, addresses in serving
	not what in held
	some address in addresses
	some [path, verdict] in faulty[address]
}

deny contains {"resource": address, "path": [path], "message": messages[path]} if {
	some [address, path, "no"] in unheld
}

undecided contains {"resource": address, "reason": sprintf("%s %s", [path, found])} if {
	some [address, path, found] in unheld
	found != "no"
}

# What is removed, and nothing else of the plan assigns.

gone[what] contains r.address if {
	some r in tf.removed(types)
	some what, names in required
	last(r.before.policy_definition_id) in names
	not serving[what]
}

applies contains address if some address in gone[_]

deny contains {"resource": address, "message": sprintf("it is removed, and nothing else assigns it: %s", [what])} if {
	some what
	some address in gone[what]
}

# What is missing is told once.

subject := min({r.address | some r in assignments}) if {
	count(assignments) > 0
} else := min({r.address | some one, r in by_name; one in all_names})

applies contains subject

missing := (object.keys(required) - object.keys(serving)) - object.keys(gone)

deny contains {"resource": subject, "message": message} if {
	count(missing) > 0
	count(unclear) == 0
	message := sprintf("no policy is assigned for: %s", [concat(", ", sort(missing))])
}

undecided contains {"resource": subject, "reason": reason} if {
	count(missing) > 0
	some reason in unclear
}

unclear contains reason if {
	some r in assignments
	not name(r)
	reason := sprintf("which policy %s assigns is known only after apply", [r.address])
}

unclear contains reason if {
	some r in assignments
	tf.readable(r.values.policy_definition_id)
	contains(lower(r.values.policy_definition_id), "/policysetdefinitions/")
	reason := sprintf("%s assigns an initiative, and what is in it is not in the plan", [r.address])
}
