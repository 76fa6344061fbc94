"""The types of Rego's builtins, from OPA's list of them: ``opa capabilities --current | tools/declarations.py 1.19.0``.

Writes `src/gateproof/rego/declarations.py`. The list is OPA's public interface for other tools; only facts of it are
kept: names, and types of operands and results.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/gateproof/rego/declarations.py"
HEAD = '''"""The types of the operands and the result of each builtin, as OPA {version} declares them.

Written by `tools/declarations.py` from `opa capabilities`; :mod:`gateproof.rego.type_notation` reads them.
"""

# ruff: noqa: E501 - one builtin, one line
from __future__ import annotations

DECLARATIONS: dict[str, str] = {{
'''


def spelled(type_: dict[str, Any]) -> str:
    """A type as OPA's messages write it."""
    kind: str = type_["type"]
    fixed: list[str] = []
    more = ""
    if kind == "array":
        fixed = [spelled(item) for item in type_.get("static", [])]
        more = spelled(type_["dynamic"]) if type_.get("dynamic") else ""
    elif kind == "object":
        fixed = [f"{member['key']}: {spelled(member['value'])}" for member in type_.get("static", [])]
        dynamic = type_.get("dynamic")
        more = f"{spelled(dynamic['key'])}: {spelled(dynamic['value'])}" if dynamic else ""
    elif kind == "set":
        more = spelled(type_["of"])
    elif kind == "any":
        fixed = [spelled(one) for one in type_.get("of", [])]
    return kind + (f"<{', '.join(fixed)}>" if fixed else "") + (f"[{more}]" if more else "")


def main() -> None:
    """Read the capabilities from standard input and write the module."""
    version = sys.argv[1]
    lines = []
    for builtin in json.load(sys.stdin)["builtins"]:
        declared = builtin["decl"]
        if "variadic" in declared:
            continue
        operands = ", ".join(spelled(one) for one in declared.get("args", []))
        result = spelled(declared["result"]) if declared.get("result") else "void"
        lines.append(f'    "{builtin["name"]}": "({operands}) => {result}",\n')
    TARGET.write_text(HEAD.format(version=version) + "".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
