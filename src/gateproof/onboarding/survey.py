"""Files → Repository: each is told by its name and content, and what it holds is counted."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gateproof.catalog.policy import InputKind, Policy
from gateproof.documents import Format, Limits
from gateproof.documents import read as read_document
from gateproof.errors import GateproofError
from gateproof.inputs import dockerfiles, workflows
from gateproof.inputs.input import Input, Subject
from gateproof.inputs.kubernetes import is_object
from gateproof.onboarding import labelling, pipelines, provable, recognition, terraform_source
from gateproof.onboarding.inventory import (
    Chart,
    ExistingPolicy,
    File,
    Gate,
    Image,
    LeftOut,
    Manifest,
    Module,
    Owners,
    Pipeline,
    Plan,
    Repository,
)

_LIMITS = Limits(max_bytes=recognition.MEGABYTE, max_depth=60, max_aliases=1_000, max_nodes=100_000)
_MOST_LEFT_OUT = 50
_MOST_OWNERS = 50
_PLAN = re.compile(rb'"(?:resource_changes|planned_values)"\s*:')
_IMAGE = re.compile(r"[a-z0-9](?:[\w.\-/:]|(?<!@)@(?=sha256:))*", re.IGNORECASE)
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_ENGINES = {
    "admissionregistration.k8s.io": "validating-admission-policy",
    "constraints.gatekeeper.sh": "gatekeeper",
    "kyverno.io": "kyverno",
    "policies.kyverno.io": "kyverno",
    "templates.gatekeeper.sh": "gatekeeper",
}
"""API group → engine, of objects that are policies."""


class _Change(msgspec.Struct):
    type: str = ""


class _PlanHead(msgspec.Struct):
    """What an inventory reads of a plan: types of resources, and no value."""

    resource_changes: list[_Change] | None = None


def survey(name: str, files: Iterable[File | LeftOut], policies: Sequence[Policy]) -> Repository:
    """What ``files`` hold. ``name`` is the repository's; ``policies`` are those that could prove something here.

    Nothing raises: a file that cannot be read as what it is called is left out, with the reason.
    """
    surveyor = _Surveyor()
    for each in files:
        if isinstance(each, LeftOut):
            surveyor.left_out.append(each)
        else:
            surveyor.look(each)
    found = surveyor.repository(name)
    return msgspec.structs.replace(found, provable=provable.topics(found, policies))


class _Surveyor:
    """Collects what each file has. Files come one at a time, and none is kept."""

    def __init__(self) -> None:
        self.left_out: list[LeftOut] = []
        self._files = 0
        self._configured: list[str] = []
        self._blocks: dict[str, list[tuple[str, terraform_source.Block]]] = {}
        self._plans: list[Plan] = []
        self._charts: list[Chart] = []
        self._kustomizations: list[str] = []
        self._manifests: list[Manifest] = []
        self._dockerfiles: list[str] = []
        self._images: dict[str, set[str]] = {}
        self._workflows: list[str] = []
        self._pipelines: list[Pipeline] = []
        self._policies: set[ExistingPolicy] = set()
        self._owners: list[Owners] = []
        self._places: list[labelling.Place] = []
        self._gates: list[Gate] = []

    def look(self, file: File) -> None:
        """Take in one file."""
        self._files += 1
        try:
            self._look(file)
        except GateproofError as error:
            self._leave(_reason(error), file.path)
        except RecursionError:
            self._leave("too deep", file.path)

    def _leave(self, reason: str, path: str) -> None:
        self.left_out.append(LeftOut(reason, path))

    def _look(self, file: File) -> None:
        name = file.path.rpartition("/")[2]
        if name in recognition.SCANNER_FILES:
            self._policies.add(ExistingPolicy(f"{recognition.SCANNER_FILES[name]} (configuration)", file.path))
        elif file.path.endswith(recognition.TERRAFORM):
            self._terraform(file)
        elif file.path.endswith(".json"):
            self._json(file)
        elif not file.whole:
            self._leave("larger than is read", file.path)
        elif name.endswith(".rego"):
            if not name.endswith("_test.rego"):
                self._policies.add(ExistingPolicy("rego", file.path))
        elif name.endswith(".sentinel"):
            self._policies.add(ExistingPolicy("sentinel", file.path))
        elif name in ("CODEOWNERS", "OWNERS"):
            self._owners.append(_owners(file))
        elif recognition.is_dockerfile(file.path):
            self._dockerfile(file)
        elif file.path in recognition.CI_FILES:
            self._add(pipelines.other(file.path, recognition.CI_FILES[file.path], _text(file)))
        else:
            self._yaml(file, name)

    def _terraform(self, file: File) -> None:
        if not file.whole:
            return self._leave("larger than is read", file.path)
        if file.path.endswith(".json"):
            blocks = terraform_source.from_json(_decoded(file.raw))
        else:
            blocks = terraform_source.read(_text(file))
        folder = posixpath.dirname(file.path)
        self._blocks.setdefault(folder, []).extend((file.path, block) for block in blocks)
        return None

    def _json(self, file: File) -> None:
        if _PLAN.search(file.raw):
            self._plans.append(_plan(file))
        elif file.whole and b'"apiVersion"' in file.raw and b'"kind"' in file.raw:
            self._objects(file, [_decoded(file.raw)])

    def _yaml(self, file: File, name: str) -> None:
        if name == recognition.SETTINGS:
            self._configured.append(file.path)
        elif name in ("Chart.yaml", "Chart.yml"):
            chart = _first(file)
            self._charts.append(Chart(posixpath.dirname(file.path) or ".", str(chart.get("name") or "")[:200]))
        elif name in ("kustomization.yaml", "kustomization.yml"):
            self._kustomizations.append(posixpath.dirname(file.path) or ".")
        elif name == recognition.HOOKS:
            self._add(pipelines.hooks(file.path, _first(file)))
        elif name == ".gitlab-ci.yml":
            self._add(pipelines.gitlab(file.path, _first(file)))
        elif recognition.is_workflow(file.path):
            document = workflows.named(_first(file))
            if workflows.is_workflow(document):
                self._workflows.append(file.path)
                self._add(pipelines.github(file.path, document))
        elif b"apiVersion" in file.raw and b"kind" in file.raw:
            if b"{{" in file.raw:
                return self._leave("a template: what it renders is looked at", file.path)
            self._objects(file, [document.value for document in read_document(file.raw, Format.YAML, limits=_LIMITS)])
        return None

    def _objects(self, file: File, documents: Sequence[Any]) -> None:
        kinds: Counter[str] = Counter()
        for document in _flat(documents):
            group = document["apiVersion"].partition("/")[0]
            engine = _ENGINES.get(group)
            if engine and (engine != "validating-admission-policy" or "AdmissionPolicy" in document["kind"]):
                self._policies.add(ExistingPolicy(engine, file.path))
                continue
            kinds[document["kind"]] += 1
            for image in _images(document):
                self._images.setdefault(image, set()).add(file.path)
            if place := labelling.of_object(file.path, document):
                self._places.append(place)
        if kinds:
            self._manifests.append(Manifest(file.path, dict(sorted(kinds.items()))))

    def _dockerfile(self, file: File) -> None:
        (document,) = read_document(file.raw, Format.DOCKERFILE, limits=_LIMITS)
        if not dockerfiles.is_dockerfile(document.value):
            return self._leave("a Dockerfile without FROM", file.path)
        self._dockerfiles.append(file.path)
        subject = Input(Subject(InputKind.DOCKERFILE, "", len(file.raw)), (document.value,))
        for stage in dockerfiles.resources(subject):
            image = str(stage.view["image"] or stage.view["base"])
            if stage.view["stage"] is None and image != "scratch" and _IMAGE.fullmatch(image[:500]):
                self._images.setdefault(image[:500], set()).add(file.path)
        return None

    def _add(self, found: pipelines.Found) -> None:
        self._gates += found.gates
        if found.pipeline:
            self._pipelines.append(found.pipeline)

    def repository(self, name: str) -> Repository:
        """Everything that was collected."""
        modules = tuple(_modules(self._blocks))
        places = [*self._places, *_tagged(self._blocks)]
        return Repository(
            name=name,
            configured=tuple(sorted(self._configured)),
            terraform=modules,
            plans=tuple(sorted(self._plans, key=lambda plan: plan.path)),
            charts=tuple(sorted(self._charts, key=lambda chart: chart.path)),
            kustomizations=tuple(sorted(self._kustomizations)),
            manifests=tuple(sorted(self._manifests, key=lambda manifest: manifest.path)),
            dockerfiles=tuple(sorted(self._dockerfiles)),
            images=tuple(
                Image(image, "@sha256:" in image, tuple(sorted(paths))) for image, paths in sorted(self._images.items())
            ),
            workflow_files=tuple(sorted(self._workflows)),
            pipelines=tuple(sorted(self._pipelines, key=lambda pipeline: pipeline.path)),
            policies=tuple(sorted(self._policies)),
            owners=tuple(sorted(self._owners, key=lambda owners: owners.path)),
            labels=labelling.summary(places),
            gates=tuple(sorted(self._gates, key=lambda gate: (gate.path, gate.place, gate.tool))),
            files=self._files,
            left_out=dict(sorted(Counter(each.reason for each in self.left_out).items())),
            left_out_at=tuple(sorted(each for each in self.left_out if each.path)[:_MOST_LEFT_OUT]),
        )


def _modules(found: Mapping[str, list[tuple[str, terraform_source.Block]]]) -> Iterator[Module]:
    """A Module for each folder. One that another calls, or that is kept in ``modules``, is not applied by itself."""
    calls = {folder: _calls(blocks) for folder, blocks in found.items()}
    called = {
        posixpath.normpath(posixpath.join(folder, source))
        for folder, sources in calls.items()
        for source in sources
        if source.startswith((".", "/"))
    }
    for folder, blocks in sorted(found.items()):
        resources = Counter(block.labels[0] for _, block in blocks if block.type == "resource" and block.labels)
        backend = _backend(block for _, block in blocks)
        path = folder or "."
        is_part = path in called or "modules" in path.split("/")[:-1]
        yield Module(
            path=path,
            root=bool(backend) or not is_part,
            resources=dict(sorted(resources.items())),
            providers=_providers(blocks),
            calls=tuple(sorted(map(_without_credentials, calls[folder]))),
            backend=backend,
        )


def _calls(blocks: Iterable[tuple[str, terraform_source.Block]]) -> set[str]:
    return {block.text["source"] for _, block in blocks if block.type == "module" and "source" in block.text}


def _providers(blocks: Iterable[tuple[str, terraform_source.Block]]) -> tuple[str, ...]:
    """Names of the providers that are configured, or that resources belong to by their type's name."""
    named = {block.labels[0] for _, block in blocks if block.type == "provider" and block.labels}
    typed = {block.labels[0].partition("_")[0] for _, block in blocks if block.type == "resource" and block.labels}
    return tuple(sorted(named | typed))


