"""``validate.podSecurity``: a level of the Pod Security Standards, with controls that are excluded.

The checks are those of ``engines.pod_security``; which of them count, and how an exclusion takes away what it allows,
is as Kyverno has it (https://kyverno.io/docs/policy-types/cluster-policy/validate/#pod-security):

- The levels privileged and restricted both mean restricted; only baseline is less.
- Baseline checks are not replaced by their restricted counterparts: both speak.
- A check that is younger than the version counts nevertheless, as it was at first.
- ``latest`` is the newest version that Kyverno 1.19 knows: what later ones allow beyond it is not allowed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.interface import Outcome
from gateproof.engines.kyverno import wildcard
from gateproof.engines.kyverno.checks import PASSED, Check, CheckError, Reading, Verdict
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.kyverno.scope import Scope
from gateproof.engines.pod_security import (
    CHECKS,
    BadField,
    Level,
    MalformedPodError,
    Pod,
    Violation,
    parse_version,
)
from gateproof.engines.pod_security.interface import CheckPod

_NEWEST = 34
_OLDEST = 19
_CONTROLS: dict[str, tuple[str, ...]] = {
    "/proc Mount Type": ("procMount",),
    "AppArmor": ("appArmorProfile",),
    "Capabilities": ("capabilities_baseline", "capabilities_restricted"),
    "Host Namespaces": ("hostNamespaces",),
    "Host Ports": ("hostPorts",),
    "HostPath Volumes": ("hostPathVolumes",),
    "HostProcess": ("windowsHostProcess",),
    "Privilege Escalation": ("allowPrivilegeEscalation",),
    "Privileged Containers": ("privileged",),
    "Running as Non-root": ("runAsNonRoot",),
    "Running as Non-root user": ("runAsUser",),
    "SELinux": ("seLinuxOptions",),
    "Seccomp": ("seccompProfile_baseline", "seccompProfile_restricted"),
    "Sysctls": ("sysctls",),
    "Volume Types": ("restrictedVolumes",),
}
_OF_RESTRICTED = ("Privilege Escalation", "Running as Non-root", "Running as Non-root user", "Volume Types")
_OF_CONTAINERS = ("/proc Mount Type", "Capabilities", "Host Ports", "Privilege Escalation", "Privileged Containers")
_OF_PODS = ("Host Namespaces", "HostPath Volumes", "Sysctls", "Volume Types")
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_CONTROLLERS = ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet")
_TEMPLATES: dict[str, Path] = {
    "Pod": (),
    **dict.fromkeys(_CONTROLLERS, ("spec", "template")),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A control that does not count: for containers with certain images, or (without images) for the Pod itself.

    ``field`` and ``values`` narrow it to what is set there, ``values`` with wildcards.
    """

    control: str
    images: tuple[str, ...] = ()
    field: str = ""
    values: tuple[str, ...] = ()

    def covers(self, bad: BadField) -> bool:
        """Whether what is wrong with this field is allowed."""
        if self.field not in ("", _starred(bad)):
            return False
        return not self.values or all(_any_matches(self.values, value) for value in _bad_values(bad))


class PodSecurity(msgspec.Struct, frozen=True):
    """The check of one rule. ``version`` is as the policy spells it, and empty where it says none."""

    level: Level
    version: str = ""
    exclusions: tuple[Exclusion, ...] = ()

    def judge(self, scope: Scope) -> Verdict:
        """See Check."""
        return self.judge_but(scope, ())

    def judge_but(self, scope: Scope, exempt: Sequence[Exclusion]) -> Verdict:
        """The same, with exclusions beside the rule's own. Raises UndecidableError."""
        if scope.operation == "DELETE":
            return Verdict(Outcome.SKIP, "a Pod that is deleted runs no longer")
        kind = str(scope.object["kind"])
        found = violations(self, kind, scope.object, exempt)
        if not found:
            return PASSED
        fields = [bad for one in found for bad in one.fields]
        path = place(kind, fields[0]) if len(fields) == 1 else ()
        return Verdict(Outcome.FAIL, self._said(found, kind), path)

    def _said(self, found: Sequence[Violation], kind: str) -> str:
        """What is found in an object of ``kind``, in Kyverno's words."""
        said = "".join(
            f"(Forbidden reason: {one.reason}, field error list: [{', '.join(_said(bad, kind) for bad in one.fields)}])"
            for one in found
        )
        return f'It violates PodSecurity "{self.level}:{self.version}": {said}'


