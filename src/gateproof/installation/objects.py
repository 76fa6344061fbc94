"""The objects of an installation, in the order in which they are applied.

The server may list Namespaces, if it is to go by their labels, and the collections that its settings name; nothing else
of the cluster. It writes below
``/var/lib/gateproof`` only. Its Pods are on different nodes, one of them at a time goes away on purpose, and what
reaches and leaves them is what they are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateproof.installation.parameters import KEYS, NAME, Parameters, check
from gateproof.installation.webhook import NAMESPACE_NAME, configuration

Object = dict[str, Any]

CERTIFICATE = "gateproof-tls"
"""The Secret with the server's certificate."""

_MOUNTS = "/etc/gateproof"
_STATE = "/var/lib/gateproof"
_HTTPS, _STATUS = 8443, 8080
_USER = 65532
_POD_SECURITY = "pod-security.kubernetes.io"
_SELECTOR = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "admission"}
_RBAC = "rbac.authorization.k8s.io"


def objects(parameters: Parameters) -> list[Object]:
    """Every object. Raises UsageError with everything that is wrong with ``parameters``."""
    check(parameters)
    return [
        *_namespaces(parameters),
        *_identity(parameters),
        _config(parameters),
        *_certificate(parameters),
        *_network_policies(parameters),
        _deployment(parameters),
        _service(parameters),
        _disruption_budget(parameters),
        *_break_glass_access(parameters),
        configuration(parameters),
    ]


