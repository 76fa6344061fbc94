"""Pipelines and hooks that are there already → which checks they run, and what they make that could be judged.

Tools are told by the names of their actions, hooks and commands. Of a command only the tool's name is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from gateproof.catalog.scales import Layer
from gateproof.onboarding.inventory import Gate, Pipeline

_SECRETS = ("secrets hygiene",)
_HARDENING = ("container hardening",)
_VULNERABILITIES = ("vulnerability management",)
_PROVENANCE = ("image provenance",)
_SOURCE = ("encryption at rest", "encryption in transit", "public exposure", "network boundaries", "least privilege")

TOOLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "actionlint": (r"\bactionlint\b", ()),
    "checkov": (r"\bcheckov\b", _SOURCE),
    "conftest": (r"\bconftest\b(?!\.)", ()),
    "cosign": (r"\bcosign\s+(?:sign|attest|verify)|sigstore/cosign", _PROVENANCE),
    "detect-secrets": (r"\bdetect-secrets\b", _SECRETS),
    "gatekeeper": (r"\bgator\s+(?:test|verify)\b", _HARDENING),
    "gateproof": (r"\bgateproof\s+(?:check|test)\b", ()),
    "gitleaks": (r"\bgitleaks\b", _SECRETS),
    "grype": (r"\bgrype\b|anchore/scan-action", _VULNERABILITIES),
    "hadolint": (r"\bhadolint\b", _HARDENING),
    "kics": (r"\bkics\b", _SOURCE),
    "kube-linter": (r"\bkube-linter\b", _HARDENING),
    "kubeconform": (r"\bkubeconform\b", ()),
    "kyverno": (r"\bkyverno\s+(?:apply|test)\b", _HARDENING),
    "opa": (r"\bopa\s+(?:eval|test|check|exec)\b", ()),
    "semgrep": (r"\bsemgrep\b", ()),
    "sentinel": (r"\bsentinel\s+(?:apply|test)\b", ()),
    "slsa-provenance": (r"slsa-github-generator|actions/attest-build-provenance", _PROVENANCE),
    "snyk": (r"\bsnyk\b", _VULNERABILITIES),
    "syft": (r"\bsyft\b|anchore/sbom-action", _PROVENANCE),
    "terrascan": (r"\bterrascan\b", _SOURCE),
    "tflint": (r"\btflint\b", ()),
    "tfsec": (r"\btfsec\b", _SOURCE),
    "trivy": (r"\btrivy\b|aquasecurity/trivy-action", _VULNERABILITIES),
    "trufflehog": (r"\btrufflehog\b", _SECRETS),
    "zizmor": (r"\bzizmor\b", ()),
}
"""Name → how it is called, and the topics that it works on."""

_ANY_TOOL = re.compile("|".join(f"(?P<t{number}>{call})" for number, (call, _) in enumerate(TOOLS.values())))
_SOFT = re.compile(r"\|\|\s*(?:true\b|:|exit\s+0)|--soft-fail\b|--exit-zero\b|--exit-code[ =]0\b|\bsoft_fail:\s*true")
_TERRAFORM = re.compile(r"\b(?:terraform|tofu|terragrunt)\b")
_RENDERS = re.compile(r"\bhelm\s+template\b|\bkustomize\s+build\b|\bkubectl\s+kustomize\b")
_COMMENT = re.compile(r"^[ \t]*(?:#|//).*$|[ \t]#[ \t].*$", re.MULTILINE)
_MAX_TEXT = 200_000


class Found(msgspec.Struct, frozen=True):
    """What a file of a CI system, or of hooks, has."""

    gates: tuple[Gate, ...]
    pipeline: Pipeline | None = None


def github(path: str, document: dict[str, Any]) -> Found:
    """A workflow of GitHub Actions, as ``inputs.workflows`` reads it."""
    gates: list[Gate] = []
    commands: list[str] = []
    environments: set[str] = set()
    shallow = False
    for name, job in _mapping(document.get("jobs")).items():
        job = _mapping(job)
        environment = job.get("environment")
        called = environment.get("name") if isinstance(environment, dict) else environment
        environments |= {called} if isinstance(called, str) and "${{" not in called else set()
        steps = [step for step in _list(job.get("steps")) if isinstance(step, dict)]
        for index, step in enumerate(steps):
            command = _command(step)
            commands.append(command)
            soft = any(each.get("continue-on-error") in (True, "true") for each in (job, step))
            gates += _gates(command, path, f"jobs.{name}.steps[{index}]", Layer.CI, enforcing=not soft)
        checks = any("gateproof" in _tools(_command(step)) for step in steps)
        shallow = shallow or (checks and any(map(_is_shallow_checkout, steps)))
    return _found(path, "github-actions", gates, commands, environments, shallow=shallow)


def gitlab(path: str, document: dict[str, Any]) -> Found:
    """A ``.gitlab-ci.yml``, https://docs.gitlab.com/ci/yaml/."""
    gates: list[Gate] = []
    commands: list[str] = []
    environments: set[str] = set()
    shallow = False
    full = _is_full(document.get("variables"))
    for name, job in document.items():
        job = _mapping(job)
        scripts = [job.get(part) for part in ("before_script", "script", "after_script")]
        command = "\n".join(_strings([*scripts, job.get("image")]))[:_MAX_TEXT]
        environment = job.get("environment")
        called = environment.get("name") if isinstance(environment, dict) else environment
        environments |= {called} if isinstance(called, str) and "$" not in called else set()
        commands.append(command)
        found = list(_gates(command, path, name, Layer.CI, enforcing=not job.get("allow_failure")))
        gates += found
        checks = any(gate.tool == "gateproof" for gate in found)
        shallow = shallow or (checks and not full and not _is_full(job.get("variables")))
    return _found(path, "gitlab-ci", gates, commands, environments, shallow=shallow)