def _backend(blocks: Iterable[terraform_source.Block]) -> str:
    inner = [each for block in blocks if block.type == "terraform" for each in block.blocks]
    backends = sorted(each.labels[0] for each in inner if each.type == "backend" and each.labels)
    return backends[0] if backends else "cloud" if any(each.type == "cloud" for each in inner) else ""


def _tagged(found: Mapping[str, list[tuple[str, terraform_source.Block]]]) -> Iterator[labelling.Place]:
    for blocks in found.values():
        everywhere = labelling.defaults(block for _, block in blocks)
        for path, block in blocks:
            place = labelling.of_resource(path, block)
            if place is not None and place.keys is not None:
                place = labelling.Place(place.name, place.keys | everywhere)
            place = place or labelling.of_provider(path, block)
            if place is not None:
                yield place


def _without_credentials(source: str) -> str:
    """A module's source without the user and password, and the query, that a URL may hold."""
    return re.sub(r"(?:(?<=://)|^(?![^@]*//)).*@", "", source.partition("?")[0])[:300]


def _plan(file: File) -> Plan:
    """The types that a plan changes; none where it is too large, or is not whole."""
    try:
        head = msgspec.json.decode(file.raw, type=_PlanHead) if file.whole else _PlanHead()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        head = _PlanHead()
    return Plan(file.path, dict(sorted(Counter(each.type for each in head.resource_changes or ()).items())))


