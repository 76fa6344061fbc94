"""Finding controls by what people say: "encryption at rest for restricted data" rather than SC-28.

``topics.json`` lists topics with their synonyms and controls. A topic is found when all words of its name or of one of
its synonyms are in the question, a control when all words that matter in the question are in its title, and a control
that the question spells is found first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from gateproof.catalog.frameworks import Control, controls, spelled

_FILE = Path(__file__).parent / "topics.json"
# fmt: off
_NOISE = frozenset({
    "a", "all", "and", "any", "are", "as", "at", "by", "data", "do", "does", "every", "for", "from", "give", "how",
    "in", "is", "it", "list", "me", "of", "on", "or", "our", "show", "that", "the", "their", "to", "us", "was", "we",
    "were", "what", "where", "which", "who", "with",
})
# fmt: on
_ENDINGS = ("ations", "ation", "ions", "ion", "ing", "als", "al", "ed", "es", "s", "e")


class Topic(msgspec.Struct, frozen=True):
    """What people call a concern, and the controls that answer for it."""

    topic: str
    words: tuple[str, ...]
    controls: tuple[str, ...]


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in the order of the file."""
    return msgspec.json.decode(_FILE.read_bytes(), type=tuple[Topic, ...])


def find(text: str) -> tuple[Control, ...]:
    """The controls that ``text`` is about, best first: spelled out, by topic, by title; none if unclear."""
    known = controls()
    found = [*_spelled(text), *_by_topic(text), *_by_title(text, known.values())]
    return tuple(known[control] for control in dict.fromkeys(found))


def telling(text: str) -> tuple[str, ...]:
    """Ids of the controls by which policies about ``text`` are recognised: fewer than ``find`` gives.

    Those that the text spells; else, of its topics' controls, those that the fewest topics share. SC-28 tells
    encryption at rest from everything else; CC6.1 is cited by nearly every policy and tells nothing.
    """
    found = [control.id for control in find(text)]
    if spelled_out := [control for control in _spelled(text) if control in found]:
        return tuple(dict.fromkeys(spelled_out))
    by_topic = list(dict.fromkeys(_by_topic(text))) or found
    shared = {control: sum(control in topic.controls for topic in topics()) for control in by_topic}
    least = min(shared.values(), default=0)
    return tuple(control for control, count in shared.items() if count == least)


def _spelled(text: str) -> list[str]:
    candidates = (text, *re.split(r"[\s,;]+", text))
    return [found for candidate in candidates if (found := spelled(candidate)) is not None]


def _by_topic(text: str) -> list[str]:
    """Controls of the topics in ``text``: of those whose words another topic's include, only the more specific one."""
    asked = _stems(text)
    hits = []
    for topic in topics():
        matched = [stems for name in (topic.topic, *topic.words) if (stems := _stems(name)) <= asked]
        if matched:
            hits.append((max(matched, key=len), topic))
    return [
        control
        for words, topic in sorted(hits, key=lambda hit: -len(hit[0]))
        if not any(words < others for others, _ in hits)
        for control in topic.controls
    ]


def _by_title(text: str, among: Iterable[Control]) -> list[str]:
    asked = _stems(" ".join(word for word in _words(text) if word not in _NOISE))
    return [control.id for control in among if asked <= _stems(control.title)] if asked else []


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _stem(word: str) -> str:
    """``word`` without its ending, so that encrypted, encrypting and encryption are one word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
