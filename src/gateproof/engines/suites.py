"""Cases of test suites that people have already: gator's ``suite.yaml``, Kyverno's ``kyverno-test.yaml``."""

from __future__ import annotations

import msgspec

from gateproof.engines.interface import Outcome


class SuiteCase(msgspec.Struct, frozen=True):
    """A case and how it came out.

    ``suite`` is the file, ``name`` the case within it. PASS when what was found is what is expected, FAIL when not,
    ERROR when it could not be tried, SKIP when the suite says to leave it out.
    """

    suite: str
    name: str
    outcome: Outcome
    message: str = ""
