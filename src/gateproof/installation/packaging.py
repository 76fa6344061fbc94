"""Objects → files: one YAML stream, a Kustomize base, or a Helm chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gateproof.documents.yaml_writer import write, write_stream

if TYPE_CHECKING:
    from gateproof.installation.parameters import Parameters

_VALUES = {"image": "{{ .Values.image }}", "caBundle": "{{ .Values.caBundle }}"}
_REPLICAS = "{{ .Values.replicas }}"


def stream(objects: Iterable[Mapping[str, Any]]) -> str:
    """All objects as one YAML stream, as `kubectl apply -f -` takes it."""
    return write_stream(objects)


def kustomization(objects: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A Kustomize base, name to text: a file for each object, and ``kustomization.yaml``."""
    files = {_file_name(each): write(each) for each in objects}
    base = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": sorted(files)}
    return {**files, "kustomization.yaml": write(base)}


def chart(objects: Iterable[Mapping[str, Any]], parameters: Parameters, version: str) -> dict[str, str]:
    """A Helm chart, name to text: the same objects, with the image, the replicas and the CA bundle as values.

    ``version`` is gateproof's. Namespaces and names stay as they are: the webhook selects namespaces by name.
    """
    values: dict[str, Any] = {"image": parameters.image, "replicas": parameters.replicas}
    files = {}
    for each in objects:
        escaped = _escaped(each)
        if each["kind"] == "Deployment":
            escaped["spec"]["replicas"] = _REPLICAS
            escaped["spec"]["template"]["spec"]["containers"][0]["image"] = _VALUES["image"]
        for webhook in escaped.get("webhooks", ()):
            if bundle := webhook["clientConfig"].get("caBundle"):
                values["caBundle"] = bundle
                webhook["clientConfig"]["caBundle"] = _VALUES["caBundle"]
        # The number must not be a text; everything else that is filled in may be.
        files[f"templates/{_file_name(each)}"] = write(escaped).replace(f'"{_REPLICAS}"', _REPLICAS)
    about = {
        "apiVersion": "v2",
        "name": "gateproof",
        "description": "Admission control by gateproof",
        "type": "application",
        "version": version,
        "appVersion": version,
    }
    return {"Chart.yaml": write(about), "values.yaml": write(values), **files}


def _escaped(value: Any) -> Any:
    """A copy of ``value`` in which Helm finds no template."""
    if isinstance(value, Mapping):
        return {key: _escaped(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(child) for child in value]
    return value.replace("{{", "{{ `{{` }}") if isinstance(value, str) else value


def _file_name(each: Mapping[str, Any]) -> str:
    name: str = each["metadata"]["name"]
    return f"{each['kind'].lower()}-{name}.yaml"
