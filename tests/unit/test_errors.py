"""The error tree is the one that is drawn, and what an error says is whole."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from gateproof import errors
from gateproof.errors import (
    ConfigError,
    DocumentError,
    GateproofError,
    MissingExtraError,
    PolicyError,
    TrustError,
    placed,
)
from gateproof.rego import errors as rego_errors

SOURCE = Path(errors.__file__).parent
HINTED_ELSEWHERE = {
    "log/merkle.py": "who asks for a proof knows what it is of, and places the error",
    "log/note.py": "the same for signed notes",
    "log/checkpoint.py": "the same for checkpoints",
    "log/fsck.py": "listed as a problem of a file",
    "engines/gatekeeper/": "becomes the reason of a result, or of a case of a suite that fails",
    "engines/rego.py": "becomes the reason of a result",
    "cel/": "has cel-go's words, and the hint of its class where it gives none",
    "rego/": "becomes the reason of a result, or has OPA's words",
    "inputs/detect.py": "translated by the function that raises it",
    "documents/canonical.py": "for values that no reader gives",
    "testing/": "for tests",
}
_NODE = re.compile(r"^(?P<indent>[ │]*)(?:[├└]── )?(?P<name>[A-Z]\w+)")


def drawn(module: ModuleType) -> dict[str, str]:
    """Each class of the tree in a module's docstring, and the class that it hangs on."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (module.__doc__ or "").splitlines():
        node = _NODE.match(line)
        if node is None or ("──" not in line and not line.strip().isalpha()):
            continue
        depth = len(node["indent"]) + ("──" in line)
        above = [(level, name) for level, name in above if level < depth]
        parents[node["name"]] = above[-1][1] if above else ""
        above.append((depth, node["name"]))
    return parents


@pytest.mark.parametrize("module", [errors, rego_errors], ids=lambda module: str(module.__name__))
def test_the_tree_is_exactly_the_classes_that_exist(module: ModuleType) -> None:
    classes = [each for _, each in inspect.getmembers(module, inspect.isclass) if issubclass(each, GateproofError)]
    parents = {each.__name__: each.__base__.__name__ if each.__base__ else "" for each in classes}
    tree = drawn(module)
    assert {name: parent for name, parent in tree.items() if parent} == {
        name: parent for name, parent in parents.items() if parent in tree
    }
    assert tree.keys() == parents.keys()


def test_an_error_says_where_and_everything_that_is_wrong() -> None:
    error = ConfigError("2 problems", where="gateproof.yaml", problems=["line 1: a", "line 2: b"], hint="correct them")
    assert str(error) == "gateproof.yaml: 2 problems\n  line 1: a\n  line 2: b"
    assert error.one_line == "gateproof.yaml: 2 problems; line 1: a; line 2: b"
    assert PolicyError("it does not load:", problems=["a"]).one_line == "it does not load; a"
    assert str(DocumentError("no", where="x.json", line=2, column=3)) == "x.json: line 2, column 3: no"


def test_an_error_can_be_placed_by_who_knows_the_file() -> None:
    with pytest.raises(TrustError) as caught, placed("trust.json"):
        raise TrustError("expired", where="sha256:0", hint="sign it again", problems=["one"])
    assert (str(caught.value), caught.value.hint) == ("trust.json: expired\n  one", "sign it again")


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    assert MissingExtraError("python-hcl2", "hcl").hint == 'pip install "gateproof[hcl]"'


def without_hint(path: Path) -> Iterator[str]:
    """Errors of the tree that a module makes without the next step."""
    classes = drawn(errors).keys() - {"MissingExtraError"}
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    for call in calls:
        said = {keyword.arg for keyword in call.keywords}
        if isinstance(call.func, ast.Name) and call.func.id in classes and "hint" not in said:
            yield f"{path.relative_to(SOURCE)}:{call.lineno}"


def test_every_error_that_people_see_says_what_to_do_next() -> None:
    found = [place for path in sorted(SOURCE.rglob("*.py")) for place in without_hint(path)]
    assert [place for place in found if not place.startswith(tuple(HINTED_ELSEWHERE))] == []
    assert [place for place in HINTED_ELSEWHERE if not any(each.startswith(place) for each in found)] == []
