"""The policies of the pack leave a reviewer nothing to say."""

from __future__ import annotations

import pytest

from gateproof.adapters.policy_folders import find
from gateproof.catalog import pack
from gateproof.engines.linting import PolicyFiles, lint

NOW = "2026-11-23T05:00:00Z"
FOLDERS = find([str(pack.POLICIES)])


@pytest.mark.parametrize("files", FOLDERS, ids=lambda files: files.id)
def test_the_pack_is_clean(files: PolicyFiles) -> None:
    assert lint(files, now=NOW, known=pack.ids()) == ()
