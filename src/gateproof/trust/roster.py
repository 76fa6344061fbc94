"""Roster: who works here, under which names, and with which rank."""

from __future__ import annotations

from functools import cached_property

import msgspec

from gateproof.documents.instants import is_instant

DEFAULT_RANKS = ("engineer", "lead", "manager", "director", "vp", "cxo")


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person: ``id`` is an e-mail address, ``identities`` are all other names of the same person.

    Other e-mail addresses, logins and key fingerprints belong there: two names of one person must never pass for two
    people.
    """

    id: str
    name: str
    rank: str
    identities: tuple[str, ...] = ()


class Roster(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Everybody who may ask for, approve or author a change. ``ranks`` go from low to high.

    ``version`` grows with every change. ``not_after`` (RFC 3339 UTC) is when the roster stops counting, if ever.
    """

    version: int
    people: tuple[Person, ...]
    ranks: tuple[str, ...] = DEFAULT_RANKS
    not_after: str = ""

    def find(self, identity: str) -> Person | None:
        """The person whom ``identity`` names (case and surrounding blanks aside), or None."""
        return self._by_identity.get(_fold(identity))

    def rank(self, name: str) -> int:
        """Position of a rank, 0 for the lowest; -1 for a rank that this roster does not know."""
        return self.ranks.index(name) if name in self.ranks else -1

    @cached_property
    def _by_identity(self) -> dict[str, Person]:
        return {_fold(identity): person for person in self.people for identity in (person.id, *person.identities)}


def check(roster: Roster) -> list[str]:
    """What is wrong with ``roster``: all of it, each with its place."""
    problems = []
    if roster.version < 1:
        problems.append("version: must be 1 or more")
    if not roster.people:
        problems.append("people: a roster without people approves nothing")
    if not roster.ranks or len(set(roster.ranks)) != len(roster.ranks):
        problems.append("ranks: name each rank once, from low to high")
    if roster.not_after and not is_instant(roster.not_after):
        problems.append("not_after: write a time in UTC such as 2026-11-23T05:00:00Z")
    owners: dict[str, str] = {}
    for index, person in enumerate(roster.people):
        place = f"people[{index}]"
        if person.rank not in roster.ranks:
            problems.append(f"{place}.rank: {person.rank!r} is not one of {', '.join(roster.ranks)}")
        for identity in (person.id, *person.identities):
            name = _fold(identity)
            if not name:
                problems.append(f"{place}: an id or identity is empty")
            elif name in owners:
                problems.append(f"{place}: {identity!r} already names {owners[name]}; one name is one person")
            owners.setdefault(name, f"people entry {person.id!r}")
    return problems


def _fold(identity: str) -> str:
    return identity.strip().casefold()
