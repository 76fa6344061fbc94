"""Coverage → one HTML page that needs nothing else: a matrix for each framework; no script, no network, prints well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateproof.catalog.coverage import Concern, Matrix, State
from gateproof.catalog.scales import Layer
from gateproof.render.untrusted import plain


def render(concerns: Sequence[Concern], matrices: Sequence[Matrix], policies: Sequence[str]) -> str:
    """The page. Jinja escapes every value; ``plain`` takes out what is not text first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gateproof.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    template = environment.get_template("coverage.html.j2")
    return template.render(concerns=concerns, matrices=matrices, policies=policies, layers=[*Layer], states=State)


def _finalize(value: Any) -> Any:
    # Enumerations, too, are strings; markup that is escaped already and numbers pass.
    from markupsafe import Markup

    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
