"""Finding controls by what people say: "encryption at rest for restricted data" rather than SC-28.

``topics.json`` lists topics with their synonyms and controls. A topic is found when all words of its name or of one of
its synonyms are in the question, a control when all words that matter in the question are in its title, and a control
that the question spells is found first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateproof.catalog.enforcement import Topic, topics
from gateproof.catalog.frameworks import Catalog, Control, shipped

__all__ = ["Topic", "find", "telling", "topics"]

# fmt: off
_NOISE = frozenset({
    "a", "all", "and", "any", "are", "as", "at", "by", "data", "do", "does", "every", "for", "from", "give", "how",
    "in", "is", "it", "list", "me", "of", "on", "or", "our", "show", "that", "the", "their", "to", "us", "was", "we",
    "were", "what", "where", "which", "who", "with",
})
# fmt: on
_ENDINGS = ("ations", "ation", "ions", "ion", "ing", "als", "al", "ed", "es", "s", "e")


def find(text: str, catalog: Catalog | None = None) -> tuple[Control, ...]:
    """The controls that ``text`` is about, best first: spelled out, by topic, by title; none if unclear.

    ``catalog`` has a team's own frameworks, too; without it, the shipped ones are searched.
    """
    known = catalog or shipped()
    found = [*_spelled(text, known), *_by_topic(text), *_by_title(text, known.controls.values())]
    return tuple(known.controls[control] for control in dict.fromkeys(found))


def telling(text: str, catalog: Catalog | None = None) -> tuple[str, ...]:
    """Ids of the controls by which policies about ``text`` are recognised: fewer than ``find`` gives.

    Those that the text spells; else the telling ones of its topics; else those of which the title has its words. SC-28
    tells encryption at rest from everything else; CC6.1 is cited by nearly every policy and tells nothing.
    """
    known = catalog or shipped()
    if spelled_out := _spelled(text, known):
        return tuple(dict.fromkeys(spelled_out))
    by_topic = [control for topic in _matching(text) for control in topic.telling]
    return tuple(dict.fromkeys(by_topic or _by_title(text, known.controls.values())))


def _spelled(text: str, catalog: Catalog) -> list[str]:
    candidates = (text, *re.split(r"[\s,;]+", text))
    return [found for candidate in candidates if (found := catalog.spelled(candidate)) is not None]


def _by_topic(text: str) -> list[str]:
    return [control for topic in _matching(text) for control in topic.controls]


def _matching(text: str) -> list[Topic]:
    """The topics in ``text``: of those whose words another topic's include, only the more specific one."""
    asked = _stems(text)
    hits = []
    for topic in topics():
        matched = [stems for name in (topic.topic, *topic.words) if (stems := _stems(name)) <= asked]
        if matched:
            hits.append((max(matched, key=len), topic))
    return [
        topic
        for words, topic in sorted(hits, key=lambda hit: -len(hit[0]))
        if not any(words < others for others, _ in hits)
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
