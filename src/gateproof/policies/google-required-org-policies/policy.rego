# METADATA
# scope: package
# title: Organization policies enforce what no project may do
# description: >-
#   A plan that sets organization policies of Google Cloud enforces every required constraint, takes none of them away, and
#   no project or folder turns one off.
# custom:
#   id: google-required-org-policies
#   version: 1.0.1
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
#     - google_folder_organization_policy
#     - google_org_policy_policy
#     - google_organization_policy
#     - google_project_organization_policy
#   layers: [pre-commit, ci, cd]
#   parameters:
#     required_constraints:
#       - compute.requireOsLogin
#       - compute.skipDefaultNetworkCreation
#       - compute.vmExternalIpAccess
#       - iam.automaticIamGrantsForDefaultServiceAccounts
#       - iam.disableServiceAccountKeyCreation
#       - iam.disableServiceAccountKeyUpload
#       - sql.restrictPublicIp
#       - storage.publicAccessPrevention
#       - storage.uniformBucketLevelAccess
#     parents: [organizations/*]
#     exempt_by_condition: false
#   remediation: >-
#     Give the organization a google_org_policy_policy for each required constraint, with a spec whose rules have
#     enforce = "TRUE" (for lists: deny_all, or values), and leave it out of dry_run_spec alone.
package gateproof.policies.google_required_org_policies

import data.gateproof.lib.terraform as tf
import rego.v1

types := ["google_folder_organization_policy", "google_org_policy_policy", "google_organization_policy", "google_project_organization_policy"]

policies := tf.planned(types)

# The constraint that a policy is for, and what it is a policy of. `state` is `values` or, of what is removed, `before`.

# A managed constraint does what the older one of the same name does.
plain(constraint) := replace(trim_prefix(constraint, "constraints/"), ".managed.", ".")

constraint(r, state) := plain(regex.replace(object.get(state, "name", ""), "^.*/policies/", "")) if {
	r.type == "google_org_policy_policy"
	tf.readable(state.name)
}

constraint(r, state) := plain(state.constraint) if {
	r.type != "google_org_policy_policy"
	tf.readable(state.constraint)
}

parent(r, state) := state.parent if {
	r.type == "google_org_policy_policy"
	tf.readable(state.parent)
} else := sprintf("organizations/%s", [trim_prefix(state.org_id, "organizations/")]) if {
	r.type == "google_organization_policy"
	tf.readable(state.org_id)
} else := sprintf("folders/%s", [trim_prefix(state.folder, "folders/")]) if {
	r.type == "google_folder_organization_policy"
	tf.readable(state.folder)
} else := sprintf("projects/%s", [state.project]) if {
	r.type == "google_project_organization_policy"
	tf.readable(state.project)
} else := "projects/" if {
	r.type == "google_project_organization_policy"
} else := "folders/" if {
	r.type == "google_folder_organization_policy"
} else := "organizations/" if {
	r.type == "google_organization_policy"
} else := sprintf("%ss/", [trim_prefix(type, "google_")]) if {
	some type in ["google_folder", "google_project"]
	count(tf.references(r, ["parent"])) > 0
	every address in tf.references(r, ["parent"]) { tf.of_type(address, {type}) }
}

wide(found) if {
	some pattern in data.parameters.parents
	glob.match(pattern, null, found)
}

required := {plain(name) | some name in data.parameters.required_constraints}

# Every policy on a required constraint enforces it.

judged := [r | some r in policies; constraint(r, r.values) in required]

baseline := [r | some r in policies; wide(parent(r, r.values))]

applies contains r.address if some r in array.concat(judged, baseline)

checks := [tf.result(r, path(r), verdict(r), sprintf("%s is not enforced", [constraint(r, r.values)])) | some r in judged]

path(r) := ["spec"] if {
	r.type == "google_org_policy_policy"
} else := ["boolean_policy"] if {
	count(tf.blocks(r, ["boolean_policy"])) > 0
} else := ["list_policy"]

verdict(r) := reason if {
	some attribute in attributes[r.type]
	reason := known_later(r, attribute)
} else := "yes" if {
	enforces(r)
} else := "no"

attributes := {
	"google_folder_organization_policy": classic,
	"google_org_policy_policy": ["spec"],
	"google_organization_policy": classic,
	"google_project_organization_policy": classic,
}

classic := ["boolean_policy", "list_policy", "restore_policy"]

