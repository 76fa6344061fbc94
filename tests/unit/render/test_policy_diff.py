"""What a change of policies changes, for terminals and forges: nothing of an input is markup."""

from __future__ import annotations

import json

from gateproof.catalog.comparing import Difference
from gateproof.gate.comparing import Shift, State
from gateproof.render.policy_diff import SHOWN, PolicyDiff, as_markdown, text
from gateproof.render.policy_diff import json as as_json

HOSTILE = "a`b\x1b[31m](http://evil.example) @ann <img>"
SHIFTS = (
    Shift("plan.json", "p", HOSTILE, State.PASSED, State.BLOCKED, (HOSTILE,)),
    *(Shift("plan.json", "p", f"r{number}", State.BLOCKED, State.PASSED) for number in range(SHOWN + 2)),
)
DIFFERENCES = (
    Difference("p", "policy", None, HOSTILE),
    Difference("q", "controls", ["a", "b"], ["b", "c"]),
    Difference("q", "severity", "high", "low"),
    Difference("q", "version", None, "1.0.0"),
    Difference("q", "layers", ["a", "b"], ["b", "a"]),
)
DIFF = PolicyDiff("old\x1b", "new", DIFFERENCES, SHIFTS, 3)


def test_text() -> None:
    shown = text(DIFF)
    assert "\x1b" not in shown
    assert shown.startswith("old\\x1b → new\n")
    assert "  q: controls without a, with c\n" in shown
    assert "  q: layers in another order\n" in shown
    assert '  q: version (none) → "1.0.0"\n' in shown
    assert "… and 2 more" in shown
    assert shown.endswith(f"3 inputs: 1 newly blocked, {SHOWN + 2} newly passed\n")


def test_markdown() -> None:
    shown = as_markdown(DIFF)
    assert "\x1b" not in shown
    outside = "".join(part for number, part in enumerate(shown.split("`")) if number % 2 == 0)
    assert not set(outside) & set("<@[]")
    assert f"**newly passed: {SHOWN + 2}**" in shown


def test_json_has_everything() -> None:
    document = json.loads(as_json(DIFF))
    assert (len(document["shifts"]), document["counts"]["blocked"], document["inputs"]) == (SHOWN + 3, 1, 3)


def test_without_inputs_it_says_how_to_give_some() -> None:
    assert "--input PATH" in text(PolicyDiff("a", "b", (), (), 0))
    assert "the policies are the same" in as_markdown(PolicyDiff("a", "b", (), (), 0))
