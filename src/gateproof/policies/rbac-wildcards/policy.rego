# METADATA
# scope: package
# title: Roles name what they allow, and nobody is bound to everything
# description: >-
#   No Role or ClusterRole allows with wildcards or lets its holder gain more rights, and no binding gives a role to
#   everybody, or cluster-admin to anybody who is not named in a parameter.
# custom:
#   id: rbac-wildcards
#   version: 1.0.0
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
#     - pci-dss@4.0.1:7.3.3
#     - hipaa:164.308(a)(4)(ii)(B)
#     - hipaa:164.312(a)(1)
#   kinds: [kubernetes]
#   resources:
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     cluster_admins: []
#   remediation: >-
#     Name the API groups, resources and verbs that are needed, and bind a role with those to the group or ServiceAccount
#     that needs them; name who may hold cluster-admin in the parameter cluster_admins.
package gateproof.policies.rbac_wildcards

import rego.v1

roles := array.concat(of("ClusterRole"), of("Role"))

bindings := array.concat(of("ClusterRoleBinding"), of("RoleBinding"))

of(kind) := [r | some r in input.planned[concat("/", ["rbac.authorization.k8s.io", kind])]]

applies contains r.address if some r in array.concat(roles, bindings)

# Roles

rules := [{"r": r, "rule": rule, "path": ["rules", index]} |
	some r in roles
	some index, rule in r.object.rules
]

deny contains {"resource": one.r.address, "message": message, "path": array.concat(one.path, [field])} if {
	some one in rules
	some field in ["apiGroups", "resources", "verbs", "nonResourceURLs"]
	some name in one.rule[field]
	wild(field, name)
	message := sprintf("%s has the wildcard %s", [field, json.marshal(name)])
}

# Paths are prefixes by nature: only all of them are too many.
wild("nonResourceURLs", name) if name in {"*", "/*"}

wild(field, name) if {
	field != "nonResourceURLs"
	contains(name, "*")
}

# Verbs that give rights which the role does not list, unless it names the objects that they are for.
escalating := {"bind", "escalate", "impersonate"}

deny contains {"resource": one.r.address, "message": message, "path": array.concat(one.path, ["verbs"])} if {
	some one in rules
	object.get(one.rule, "resourceNames", null) in {null, []}
	some verb in one.rule.verbs
	verb in escalating
	message := sprintf("the verb %s gives rights beyond those of the role", [verb])
}

undecided contains {"resource": r.address, "reason": "its rules are not a list of rules"} if {
	some r in roles
	not readable(r)
}

undecided contains {"resource": r.address, "reason": "the cluster fills in its rules from other roles"} if {
	some r in roles
	object.get(r.object, "aggregationRule", null) != null
}

readable(r) if is_rules(object.get(r.object, "rules", null))

is_rules(null)

is_rules(listed) if {
	is_array(listed)
	every rule in listed {
		every field in ["apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"] {
			are_names(object.get(rule, field, null))
		}
	}
}

are_names(null)

are_names(listed) if {
	is_array(listed)
	every name in listed { is_string(name) }
}

# Bindings

subjects := [{"r": r, "subject": subject, "path": ["subjects", index]} |
	some r in bindings
	some index, subject in r.object.subjects
]

everybody := {"system:anonymous", "system:authenticated", "system:serviceaccounts", "system:unauthenticated"}

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in subjects
	one.subject.name in everybody
	message := sprintf("it gives %s to everybody in %s", [role(one.r), one.subject.name])
}

deny contains {"resource": one.r.address, "message": message, "path": one.path} if {
	some one in subjects
	one.r.object.roleRef.name == "cluster-admin"
	one.r.object.roleRef.kind == "ClusterRole"
	not named(one.subject) in data.parameters.cluster_admins
	message := sprintf("it gives cluster-admin to %s", [named(one.subject)])
}

role(r) := sprintf("the role %s", [r.object.roleRef.name])

# As in the parameter: kind and name, and before the name of a ServiceAccount its namespace.
named(subject) := concat("/", [subject.kind, subject.namespace, subject.name]) if {
	subject.kind == "ServiceAccount"
} else := concat("/", [subject.kind, subject.name])

undecided contains {"resource": r.address, "reason": "its role or its subjects cannot be read"} if {
	some r in bindings
	not bound(r)
}

bound(r) if {
	is_string(r.object.roleRef.name)
	is_string(r.object.roleRef.kind)
	are_subjects(object.get(r.object, "subjects", null))
}

are_subjects(null)

are_subjects(listed) if {
	is_array(listed)
	every subject in listed {
		is_string(subject.kind)
		is_string(subject.name)
	}
}
