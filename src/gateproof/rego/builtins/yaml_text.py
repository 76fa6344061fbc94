"""YAML: read as a cluster reads it (:mod:`gateproof.documents`), written as Go's sigs.k8s.io/yaml writes it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from gateproof.errors import DocumentError, EvaluationError, LimitError
from gateproof.rego.builtins.numerals import number_text
from gateproof.rego.builtins.operands import fail, string
from gateproof.rego.builtins.quoting import encode_utf8, well_formed
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value, to_json

_TIMES_JSON = 12
"""So much slower than writing JSON is writing YAML."""
_OTHER_TYPES = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
)
"""Dates and sexagesimal numbers, which older readers of YAML do not take for strings."""


def yaml_unmarshal(ctx: Context, text: Value) -> Value:
    """The first document of a YAML text."""
    ctx.spend(1 + 2 * len(string(text, 1)))
    return _read(text)


def yaml_is_valid(ctx: Context, text: Value) -> bool:
    if type(text) is not str:
        return False
    ctx.spend(1 + 2 * len(text))
    try:
        _read(text)
    except BuiltinError:
        return False
    return True


def _read(text: str) -> Value:
    from gateproof.documents import Format, read

    try:
        documents = read(encode_utf8(text), Format.YAML)
    except LimitError as error:
        raise EvaluationError(f"yaml: {error}", hint="decode smaller pieces") from None
    except DocumentError as error:
        raise fail(f"yaml: {error}") from None
    return documents[0].value if documents and documents[0].index == 0 else None


def yaml_marshal(ctx: Context, value: Value) -> str:
    """Block style, keys sorted; strings are quoted where they would be read as something else."""
    import yaml

    for _ in range(_TIMES_JSON):
        charge_for(ctx, value)
    text: str = yaml.dump(
        to_json(value),
        Dumper=_dumper(),
        default_flow_style=False,
        allow_unicode=True,
        width=float("inf"),
        sort_keys=False,
    )
    return text.removesuffix("...\n")


@lru_cache(maxsize=1)
def _dumper() -> Any:
    import yaml

    from gateproof.documents.yaml_scalars import resolve

    class Dumper(yaml.SafeDumper):
        """PyYAML with Go's choice of quotes, and without anchors for values that occur twice."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    def represent_string(dumper: Any, text: str) -> Any:
        text = well_formed(text)
        style = None
        if "\n" in text:
            style = "|"
        elif resolve(text) != text or _OTHER_TYPES.fullmatch(text):
            style = '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def represent_float(dumper: Any, number: float) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:float", number_text(number))

    Dumper.add_representer(str, represent_string)
    Dumper.add_representer(float, represent_float)
    # Go leaves "<<" and "=" as they are.
    Dumper.yaml_implicit_resolvers = {
        first: kinds for first, kinds in yaml.SafeDumper.yaml_implicit_resolvers.items() if first not in ("<", "=")
    }
    return Dumper