# What a provider fills in by itself (etag, update_time) is no matter.
known_later(r, attribute) := "is sensitive" if {
	walk(tf.value(r, [attribute]), [_, text])
	tf.hidden(text)
} else := "is known only after apply" if {
	tf.unknown(r, [attribute])
	not tf.defaulted(r, [attribute])
} else := "is known only after apply" if {
	walk(object.get(r.unknown, attribute, false), [steps, true])
	some step in steps
	step in {"rules", "enforced", "allow", "deny", "reset"}
}

enforces(r) if {
	r.type == "google_org_policy_policy"
	rules := [rule.value |
		some spec in tf.blocks(r, ["spec"])
		not on(object.get(spec.value, "reset", null))
		some rule in tf.within(object.get(spec.value, "rules", null), spec.path)
	]
	every spec in tf.blocks(r, ["spec"]) { not tf.why_no_blocks(r, array.concat(spec.path, ["rules"])) }
	some rule in rules
	not conditional(rule)
	restricts(rule)
	every rule in rules { tolerable(rule) }
}

enforces(r) if {
	r.type != "google_org_policy_policy"
	count(tf.blocks(r, ["restore_policy"])) == 0
	count(tf.blocks(r, ["list_policy"])) == 0
	some one in tf.blocks(r, ["boolean_policy"])
	on(object.get(one.value, "enforced", null))
}

enforces(r) if {
	r.type != "google_org_policy_policy"
	count(tf.blocks(r, ["restore_policy"])) == 0
	some one in tf.blocks(r, ["list_policy"])
	allowed := tf.as_list(object.get(one.value, "allow", null))
	denied := tf.as_list(object.get(one.value, "deny", null))
	every each in allowed { not on(object.get(each, "all", null)) }
	some each in array.concat([each | some each in denied; on(object.get(each, "all", null))], array.concat(with_values(allowed), with_values(denied)))
}

with_values(blocks) := [each | some each in blocks; listed(object.get(each, "values", null))]

restricts(rule) if on(object.get(rule, "enforce", null))

restricts(rule) if on(object.get(rule, "deny_all", null))

restricts(rule) if {
	some one in tf.as_list(object.get(rule, "values", null))
	some key in ["allowed_values", "denied_values"]
	listed(object.get(one, key, null))
}

listed(values) if {
	is_array(values)
	count(values) > 0
}

tolerable(rule) if {
	restricts(rule)
	not opens(rule)
}

tolerable(rule) if {
	data.parameters.exempt_by_condition
	conditional(rule)
}

opens(rule) if on(object.get(rule, "allow_all", null))

opens(rule) if {
	enforce := object.get(rule, "enforce", null)
	not enforce in {null, ""}
	not on(enforce)
}

conditional(rule) if count(tf.as_list(object.get(rule, "condition", null))) > 0

# Truth is a text in the newer resource.
on(value) if lower(sprintf("%v", [value])) == "true"

deny contains found if some found in tf.denied(checks)

undecided contains found if some found in tf.undecided(checks)

# What is removed, and nothing else of the plan enforces.

kept := {constraint(r, r.values) | some r in baseline}

gone[name] contains r.address if {
	some r in tf.removed(types)
	is_object(r.before)
	wide(parent(r, r.before))
	name := constraint(r, r.before)
	name in required
	not name in kept
}

applies contains address if some address in gone[_]

deny contains {"resource": address, "message": sprintf("%s is no longer enforced", [name])} if {
	some name
	some address in gone[name]
}

# A plan with policies of the organization has all that are required. What is missing is told once.

subject := min({r.address | some r in baseline})

missing := (required - kept) - object.keys(gone)

deny contains {"resource": subject, "message": message} if {
	count(missing) > 0
	count(unclear) == 0
	message := sprintf("no organization policy enforces %s", [concat(", ", sort(missing))])
}

undecided contains {"resource": subject, "reason": reason} if {
	count(missing) > 0
	some reason in unclear
}

unclear contains reason if {
	some r in policies
	not constraint(r, r.values)
	reason := sprintf("the constraint of %s is known only after apply", [r.address])
}

unclear contains reason if {
	some r in policies
	constraint(r, r.values)
	not parent(r, r.values)
	reason := sprintf("what %s is a policy of is known only after apply", [r.address])
}

# A policy that may be any of them, where nothing else is judged.
lost := [r | some r in policies; not constraint(r, r.values)]

applies contains r.address if some r in lost

undecided contains {"resource": r.address, "reason": "its constraint is known only after apply"} if some r in lost