def read(raw: Any, _: Reading) -> Check:
    """The check under ``podSecurity``. Raises CheckError with everything that is wrong with it."""
    problems: list[str] = []
    if not isinstance(raw, dict):
        raise CheckError("podSecurity must be an object")
    problems += [f"unknown key podSecurity.{key}" for key in sorted(raw.keys() - {"level", "version", "exclude"})]
    level, version = raw.get("level"), raw.get("version") or ""
    if level not in list(Level):
        problems.append(f"podSecurity.level is {level!r} (expected {', '.join(Level)})")
    if version and not _is_known(version):
        problems.append(f"podSecurity.version is {version!r} (expected latest, or v1.{_OLDEST} and later)")
    exclusions = read_exclusions(raw.get("exclude"), problems.append, "podSecurity.exclude")
    if level == Level.BASELINE:
        beyond = [one.control for one in exclusions if one.control in _OF_RESTRICTED]
        problems += [f"podSecurity.exclude: the level baseline has no control {control}" for control in beyond]
    if problems:
        raise CheckError("; ".join(problems))
    return PodSecurity(Level(str(level)), str(version), exclusions)


def read_exclusions(raw: Any, refuse: Callable[[str], None], where: str) -> tuple[Exclusion, ...]:
    """A list of excluded controls, of a rule or an exception; ``refuse`` is told everything that is wrong with it."""
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        refuse(f"{where} must be a list of objects")
        return ()
    found = []
    for one in raw:
        try:
            exclusion = Exclusion(
                control=msgspec.convert(one.get("controlName"), str),
                images=tuple(msgspec.convert(one.get("images") or [], list[str])),
                field=msgspec.convert(one.get("restrictedField") or "", str),
                values=tuple(msgspec.convert(one.get("values") or [], list[str])),
            )
        except msgspec.ValidationError as error:
            refuse(f"{where}: {error}")
            continue
        for problem in _problems(exclusion, one.keys() - {"controlName", "images", "restrictedField", "values"}):
            refuse(f"{where}: {problem}")
        found.append(exclusion)
    return tuple(found)


def violations(
    check: PodSecurity, kind: str, object: Mapping[str, Any], exempt: Sequence[Exclusion] = ()
) -> tuple[Violation, ...]:
    """What an object of ``kind``, a Pod or a controller of Pods, violates; ``exempt`` are exclusions beside the rule's.

    Paths begin at the Pod. Raises UndecidableError for another kind and for a Pod that no cluster would read.
    """
    if kind not in _TEMPLATES:
        raise UndecidableError(f"podSecurity judges Pods and controllers of Pods, and {kind} is none")
    try:
        metadata, spec = _template(object, _TEMPLATES[kind])
        found = _evaluate(check, Pod.of(metadata, spec))
        for exclusion in (*check.exclusions, *exempt):
            if found:
                found = _excluded(found, exclusion, check, metadata, spec)
    except MalformedPodError as error:
        raise UndecidableError(f"the Pod cannot be read: {error}") from None
    return tuple(found)


def place(kind: str, bad: BadField) -> Path:
    """Where a bad field stands in an object of ``kind``."""
    return (*_TEMPLATES[kind], *bad.path)


def _is_known(version: Any) -> bool:
    try:
        return parse_version(str(version)) >= _OLDEST
    except ValueError:
        return False


def _problems(exclusion: Exclusion, unknown: set[str]) -> list[str]:
    found = [f"unknown key {key!r}" for key in sorted(unknown)]
    if exclusion.control not in _CONTROLS:
        found.append(f"controlName is {exclusion.control!r} (expected one of {', '.join(_CONTROLS)})")
    if exclusion.control in _OF_CONTAINERS and not exclusion.images:
        found.append(f"{exclusion.control} is about containers, so images must say which")
    if exclusion.control in _OF_PODS and exclusion.images:
        found.append(f"{exclusion.control} is about the Pod, so images cannot be given")
    if bool(exclusion.field) != bool(exclusion.values):
        found.append("restrictedField and values are given together or not at all")
    return found


