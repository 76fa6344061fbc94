"""Policies from wherever somebody names them to compare them: a folder, a git ref, a bundle, the pack."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from gateproof.adapters import git
from gateproof.adapters.policies import read_ref, read_tree
from gateproof.catalog import pack
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.policy import Policy
from gateproof.errors import PolicyError, UsageError

_BUNDLES = (".tar.gz", ".tgz")
_MAX_BYTES = 64 * 1024 * 1024


def read_policies(place: str, catalog: Catalog | None = None) -> tuple[Policy, ...]:
    """The policies at ``place``: a folder or file of policies, ``REF:path`` in the repository here, the file of a
    policy bundle (.tar.gz), a bundle as evidence has it (.json), or ``pack``.

    ``catalog`` knows the controls that they may cite (default: those that are shipped). Raises UsageError, PolicyError.
    """
    if os.path.lexists(place):
        if place.endswith(_BUNDLES):
            return _policy_bundle(Path(place), catalog)
        return _recorded(Path(place)) if place.endswith(".json") else pack.load(read_tree(Path(place)), catalog)
    if place == "pack":
        return pack.builtin()
    ref, colon, path = place.partition(":")
    if not (ref and colon and path):
        hint = "name a folder, REF:path, a bundle, or pack"
        raise UsageError("there are no policies of this name", where=place, hint=hint)
    commit = git.resolve(Path.cwd(), ref)
    if commit is None:
        hint = "fetch it; short hashes and short names of tags do not count"
        raise UsageError(f"git knows no commit {ref[:80]!r} here", where=place, hint=hint)
    return pack.load(read_ref(Path.cwd() / os.path.normpath(path), commit), catalog)


def _policy_bundle(path: Path, catalog: Catalog | None) -> tuple[Policy, ...]:
    from gateproof.adapters.bundles import read_file
    from gateproof.catalog import policy_bundle

    return policy_bundle.decode(read_file(path).raw).with_canonical_controls(catalog).policies


def _recorded(path: Path) -> tuple[Policy, ...]:
    from gateproof.adapters.files import read
    from gateproof.catalog.bundle import Bundle

    try:
        return msgspec.json.decode(read(path, _MAX_BYTES), type=Bundle).policies
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise PolicyError(
            f"this is no bundle: {error}", where=str(path), hint="a bundle is what a decision names as `bundle`"
        ) from None
