"""What ``conftest test`` does, on this project's Rego: conftest's verdict, which is no Decision.

``documents`` reads configurations as conftest's parsers do, ``evaluation`` asks the rules about them. The semantics
are those of conftest 0.69 (https://www.conftest.dev); docs/guides/conftest.md lists what is refused instead.
"""

from gateproof.engines.conftest.evaluation import Checked, File, Location, Message, Policies, Query

__all__ = ["Checked", "File", "Location", "Message", "Policies", "Query"]