def _flat(documents: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """The Kubernetes objects in ``documents``; those of a List one by one."""
    for document in documents:
        if not is_object(document):
            continue
        items = document.get("items")
        if document["kind"].endswith("List") and isinstance(items, list):
            yield from (item for item in items if is_object(item))
        else:
            yield document


def _images(value: Any) -> Iterator[str]:
    """Images of every container in ``value``, at whatever depth its Pod is."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            for name in _CONTAINERS:
                containers = one.get(name)
                for container in containers if isinstance(containers, list) else ():
                    image = container.get("image") if isinstance(container, dict) else None
                    if isinstance(image, str) and _IMAGE.fullmatch(image[:500]):
                        yield image[:500]


def _owners(file: File) -> Owners:
    """A CODEOWNERS file (a pattern and its owners on each line), or an OWNERS file of Kubernetes projects."""
    if file.path.rpartition("/")[2] == "OWNERS":
        document = _first(file)
        named = [document.get(part) for part in ("approvers", "reviewers")]
        people = {str(each) for part in named if isinstance(part, list) for each in part}
        return Owners(file.path, 1, tuple(sorted(people)[:_MOST_OWNERS]), everything="/" not in file.path)
    lines = [line.partition("#")[0].split() for line in _text(file).splitlines()]
    rules = [words for words in lines if words and not words[0].startswith("[")]
    people = {word for words in rules for word in words[1:]}
    everything = any(words[0] in ("*", "/**", "**", "/") and words[1:] for words in rules)
    return Owners(file.path, len(rules), tuple(sorted(people)[:_MOST_OWNERS]), everything)


def _first(file: File) -> dict[str, Any]:
    """The first document of a YAML file, empty where it is no mapping. Raises DocumentError."""
    documents = read_document(file.raw, Format.YAML, limits=_LIMITS)
    return documents[0].value if documents and isinstance(documents[0].value, dict) else {}


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _text(file: File) -> str:
    return file.raw.decode("utf-8", "replace")


def _reason(error: GateproofError) -> str:
    """Why a file was not read, without what it says: the same reason for many files is counted as one."""
    return {"LimitError": "larger, deeper or more entangled than is read"}.get(
        type(error).__name__, "not readable as what it is called"
    )
