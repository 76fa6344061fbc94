"""What linting takes and gives: the folder of a policy, and problems with their places."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from gateproof.catalog.policy import Policy
from gateproof.engines.samples import Sample

MAIN = "policy.rego"


class Level(StrEnum):
    """How bad a problem is: an error is wrong, a warning is what a reviewer would ask about."""

    WARNING = "warning"
    ERROR = "error"


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something that a reviewer would say, of a line of a file (0: of all of it). ``code`` names the check."""

    file: str
    line: int
    level: Level
    code: str
    message: str


class PolicyFiles(msgspec.Struct, frozen=True):
    """The folder of a policy as it was read.

    ``name`` is how the folder was named, ``id`` its own name. ``rego`` are its files by name, tests among them;
    ``readme`` is None where there is none. ``before`` is the policy as it stood at the base, if that is asked for.
    """

    name: str
    id: str
    rego: dict[str, str]
    readme: str | None = None
    samples: tuple[Sample, ...] = ()
    before: Policy | None = None
    compared: bool = False

    def path(self, file: str) -> str:
        """A file of the folder as people name it."""
        return f"{self.name}/{file}" if self.name not in ("", ".") else file

    @property
    def sources(self) -> dict[str, str]:
        """Its Rego as ``catalog.pack.load`` takes it."""
        return {f"{self.id}/{name}": text for name, text in self.rego.items()}

    def line(self, pattern: str, file: str = MAIN) -> int:
        """The first line of a file that begins with ``pattern`` (a regular expression), or 1."""
        lines = self.rego.get(file, "").split("\n")
        return next((number for number, line in enumerate(lines, 1) if re.match(pattern, line)), 1)


def own_files(policy: Policy) -> list[tuple[str, str]]:
    """Names and texts of the policy's own Rego, without the library that it uses."""
    return [(source.name, source.text) for source in policy.sources if not source.name.startswith("lib/")]
