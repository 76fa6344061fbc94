"""Facts about a cluster that every policy of Kubernetes may read, by name."""

INVENTORY = "kubernetes-objects"
"""The fact that has the objects of the cluster: for Gatekeeper, ``data.inventory``."""
NAMESPACE = "kubernetes/namespace"
"""The fact that is the Namespace of the object that is judged."""
KYVERNO_CONTEXT = "kyverno-context"
"""The fact that has what Kyverno's rules ask API servers and registries for, and its global context."""
CLUSTER_FACTS = (INVENTORY, KYVERNO_CONTEXT, NAMESPACE)
"""What is known of the cluster, for every policy of Kubernetes that can use it; only some cannot do without."""
