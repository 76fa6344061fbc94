"""Where a request goes: settings, then the Namespace's labels, else the strictest; the object itself only tightens."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.server.reviews import DIGEST, namespace, pod, request

from gateproof.inputs.context import Context, Fact
from gateproof.server.placement import Namespaces, Placement, by_name
from gateproof.settings import Settings
from gateproof.settings.schema import Admission, NamespaceRow
from gateproof.testing import NOW

LENIENT = {"environment": "dev", "tier": "3", "data_classification": "public"}
STRICTEST = ("prod", "1", "restricted")


def _context(
    judged: dict[str, Any] | None = None, known: Fact | None = None, now: str = NOW, **settings: Any
) -> Context:
    made = judged or pod()
    said = msgspec.convert(msgspec.to_builtins(settings), Settings)
    return Placement(said, "gateproof.yaml", DIGEST).context(request(made), made, known, now)


def _scales(context: Context) -> tuple[str, str, str]:
    return context.environment.value, context.tier.value, context.data_classification.value


def _known(**labels: str) -> Fact:
    fact = Namespaces(by_name([namespace("shop", **labels)]), "a test", NOW).fact("shop")
    assert fact is not None
    return fact


def _rows(**said: str) -> Admission:
    return Admission(namespaces=(msgspec.convert({"names": ["shop"], **said}, NamespaceRow),))


def test_nothing_known_is_strictest() -> None:
    assert _scales(_context()) == STRICTEST


def test_labels_of_the_namespace() -> None:
    context = _context(known=_known(**LENIENT, service="cart"))
    assert _scales(context) == ("dev", "3", "public")
    assert context.service == "cart"
    assert all(claim.protected and claim.digest for claim in context.claims)


@pytest.mark.parametrize("label", ["", "development", "DEV ", "9"])
def test_a_label_that_is_no_word_of_its_scale(label: str) -> None:
    assert _context(known=_known(environment=label)).environment == ("dev" if label.strip() == "DEV" else "prod")


def test_settings_come_before_labels() -> None:
    known = _known(environment="prod", tier="1", data_classification="restricted")
    assert _scales(_context(known=known, admission=_rows(**LENIENT))) == ("dev", "3", "public")
    only_tier = _context(known=_known(**LENIENT), admission=_rows(tier="2"))
    assert _scales(only_tier) == ("dev", "2", "public")


def test_the_files_own_values_are_the_least_strict_that_labels_may_say() -> None:
    context = _context(known=_known(**LENIENT), environment="staging", tier="2")
    assert _scales(context) == ("staging", "2", "public")


def test_what_stands_in_no_namespace_goes_by_the_file() -> None:
    made = namespace("shop")
    made["kind"] = "ClusterRole"
    assert _scales(_context(made)) == STRICTEST
    assert _scales(_context(made, environment="dev", tier="3", data_classification="public")) == tuple(LENIENT.values())


def test_labels_that_are_too_old_do_not_count() -> None:
    assert _scales(_context(known=_known(**LENIENT), now="2026-11-23T05:05:00Z")) == ("dev", "3", "public")
    assert _scales(_context(known=_known(**LENIENT), now="2026-11-23T05:05:01Z")) == STRICTEST


def test_the_object_only_tightens() -> None:
    loose = _context(pod(**LENIENT))
    assert _scales(loose) == STRICTEST
    assert [claim.used for claim in loose.claims] == [False, False, False]
    tight = _context(pod(tier="1"), known=_known(**LENIENT))
    assert _scales(tight) == ("dev", "1", "public")
    assert [claim.used for claim in tight.claims if not claim.protected] == [True]


@pytest.mark.parametrize(("pattern", "matches"), [("sh*", True), ("shop", True), ("s?op", False), ("[s]hop", False)])
def test_patterns_of_names_know_the_asterisk_alone(pattern: str, matches: bool) -> None:
    row = NamespaceRow(names=(pattern,), service="cart")
    assert _context(admission=Admission(namespaces=(row,))).service == ("cart" if matches else "")


def test_labels_of_other_types_say_nothing() -> None:
    judged = pod()
    judged["metadata"]["labels"] = ["tier"]
    assert _scales(_context(judged)) == STRICTEST


def test_only_namespaces_are_namespaces() -> None:
    made = namespace("shop", tier="3")
    made["metadata"]["resourceVersion"] = "17"
    found = by_name([made, pod(), "shop", {"kind": "Namespace"}, {"kind": "Namespace", "metadata": {"name": 1}}])
    assert list(found) == ["shop"]
    assert "resourceVersion" not in found["shop"]["metadata"]
