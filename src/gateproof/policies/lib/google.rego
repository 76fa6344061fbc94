# METADATA
# scope: package
# title: What policies about Google Cloud share
# description: >-
#   Defaults that the provider fills in, whom resources of IAM let in (google_*_iam_member, google_*_iam_binding and
#   google_*_iam_policy), replicas of Cloud SQL, and nodes of GKE.
package gateproof.lib.google

import data.gateproof.lib.terraform as tf
import rego.v1

# Checks as those of Terraform. But where the provider fills in what nobody set, not setting it is what counts. Inside a
# block the plan does not say what is set, so that there only counts what is bad: FAIL, and never PASS.

check(r, path, good, message) := tf.result(r, path, verdict(r, path, good), message)

verdict(r, path, good) := "yes" if {
	tf.defaulted(r, path)
	null in good
} else := "no" if {
	filled_in(r, path)
	not null in good
} else := tf.verdict(r, path, good)

# Known only after apply, though nobody set it, or, inside a block, though nothing is referred to.

filled_in(r, path) if tf.defaulted(r, path)

filled_in(r, path) if {
	count(path) > 1
	tf.unknown(r, path)
	path[0] in r.configured
	every length in numbers.range(1, count(path)) { count(tf.references(r, array.slice(path, 0, length))) == 0 }
}

# Grants: a role and its members. A resource gives one member a role, all members a role, or all roles.

for_everybody(member) if lower(member) in {"allauthenticatedusers", "allusers"}

grants(r) := [{"role": object.get(binding, "role", null), "members": tf.as_list(object.get(binding, "members", null))} |
	some binding in policy(r).bindings
	is_object(binding)
] if {
	members_path(r) == ["policy_data"]
} else := [{"role": tf.value(r, ["role"]), "members": tf.as_list(tf.value(r, members_path(r)))}]

policy(r) := json.unmarshal(tf.value(r, ["policy_data"])) if json.is_valid(tf.value(r, ["policy_data"]))

members_path(r) := ["member"] if {
	endswith(r.type, "_iam_member")
} else := ["members"] if {
	endswith(r.type, "_iam_binding")
} else := ["policy_data"]

# Why some of the members cannot be read; undefined when all can.
why_unclear(r) := reason if {
	reason := tf.why_texts_unreadable(r, members_path(r))
} else := "is not a policy document" if {
	members_path(r) == ["policy_data"]
	not has_bindings(r)
} else := "is not set" if {
	tf.value(r, members_path(r)) == null
}

has_bindings(r) if {
	bindings := policy(r).bindings
	is_array(bindings)
	every binding in bindings {
		is_string(binding.role)
		is_array(binding.members)
		every member in binding.members { is_string(member) }
	}
}

# Checks that everybody has none of its roles, but those that everybody may have.
closed(r, open_roles) := tf.result(r, members_path(r), shut(r, open_roles), "everybody has a role on it")

shut(r, open_roles) := "no" if {
	some grant in grants(r)
	not grant.role in open_roles
	some member in grant.members
	for_everybody(member)
} else := reason if {
	reason := why_unclear(r)
} else := "yes"

# Whether an instance of Cloud SQL is the replica of another. Where nobody says so, the provider fills in that it is not.

sql_replica(r) if tf.readable(tf.value(r, ["master_instance_name"]))

sql_replica(r) if {
	tf.unknown(r, ["master_instance_name"])
	"master_instance_name" in r.configured
}

# Where clusters of GKE and their pools say what nodes are: in pools of their own, in pools inside the cluster, and in the
# cluster for its default pool, unless that is removed. Autopilot decides itself.

autopilot(cluster) if tf.value(cluster, ["enable_autopilot"]) in {true, "true"}

node_configs(clusters, pools) := array.concat(
	[{"r": r, "path": ["node_config", 0]} | some r in pools],
	array.concat(
		[{"r": r, "path": array.concat(pool.path, ["node_config", 0])} |
			some r in clusters
			not autopilot(r)
			some pool in tf.blocks(r, ["node_pool"])
		],
		[{"r": r, "path": ["node_config", 0]} |
			some r in clusters
			not autopilot(r)
			not tf.value(r, ["remove_default_node_pool"]) in {true, "true"}
			count(tf.blocks(r, ["node_pool"])) == 0
		],
	),
)
