"""``kyverno jp query`` on expressions of which the unit tests say the values: they are Kyverno's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateproof.engines.kyverno.jmespath.values import equal

Peer = Callable[[str], str]
EXPRESSIONS = Path(__file__).parents[1] / "unit" / "engines" / "kyverno" / "expressions.json"


def asked(command: Sequence[str], expressions: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *expressions], capture_output=True, text=True, check=False)


def values(shown: str, expressions: Sequence[str]) -> list[Any]:
    """What stands below the heading of each expression."""
    found, decoder, at = [], json.JSONDecoder(), 0
    for expression in expressions:
        heading = f"# {expression}\n"
        assert shown.startswith(heading, at), (expression, shown[at : at + 80])
        value, at = decoder.raw_decode(shown, at + len(heading))
        found.append(value)
        at += len(shown[at:]) - len(shown[at:].lstrip("\n"))
    return found


def test_the_same_values(peer: Peer, tmp_path: Path) -> None:
    known = json.loads(EXPRESSIONS.read_text(encoding="utf-8"))
    document = tmp_path / "document.json"
    document.write_text(json.dumps(known["document"]), encoding="utf-8")
    command = [peer("kyverno"), "jp", "query", "-i", str(document)]
    assert [one for one in known["without"] if asked(command, [one]).returncode == 0] == []
    done = asked(command, list(known["values"]))
    assert done.returncode == 0, (done.stdout[-500:], done.stderr)
    pairs = zip(known["values"].items(), values(done.stdout, list(known["values"])), strict=True)
    assert {one: (ours, theirs) for (one, ours), theirs in pairs if not equal(ours, theirs)} == {}
