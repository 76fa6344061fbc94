# METADATA
# scope: package
# title: Azure roles are assigned narrowly, and custom roles cannot do everything
# description: >-
#   Nobody is given Owner or a role that hands out roles, Contributor is given for a resource group at most, and no custom
#   role allows everything or what hands out roles.
# custom:
#   id: azure-role-assignments
#   version: 1.0.1
#   severity: high
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:CC6.3
#     - nist-800-53@5:AC-3
#     - nist-800-53@5:AC-6
#     - nist-800-53@5:AC-6(1)
#     - nist-800-53@5:AC-6(5)
#     - pci-dss@4.0.1:7.2.1
#     - pci-dss@4.0.1:7.2.2
#     - pci-dss@4.0.1:7.2.5
#     - hipaa:164.308(a)(4)(ii)(B)
#   kinds: [terraform-plan]
#   resources:
#     - azurerm_pim_active_role_assignment
#     - azurerm_role_assignment
#     - azurerm_role_definition
#   layers: [pre-commit, ci, cd]
#   parameters:
#     forbidden_roles: [Owner, User Access Administrator, Role Based Access Control Administrator]
#     narrow_roles: [Contributor]
#   remediation: >-
#     Assign the role for the service and the task ("Storage Blob Data Reader") for the resource or its group; give
#     administrators their roles in Privileged Identity Management; list the actions of custom roles.
package gateproof.policies.azure_role_assignments

import data.gateproof.lib.terraform as tf
import rego.v1

assignments := tf.planned(["azurerm_role_assignment", "azurerm_pim_active_role_assignment"])

definitions := tf.planned(["azurerm_role_definition"])

planned_roles := {r.address | some r in definitions}

applies contains r.address if some r in array.concat(assignments, definitions)

deny contains element if some element in tf.denied(checks)

undecided contains element if some element in tf.undecided(checks)

checks := array.concat(
	[tf.result(r, [attribute(r)], verdict(r, role), message(r, role)) | some r in assignments; role := named(r)],
	array.concat(
		definition_checks(["actions", "not_actions"], control, "the role may hand out roles"),
		definition_checks(["data_actions", "not_data_actions"], set(), "the role may do everything with data"),
	),
)

# Built-in roles have the same identifiers everywhere.
built_in := {
	"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

# Under a condition these may hand out only the roles that it names.
conditional := {"user access administrator", "role based access control administrator"}

# An assignment names its role or its identifier. A custom role of the plan is judged where it is defined.

attribute(r) := "role_definition_name" if {
	tf.value(r, ["role_definition_name"]) != null
} else := "role_definition_id" if {
	tf.value(r, ["role_definition_id"]) != null
} else := "role_definition_id" if {
	"role_definition_id" in r.configured
} else := "role_definition_name"

# The role, as far as it can be read; by its identifier where that is one of a built-in role. Else null.
named(r) := found if {
	found := tf.value(r, ["role_definition_name"])
	tf.readable(found)
} else := name if {
	found := lower(tf.value(r, ["role_definition_id"]))
	some identifier, name in built_in
	contains(found, identifier)
} else := found if {
	found := tf.value(r, ["role_definition_id"])
	tf.readable(found)
} else := null

verdict(r, role) := allowed(r, lower(role)) if {
	role != null
} else := "yes" if {
	found := tf.references(r, ["role_definition_id"])
	count(found) > 0
	every address in found { address in planned_roles }
} else := tf.verdict(r, [attribute(r)], set())

# Names of roles are the same in whatever case.

forbidden := {lower(name) | some name in data.parameters.forbidden_roles}

to_be_narrow := {lower(name) | some name in data.parameters.narrow_roles}

allowed(r, role) := under_condition(r) if {
	role in forbidden
	role in conditional
} else := "no" if {
	role in forbidden
} else := narrow(r) if {
	role in to_be_narrow
} else := "yes"

under_condition(r) := "yes" if {
	tf.readable(tf.value(r, ["condition"]))
} else := sprintf("may be limited or not: condition %s", [reason]) if {
	reason := tf.why_unreadable(r, ["condition"])
} else := "no"

# Whether the scope is no wider than a resource group. Only what is inside of one has an identifier that is not known yet.
narrow(r) := "yes" if {
	contains(lower(tf.value(r, ["scope"])), "/resourcegroups/")
} else := "yes" if {
	tf.unknown(r, ["scope"])
	found := tf.references(r, ["scope"])
	count(found) > 0
	every address in found { regex.match(`^(module\..+\.)?azurerm_`, address) }
	not wide(found)
} else := sprintf("is for a scope that cannot be told: scope %s", [reason]) if {
	not wide(tf.references(r, ["scope"]))
	reason := tf.why_unreadable(r, ["scope"])
} else := "no"

wide(addresses) if {
	some address in addresses
	tf.of_type(address, ["azurerm_subscription", "azurerm_management_group"])
}

message(r, role) := "no role is named" if {
	role == null
} else := sprintf("the role %q is assigned for %v", [role, tf.value(r, ["scope"])]) if {
	tf.readable(tf.value(r, ["scope"]))
} else := sprintf("the role %q is assigned", [role])

# Custom roles: the actions that hand out roles, unless they are taken out again.

control := {
	"microsoft.authorization/elevateaccess/action", "microsoft.authorization/roleassignments/write",
	"microsoft.authorization/roledefinitions/write",
}

definition_checks([grants, exceptions], operations, hands_out) := [tf.result(r, path, found, said) |
	some r in definitions
	some block in tf.block_paths(r, ["permissions"])
	path := array.concat(block, [grants])
	except := array.concat(block, [exceptions])
	granted := patterns(r, path)
	found := permission(r, [path, except], granted, patterns(r, except), operations)
	said := object.get({true: "the role may do everything"}, "*" in granted, hands_out)
]

permission(r, places, granted, excepted, operations) := "no" if {
	"*" in granted
} else := reasons[0] if {
	reasons := [reason | some place in places; reason := why_unclear(r, place)]
	count(reasons) > 0
} else := "no" if {
	some operation in operations
	covered(granted, operation)
	not covered(excepted, operation)
} else := "yes"

why_unclear(r, place) := reason if {
	reason := tf.why_blocks_unreadable(r, ["permissions"])
} else := tf.why_texts_unreadable(r, place)

patterns(r, path) := {lower(text) | some text in tf.as_list(tf.value(r, path)); is_string(text)}

covered(granted, operation) if {
	some pattern in granted
	glob.match(pattern, null, operation)
}