def _object(parameters: Parameters, version: str, kind: str, name: str = NAME, *, of: str = "", **rest: Any) -> Object:
    """An object with its labels; ``of`` is its namespace."""
    metadata: Object = {"name": name, **({"namespace": of} if of else {}), "labels": parameters.labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _namespaces(parameters: Parameters) -> list[Object]:
    own = _object(parameters, "v1", "Namespace", parameters.namespace)
    own["metadata"]["labels"] |= {
        "environment": "prod",
        f"{_POD_SECURITY}/enforce": "restricted",
        f"{_POD_SECURITY}/warn": "restricted",
    }
    if not parameters.break_glass:
        return [own]
    # No level of Pod security is enforced in the other: what cannot wait may be what the level forbids.
    glass = _object(parameters, "v1", "Namespace", parameters.break_glass.namespace)
    glass["metadata"]["labels"] |= {"environment": "prod", f"{_POD_SECURITY}/warn": "restricted"}
    return [own, glass]


def _identity(parameters: Parameters) -> list[Object]:
    namespace = parameters.namespace
    account = _object(parameters, "v1", "ServiceAccount", of=namespace, automountServiceAccountToken=False)
    if not parameters.reads_namespaces:
        return [account]
    return [
        account,
        *_lists(parameters, "gateproof-namespaces", ["v1/namespaces"]),
        *_lists(parameters, "gateproof-collections", parameters.collections),
    ]


def _lists(parameters: Parameters, name: str, collections: Iterable[str]) -> Iterator[Object]:
    """What lets the server list ``collections`` (``GROUP/VERSION/[namespaces/NAME/]PLURAL``), wherever they are."""
    found: dict[str, dict[str, set[str]]] = {}
    for collection in collections:
        *place, plural = collection.split("/")
        group = place[0] if len(place) > 1 else ""
        space = place[3] if len(place) > 2 else ""
        found.setdefault(space, {}).setdefault(group, set()).add(plural)
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": parameters.namespace}
    for space, groups in sorted(found.items()):
        kind = "Role" if space else "ClusterRole"
        rules = [
            {"apiGroups": [group], "resources": ["*"] if "*" in plurals else sorted(plurals), "verbs": ["list"]}
            for group, plurals in sorted(groups.items())
        ]
        yield _object(parameters, f"{_RBAC}/v1", kind, name, of=space, rules=rules)
        yield _binding(parameters, kind, name, subject, space)


def _binding(parameters: Parameters, kind: str, name: str, subject: Object, of: str = "") -> Object:
    reference = {"apiGroup": _RBAC, "kind": kind, "name": name}
    made = _object(parameters, f"{_RBAC}/v1", f"{kind}Binding", name, of=of, roleRef=reference)
    return {**made, "subjects": [subject]}


def _break_glass_access(parameters: Parameters) -> list[Object]:
    """Who may use the namespace that the gate lets pass, and for what: workloads, and looking at them."""
    glass = parameters.break_glass
    if not glass:
        return []
    change = ["get", "list", "watch", "create", "update", "patch", "delete"]
    rules = [
        {"apiGroups": [""], "resources": ["configmaps", "pods", "services"], "verbs": change},
        {"apiGroups": [""], "resources": ["events", "pods/log"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
        {"apiGroups": ["apps"], "resources": ["daemonsets", "deployments", "statefulsets"], "verbs": change},
        {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": change},
    ]
    role = _object(parameters, f"{_RBAC}/v1", "Role", "gateproof-break-glass", of=glass.namespace, rules=rules)
    subject = {"apiGroup": _RBAC, "kind": "Group", "name": glass.group}
    return [role, _binding(parameters, "Role", "gateproof-break-glass", subject, glass.namespace)]


def _config(parameters: Parameters) -> Object:
    return _object(parameters, "v1", "ConfigMap", of=parameters.namespace, data=dict(sorted(parameters.files.items())))


def _certificate(parameters: Parameters) -> list[Object]:
    if not parameters.issuer:
        return []
    kind, _, name = parameters.issuer.partition("/")
    host = f"{NAME}.{parameters.namespace}.svc"
    spec = {
        "secretName": CERTIFICATE,
        "dnsNames": [host, f"{host}.cluster.local"],
        "duration": "2160h",
        "renewBefore": "720h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "usages": ["digital signature", "server auth"],
        "issuerRef": {"group": "cert-manager.io", "kind": kind, "name": name},
    }
    return [_object(parameters, "cert-manager.io/v1", "Certificate", of=parameters.namespace, spec=spec)]


def _network_policies(parameters: Parameters) -> list[Object]:
    """Nothing by default. Then the API server, which has no address that is known here, and who reads the metrics;
    and outwards names, the API server, and registries of policy bundles. Kubelets reach the Pods of their node anyway.
    """

    def policy(name: str, selector: Object, **spec: Any) -> Object:
        spec = {"podSelector": selector, "policyTypes": ["Ingress", "Egress"], **spec}
        version = "networking.k8s.io/v1"
        return _object(parameters, version, "NetworkPolicy", name, of=parameters.namespace, spec=spec)

    ingress: list[Object] = [{"ports": [{"protocol": "TCP", "port": _HTTPS}]}]
    if parameters.metrics_from:
        reader = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: parameters.metrics_from}}}
        ingress.append({"from": [reader], "ports": [{"protocol": "TCP", "port": _STATUS}]})
    dns = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}}}
    egress = [
        {"to": [dns], "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]},
        {"ports": [{"protocol": "TCP", "port": port} for port in (443, 6443)]},
    ]
    return [policy("default-deny", {}), policy(NAME, {"matchLabels": _SELECTOR}, ingress=ingress, egress=egress)]


def _deployment(parameters: Parameters) -> Object:
    spec = {
        "replicas": parameters.replicas,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": _SELECTOR},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": parameters.labels}, "spec": _pod(parameters)},
    }
    return _object(parameters, "apps/v1", "Deployment", of=parameters.namespace, spec=spec)


def _pod(parameters: Parameters) -> Object:
    return {
        "serviceAccountName": NAME,
        "automountServiceAccountToken": parameters.reads_namespaces,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {"topologyKey": _ZONE, "labelSelector": {"matchLabels": _SELECTOR}},
                    }
                ]
            }
        },
        # On one node, all of them run there; as soon as there are several, no node has two more than another.
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": _SELECTOR},
                "matchLabelKeys": ["pod-template-hash"],
            }
        ],
        "containers": [_container(parameters)],
        "volumes": _volumes(parameters),
    }


_ZONE = "topology.kubernetes.io/zone"