def _template(object: Mapping[str, Any], path: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Metadata and spec of the Pod; of a CronJob's with the annotations of its Jobs, which Kyverno reads instead."""
    owners = [object]
    for step in path:
        owners.append(_object(owners[-1], str(step)))
    metadata = _object(owners[-1], "metadata")
    if "jobTemplate" in path and (of_jobs := _object(_object(owners[2], "metadata"), "annotations")):
        metadata = {**metadata, "annotations": {**of_jobs, **_object(metadata, "annotations")}}
    return metadata, _object(owners[-1], "spec")


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = holder.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise MalformedPodError(f"{name} is not an object")
    return found


def _evaluate(check: PodSecurity, pod: Pod) -> list[Violation]:
    found = []
    for id, of_pod in _checks(check.level, check.version):
        if bad := of_pod(pod):
            found.append(Violation(id, bad.reason, bad.detail, tuple(bad.fields)))
    return found


@lru_cache(maxsize=128)
def _checks(level: Level, version: str) -> tuple[tuple[str, CheckPod], ...]:
    """Id and revision of each check that counts."""
    minor = min(parse_version(version or "latest"), _NEWEST)
    return tuple(
        (one.id, (one.revision(minor) or one.revisions[0]).check)
        for one in CHECKS
        if one.revisions[0].since <= _NEWEST and (level is not Level.BASELINE or one.level is Level.BASELINE)
    )


def _excluded(
    found: list[Violation],
    exclusion: Exclusion,
    check: PodSecurity,
    metadata: Mapping[str, Any],
    spec: Mapping[str, Any],
) -> list[Violation]:
    """``found`` without what the exclusion allows: what is also wrong with a Pod of nothing but what it is about."""
    if exclusion.images:
        reduced: Mapping[str, Any] = {name: _with_images(spec, name, exclusion.images) for name in _CONTAINERS}
        excused = _evaluate(check, Pod.of(None, reduced))
    else:
        reduced = {**spec, "containers": [{"name": "fake"}], "initContainers": None, "ephemeralContainers": None}
        excused = _evaluate(check, Pod.of(metadata, reduced))
    controls = _CONTROLS.get(exclusion.control, ())
    taken = Counter(
        (one.check, _starred(bad), _container(reduced, bad) if exclusion.images else None)
        for one in excused
        if one.check in controls
        for bad in one.fields
        if exclusion.covers(bad)
    )
    left = []
    for one in found:
        fields = []
        for field in one.fields:
            key = (one.check, _starred(field), _container(spec, field) if exclusion.images else None)
            if taken[key]:
                taken[key] -= 1
            else:
                fields.append(field)
        if fields:
            left.append(msgspec.structs.replace(one, fields=tuple(fields)))
    return left


def _with_images(spec: Mapping[str, Any], name: str, images: Sequence[str]) -> list[Any]:
    containers = spec.get(name)
    if not isinstance(containers, list):
        return []
    return [one for one in containers if isinstance(one, dict) and _any_matches(images, str(one.get("image") or ""))]


def _container(spec: Mapping[str, Any], bad: BadField) -> Any:
    """The name of the container that the field is in; None when it is in none."""
    if len(bad.path) > 2 and bad.path[1] in _CONTAINERS:
        return spec[str(bad.path[1])][bad.path[2]].get("name")
    return None


def _any_matches(patterns: Sequence[str], text: str) -> bool:
    return any(wildcard.matches(pattern, text) for pattern in patterns)


def _starred(bad: BadField) -> str:
    return re.sub(r"[0-9]+", "*", bad.shown)


def _bad_values(bad: BadField) -> tuple[str, ...]:
    if isinstance(bad.value, bool):
        return ("true" if bad.value else "false",)
    if isinstance(bad.value, tuple):
        return bad.value
    return (str(bad.value),) if bad.value not in (None, "") else ()


def _said(bad: BadField, kind: str) -> str:
    at = BadField(place(kind, bad)).shown
    if bad.required:
        return f"{at}: Required value"
    if bad.value in (None, ""):
        return f"{at}: Forbidden"
    values = _bad_values(bad)
    shown = f"[{' '.join(values)}]" if isinstance(bad.value, tuple) else values[0]
    return f"{at} is forbidden, forbidden values found: {shown}"
