"""What rules and functions use of each other: which comes first, and which lead back to themselves."""

from __future__ import annotations

from collections.abc import Iterator

from gateproof.rego.index import Group, Path
from gateproof.rego.syntax import Module


def recursive(groups: list[Group]) -> Iterator[tuple[Module, int, Path]]:
    """Each use that leads back to where it came from: its place, and what is used."""
    done: dict[Group, bool] = {}
    for start in groups:
        stack = [(start, iter(start.uses.items()))] if start not in done else []
        done.setdefault(start, False)
        while stack:
            group, rest = stack[-1]
            for other, (module, at) in rest:
                if other not in done:
                    done[other] = False
                    stack.append((other, iter(other.uses.items())))
                    break
                if not done[other]:
                    yield module, at, other.path
            else:
                done[group] = True
                stack.pop()


def dependencies_first(groups: list[Group]) -> Iterator[Group]:
    """All groups, each after those that it uses (where rules are recursive, in some order)."""
    seen: set[Group] = set()
    for start in groups:
        stack = [(start, iter(start.uses))] if start not in seen else []
        seen.add(start)
        while stack:
            group, rest = stack[-1]
            other = next((other for other in rest if other not in seen), None)
            if other is None:
                stack.pop()
                yield group
            else:
                seen.add(other)
                stack.append((other, iter(other.uses)))
