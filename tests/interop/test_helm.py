"""Real Helm and Kustomize: the chart that we write, and the labels of what a chart renders."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.interop.conftest import Peer

from gateproof import engines, inputs, installation
from gateproof.catalog import pack
from gateproof.documents import Format, read
from gateproof.engines.interface import Outcome
from gateproof.installation import BreakGlass, Parameters

IMAGE = f"registry.example/gateproof:1@sha256:{'a' * 64}"
OTHER = f"registry.example/gateproof:2@sha256:{'b' * 64}"
PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
GLASS = BreakGlass(group="{{oncall}}", until="2030-12-31T00:00:00Z")

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "values.yaml": "labels: {owner: payments, data_classification: restricted, tier: 1}\n",
    "templates/_helpers.tpl": '{{- define "shop.labels" }}\n'
    "{{- range $name, $value := .Values.labels }}\n{{ $name }}: {{ $value | quote }}\n{{- end }}\n{{- end }}\n",
    "templates/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n"
    '  labels: {{- include "shop.labels" . | nindent 4 }}\nspec:\n  template:\n    metadata:\n'
    '      labels: {{- include "shop.labels" . | nindent 8 }}\n'
    "    spec: {containers: [{name: api, image: api}]}\n",
    "templates/worker.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: worker\n"
    "  labels: {owner: {{ .Values.labels.owner }}, tier: {{ .Values.labels.tier }}}\nspec:\n  template:\n"
    "    spec: {containers: [{name: worker, image: worker}]}\n",
}
KUSTOMIZATION = (
    "resources: [rendered.yaml]\nlabels:\n- includeTemplates: true\n"
    '  pairs: {owner: payments, data_classification: restricted, tier: "1"}\n'
)


def run(command: Sequence[str]) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def by_name(raw: bytes) -> dict[str, Any]:
    values = [document.value for document in read(raw, Format.YAML)]
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in values}


@pytest.mark.parametrize("break_glass", [None, GLASS])
def test_the_chart_renders_to_the_objects_that_it_is_made_of(
    peer: Peer, tmp_path: Path, break_glass: BreakGlass | None
) -> None:
    files = {installation.SETTINGS: installation.settings("gateproof-system", break_glass), "own.rego": "# {{ x }}\n"}

    def objects(image: str, replicas: int) -> bytes:
        return installation.stream(installation.objects(parameters(image, replicas))).encode()

    def parameters(image: str, replicas: int) -> Parameters:
        return Parameters(
            image=image, owner="platform", files=files, ca_bundle=PEM, break_glass=break_glass, replicas=replicas
        )

    given = parameters(IMAGE, 2)
    write(tmp_path, installation.chart(installation.objects(given), given, "1.0.0"))
    helm = peer("helm")
    assert by_name(run([helm, "template", "gate", str(tmp_path)])) == by_name(objects(IMAGE, 2))
    changed = [helm, "template", "gate", str(tmp_path), "--set", f"image={OTHER}", "--set", "replicas=5"]
    assert by_name(run(changed)) == by_name(objects(OTHER, 5))
    assert b"0 chart(s) failed" in run([helm, "lint", str(tmp_path)])


def labels_of(raw: bytes) -> dict[str, int]:
    """Findings of the policy about labels for each resource."""
    (policy,) = pack.builtin(["workload-labels"])
    subject = inputs.parse(raw)
    found = engines.engine_for(policy.engine).evaluate(policy, subject, {}, now="2026-11-23T05:00:00Z")
    return {each.resource: len(each.findings) for each in found if each.outcome is not Outcome.SKIP}


def test_labels_of_a_rendered_chart_and_of_its_kustomization(peer: Peer, tmp_path: Path) -> None:
    write(tmp_path / "chart", CHART)
    rendered = run([peer("helm"), "template", "shop", str(tmp_path / "chart")])
    assert b"# Source: shop/templates/worker.yaml" in rendered
    # Of the worker: a classification, a tier that is a text, and all three of its Pods.
    assert labels_of(rendered) == {"apps/v1/Deployment/api": 0, "apps/v1/Deployment/worker": 5}
    # Kustomize sets what is missing and what is wrong, also where there are no labels.
    write(tmp_path / "base", {"rendered.yaml": rendered.decode(), "kustomization.yaml": KUSTOMIZATION})
    built = run([peer("kubectl"), "kustomize", str(tmp_path / "base")])
    assert labels_of(built) == {"apps/v1/Deployment/api": 0, "apps/v1/Deployment/worker": 0}
