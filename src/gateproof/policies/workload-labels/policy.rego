# METADATA
# scope: package
# title: Workloads, their Pods and namespaces say whose they are and what data they handle
# description: >-
#   Namespaces, workloads and the Jobs and Pods that workloads make carry the labels owner, data_classification and tier,
#   the last two with values of an agreed list.
# custom:
#   id: workload-labels
#   version: 2.0.0
#   severity: medium
#   controls:
#     - soc2@2017:CC6.1
#     - soc2@2017:C1.1
#     - nist-800-53@5:AC-16
#     - nist-800-53@5:CM-8
#     - nist-800-53@5:CM-12
#     - nist-800-53@5:RA-2
#     - pci-dss@4.0.1:12.5.1
#     - hipaa:164.308(a)(7)(ii)(E)
#   kinds: [kubernetes]
#   layers: [pre-commit, ci, cd, runtime]
#   parameters:
#     required_labels:
#       owner: []
#       data_classification: [public, internal, confidential, restricted]
#       tier: ["1", "2", "3"]
#   remediation: >-
#     Set the labels owner, data_classification and tier in metadata.labels of the object and, for a workload, in
#     spec.template.metadata.labels too; for a CronJob, also in spec.jobTemplate.metadata.labels.
package gateproof.policies.workload_labels

import data.gateproof.lib.kubernetes
import data.gateproof.lib.tags
import rego.v1

namespaces := [r | some r in input.planned.Namespace]

applies contains r.address if some r in array.concat(namespaces, kubernetes.workloads)

undecided contains {"resource": r.address, "reason": "its Pod template cannot be read"} if {
	some r in kubernetes.workloads
	unreadable(r)
}

unreadable(r) if {
	r.pod == null
	r.pod_labels == null
}

# Every set of labels, with its path and how messages call it. A Pod's own labels are those of its Pods.
labelled := array.concat(
	[{"r": r, "path": ["metadata", "labels"], "labels": r.labels, "name": "label"} |
		some r in array.concat(namespaces, kubernetes.workloads)
	],
	[{"r": r, "path": array.concat(holder, ["metadata", "labels"]), "labels": r.pod_labels, "name": "its Pods' label"} |
		some r in kubernetes.workloads
		not unreadable(r)
		holder := array.slice(r.pod_path, 0, count(r.pod_path) - 1)
		count(holder) > 0
	],
)

# A CronJob gives its Jobs labels of their own, which are asked for when it makes them.
labelled_jobs := [{"r": r, "path": array.concat(job, ["metadata", "labels"]), "labels": labels, "name": "its Jobs' label"} |
	some r in kubernetes.workloads
	not unreadable(r)
	job := array.slice(r.pod_path, 0, 2)
	job == ["spec", "jobTemplate"]
	labels := object.get(r.object, array.concat(job, ["metadata", "labels"]), null)
]

deny contains {"resource": one.r.address, "message": message, "path": array.concat(one.path, [key])} if {
	some one in array.concat(labelled, labelled_jobs)
	some key, values in data.parameters.required_labels
	value := object.get(as_object(one.labels), key, null)
	not tags.good(value, values)
	message := tags.complaint(one.name, key, value, values)
}

as_object(labels) := labels if is_object(labels)

as_object(labels) := {} if not is_object(labels)
