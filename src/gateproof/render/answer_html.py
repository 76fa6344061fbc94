"""Answer → one HTML page that needs nothing else: no script, no network, prints well."""

from __future__ import annotations

from typing import Any

from gateproof.answers.answer import Answer
from gateproof.engines.interface import Outcome
from gateproof.render.untrusted import plain


def render(answer: Answer) -> str:
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
    environment.filters["source"] = _source
    return environment.get_template("answer.html.j2").render(answer=answer, outcomes=list(Outcome))


def _finalize(value: Any) -> Any:
    # Markup (already escaped by us) and numbers pass; every other string loses its controls.
    return plain(value, 100_000) if type(value) is str else value


def _source(text: str) -> Any:
    from markupsafe import Markup, escape

    return Markup("\n").join(escape(plain(line, 10_000)) for line in text.rstrip("\n").split("\n"))
