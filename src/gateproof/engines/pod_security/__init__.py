"""The Pod Security Standards: privileged, baseline and restricted, in every version of Kubernetes.

    violations = evaluate(Pod.of(metadata, spec), Level.RESTRICTED, parse_version("v1.31"))

Pure, and for whoever judges Pods: ``checks.CHECKS`` is the table of checks, levels and versions.
"""

from __future__ import annotations

from gateproof.engines.pod_security.checks import CHECKS
from gateproof.engines.pod_security.interface import (
    NEWEST,
    BadField,
    Check,
    Level,
    MalformedPodError,
    Pod,
    Revision,
    Violation,
    parse_version,
)

__all__ = [
    "CHECKS",
    "NEWEST",
    "BadField",
    "Check",
    "Level",
    "MalformedPodError",
    "Pod",
    "Revision",
    "Violation",
    "evaluate",
    "parse_version",
]


def evaluate(pod: Pod, level: Level, minor: int = NEWEST) -> tuple[Violation, ...]:
    """What ``pod`` violates of ``level`` in Kubernetes 1.``minor``, by check, as the admission of Pods judges it.

    Raises MalformedPodError for a part that is of a type no cluster reads.
    """
    if level is Level.PRIVILEGED:
        return ()
    chosen = [
        (check.id, revision)
        for check in CHECKS
        if check.level in (Level.BASELINE, level) and (revision := check.revision(minor))
    ]
    replaced = {id for _, revision in chosen for id in revision.replaces}
    found = ((id, revision.check(pod)) for id, revision in chosen if id not in replaced)
    return tuple(Violation(id, bad.reason, bad.detail, tuple(bad.fields)) for id, bad in found if bad)
