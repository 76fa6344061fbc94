"""Answer → one HTML page that needs nothing else: no script, no network, prints well."""

from __future__ import annotations

from typing import Any

from gateproof.answers.answer import Answer
from gateproof.engines.interface import Outcome
from gateproof.gate.decision import Verdict
from gateproof.render.untrusted import block, plain


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
    environment.filters["block"] = _block
    return environment.get_template("answer.html.j2").render(answer=answer, outcomes=Outcome, verdicts=Verdict)


def _finalize(value: Any) -> Any:
    # Enumerations, too, are strings; markup that is escaped already and numbers pass.
    from markupsafe import Markup

    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Any:
    """Several lines, as ``pre`` shows them."""
    from markupsafe import Markup, escape

    return Markup("\n").join(map(escape, block(text)))
