"""Topics: what people call a concern, the controls that answer for it, and where a gate can enforce it.

Topics with ``points`` are the controls that touch deployments: the fifteen that a rollout begins with, of which the
first, encryption at rest and in transit, is two topics.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from gateproof.catalog.scales import Layer

_FILE = Path(__file__).parent / "topics.json"


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A concern.

    ``words``: synonyms of its name. ``controls``: canonical ids, of every framework that is shipped. ``telling``: those
    by which a policy about this and little else is recognised. ``points``: the layers at which it can be enforced, and
    by what. ``evidence``: what answers an auditor who asks for it.
    """

    topic: str
    words: tuple[str, ...]
    controls: tuple[str, ...]
    telling: tuple[str, ...]
    points: dict[Layer, str] = {}
    evidence: tuple[str, ...] = ()


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in the order of the file: first those that touch deployments."""
    return msgspec.json.decode(_FILE.read_bytes(), type=tuple[Topic, ...])


def deployment_topics() -> tuple[Topic, ...]:
    """The topics that a gate can enforce where software is deployed."""
    return tuple(topic for topic in topics() if topic.points)