def other(path: str, system: str, text: str) -> Found:
    """A file of another CI system, read as lines."""
    gates: list[Gate] = []
    lines = text[:_MAX_TEXT].split("\n")
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith(("#", "//")):
            gates += _gates(line, path, f"line {number}", Layer.CI)
    return _found(path, system, gates, lines, ())


def hooks(path: str, document: dict[str, Any]) -> Found:
    """A ``.pre-commit-config.yaml``, https://pre-commit.com/#adding-pre-commit-plugins-to-your-project."""
    gates: list[Gate] = []
    for repo in _list(document.get("repos")):
        address = _mapping(repo).get("repo")
        for hook in _list(_mapping(repo).get("hooks")):
            hook = _mapping(hook)
            name = str(hook.get("id", ""))
            command = " ".join(
                (str(address), name.replace("_", " "), str(hook.get("entry", "")), *_strings(hook.get("args")))
            )
            soft = "manual" in _list(hook.get("stages"))
            gates += _gates(command, path, f"hook {name}", Layer.PRE_COMMIT, enforcing=not soft)
    return Found(tuple(gates))


def _found(
    path: str,
    system: str,
    gates: list[Gate],
    commands: Iterable[str],
    environments: Iterable[str],
    *,
    shallow: bool = False,
) -> Found:
    said = _COMMENT.sub("", "\n".join(commands))
    pipeline = Pipeline(
        path=path,
        system=system,
        environments=tuple(sorted(environments)),
        plans=any(map(_makes_plan, said.replace("\\\n", " ").split("\n"))),
        renders=bool(_RENDERS.search(said)),
        shallow=shallow,
    )
    return Found(tuple(gates), pipeline)


def _makes_plan(line: str) -> bool:
    return "-json" in line and " show" in line and _TERRAFORM.search(line) is not None


def _gates(command: str, path: str, place: str, layer: Layer, *, enforcing: bool = True) -> Iterator[Gate]:
    soft = _SOFT.search(command) is not None
    for tool in _tools(command):
        topics = TOOLS[tool][1]
        yield Gate(tool=tool, layer=layer, path=path, place=place, enforcing=enforcing and not soft, topics=topics)


def _tools(command: str) -> list[str]:
    names = list(TOOLS)
    said = _COMMENT.sub("", command[:_MAX_TEXT])
    return sorted({names[int(match.lastgroup[1:])] for match in _ANY_TOOL.finditer(said) if match.lastgroup})


def _command(step: dict[str, Any]) -> str:
    """What a step runs: its script, or its action with what is said about failing."""
    given = _mapping(step.get("with"))
    soft = " soft_fail: true" if str(given.get("soft_fail")).lower() == "true" else ""
    if "exit-code" in given:
        soft += f" --exit-code {given['exit-code']}"
    uses = step.get("uses")
    return f"{step.get('run') or ''}\n{uses.partition('@')[0] if isinstance(uses, str) else ''}{soft}"[:_MAX_TEXT]


def _is_shallow_checkout(step: dict[str, Any]) -> bool:
    """Whether a step checks out one commit alone, so that the protected base is not there."""
    uses = step.get("uses")
    if not isinstance(uses, str) or not uses.startswith("actions/checkout@"):
        return False
    depth = _mapping(step.get("with")).get("fetch-depth")
    return str(depth) != "0"


def _is_full(variables: Any) -> bool:
    return str(_mapping(variables).get("GIT_DEPTH")) == "0"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _strings(value: Any) -> Iterator[str]:
    """Every text in ``value``, lists in lists included."""
    if isinstance(value, str):
        yield value
    for each in _list(value):
        yield from _strings(each)
