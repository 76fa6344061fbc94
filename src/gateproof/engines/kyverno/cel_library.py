"""What Kyverno's CEL has that an API server's has not."""

from __future__ import annotations

from typing import Any

from gateproof import cel


def _or_value(found: Any, default: Any) -> Any:
    """``x.orValue(y)`` also where ``x`` is no optional: then it is ``x``."""
    if type(found) is cel.Optional:
        return found.value if found.present else default
    return found


COMPATIBLE = {"orValue": cel.Function(_or_value, (2,))}
"""In every expression."""