def _container(parameters: Parameters) -> Object:
    mounts = [
        {"name": "config", "mountPath": f"{_MOUNTS}/config", "readOnly": True},
        {"name": "tls", "mountPath": f"{_MOUNTS}/tls", "readOnly": True},
        {"name": "state", "mountPath": _STATE},
    ]
    environment: list[Object] = [
        {"name": "HOME", "value": _STATE},
        {"name": "GATEPROOF_STATE", "value": f"{_STATE}/state"},
        {"name": "XDG_CACHE_HOME", "value": f"{_STATE}/cache"},
    ]
    if parameters.evidence_claim:
        mounts.append({"name": "keys", "mountPath": f"{_MOUNTS}/keys", "readOnly": True})
        mounts.append({"name": "evidence", "mountPath": f"{_STATE}/evidence"})
        password = {"secretKeyRef": {"name": KEYS, "key": "password"}}
        environment.append({"name": "GATEPROOF_KEY_PASSWORD", "valueFrom": password})
    return {
        "name": NAME,
        "image": parameters.image,
        "imagePullPolicy": "IfNotPresent",
        "args": _arguments(parameters),
        "env": environment,
        "ports": [{"name": "https", "containerPort": _HTTPS}, {"name": "status", "containerPort": _STATUS}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "256Mi"},
            "limits": {"memory": "768Mi", "ephemeral-storage": "3Gi"},
        },
        # Policies are loaded before the server is ready, which is where a start may take its time.
        "startupProbe": _probe("/readyz", periodSeconds=2, failureThreshold=60),
        "livenessProbe": _probe("/healthz", periodSeconds=10, timeoutSeconds=5, failureThreshold=3),
        "readinessProbe": _probe("/readyz", periodSeconds=5, failureThreshold=2),
        "volumeMounts": mounts,
    }


def _arguments(parameters: Parameters) -> list[str]:
    arguments = ["serve", "--admission", f"--config={_MOUNTS}/config/gateproof.yaml"]
    arguments += [f"--tls-cert={_MOUNTS}/tls/tls.crt", f"--tls-key={_MOUNTS}/tls/tls.key"]
    arguments += ["--cluster"] if parameters.reads_namespaces else []
    if not parameters.evidence_claim:
        return [*arguments, "--no-record"]
    store = [f"--evidence={_STATE}/evidence", f"--spool={_STATE}/spool", f"--key={_MOUNTS}/keys/evidence.pem"]
    return [*arguments, *store]


def _probe(path: str, **timing: int) -> Object:
    return {"httpGet": {"path": path, "port": "status", "scheme": "HTTP"}, **timing}


def _volumes(parameters: Parameters) -> list[Object]:
    volumes: list[Object] = [
        {"name": "config", "configMap": {"name": NAME}},
        {"name": "tls", "secret": {"secretName": CERTIFICATE, "defaultMode": 0o440}},
        # The spool is here: it survives the container, and what is in it is brought into the log when the Pod ends.
        {"name": "state", "emptyDir": {"sizeLimit": "2Gi"}},
    ]
    if parameters.evidence_claim:
        volumes.append(
            {
                "name": "keys",
                "secret": {
                    "secretName": KEYS,
                    "defaultMode": 0o440,
                    "items": [{"key": "evidence.pem", "path": "evidence.pem"}],
                },
            }
        )
        volumes.append({"name": "evidence", "persistentVolumeClaim": {"claimName": parameters.evidence_claim}})
    return volumes


def _service(parameters: Parameters) -> Object:
    ports = [
        {"name": "https", "port": 443, "targetPort": "https"},
        {"name": "status", "port": _STATUS, "targetPort": "status"},
    ]
    spec = {"type": "ClusterIP", "selector": _SELECTOR, "ports": ports}
    return _object(parameters, "v1", "Service", of=parameters.namespace, spec=spec)


def _disruption_budget(parameters: Parameters) -> Object:
    # A Pod that does not answer protects nothing: it never keeps a node from being emptied.
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": _SELECTOR},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return _object(parameters, "policy/v1", "PodDisruptionBudget", of=parameters.namespace, spec=spec)
