"""Values → YAML that every reader takes for the same values, a cluster's among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9./_-]+")
_TEXT = "tag:yaml.org,2002:str"


def write(value: Any) -> str:
    """One document for ``value`` (JSON values), keys in their order.

    Every text that any version of YAML could take for something else is quoted; texts of several lines are blocks.
    """
    import yaml

    written: str = yaml.dump(value, Dumper=_dumper(), sort_keys=False, width=1_000_000, allow_unicode=True)
    return written


def write_stream(values: Iterable[Any]) -> str:
    """A document for each of ``values``."""
    return "---\n".join(map(write, values))


@cache
def _dumper() -> type[yaml.SafeDumper]:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        style = "|" if "\n" in data else None if _PLAIN.fullmatch(data) else '"'
        return dumper.represent_scalar(_TEXT, str(data), style=style)

    Dumper.add_representer(str, text)
    Dumper.add_multi_representer(str, text)  # members of enumerations
    return Dumper
