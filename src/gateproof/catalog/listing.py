"""Policies as a team has them: which there are, where they are from, which judge, and what was changed about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from gateproof.catalog.overlays import Overlay
from gateproof.catalog.policy import InputKind, Policy

PACK = "pack"
"""Where the built-in policies are from."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that is at hand.

    ``written`` is the policy as it stands at its ``origin`` (``pack``, a path, or ``ref:path``), ``policy`` as it
    judges here. ``off`` says why it does not; it is empty where it does. ``asserted``: the change itself names it.
    """

    written: Policy
    policy: Policy
    origin: str
    off: str = ""
    asserted: bool = False
    overlay: Overlay | None = None

    @property
    def enabled(self) -> bool:
        """Whether it judges."""
        return not self.off

    @property
    def parameters(self) -> tuple[tuple[str, object, str], ...]:
        """Each parameter with its value and where that is from: ``policy``, ``overlay`` or ``gateproof.yaml``."""
        found = []
        for name, value in sorted(self.policy.parameters.items()):
            source = "policy" if self.written.parameters.get(name) == value else "gateproof.yaml"
            found.append((name, value, "overlay" if self.overlay and name in self.overlay.parameters else source))
        return tuple(found)


def matching(
    listed: Iterable[Listed], *, controls: Collection[str] = (), kinds: Collection[InputKind] = ()
) -> tuple[Listed, ...]:
    """Those that cite any of ``controls`` and judge any of ``kinds``; what is empty excludes nothing."""
    return tuple(
        each
        for each in listed
        if (not controls or set(controls) & set(each.policy.controls))
        and (not kinds or not each.policy.kinds or set(kinds) & set(each.policy.kinds))
    )
