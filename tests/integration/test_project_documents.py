"""Documents that could lie: generated parts are fresh, commands in guides run, links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateproof.settings.reading import read_settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import docs  # noqa: E402 - the tools folder is no package that is installed

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/gateproof/policies/*/README.md")])
_RUN = re.compile(r"<!-- run(?P<where>[^>]*) -->\n```sh\n(?P<commands>.*?)```", re.DOTALL)
_SETTINGS = re.compile(r"```yaml\n(version: 1\n.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_generated_documents_are_fresh() -> None:
    stale = [path.name for path, text in docs.generate().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make docs`"


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if _RUN.search(d.read_text())], ids=lambda path: path.name)
def test_commands_in_documents_run(document: Path, tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "gateproof"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gateproof "$@"\n')
    shim.chmod(0o755)
    folder = tmp_path / "work"
    folder.mkdir()
    foreign = ("GATEPROOF_", "GITHUB_", "GITLAB_", "GIT_", "CI")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    environment |= {
        "PATH": f"{shim.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "EXAMPLES": str(ROOT / "examples"),
        "GATEPROOF_STATE": str(tmp_path / "state"),
        "GATEPROOF_KEY_PASSWORD": "from your secret store",
    }
    for where, script in _scripts(document):
        commands = ["sh", "-eu", "-c", script]
        place = folder if where else ROOT
        done = subprocess.run(commands, cwd=place, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def _scripts(document: Path) -> list[tuple[str, str]]:
    """The commands to run, each with its place: empty for the repository, else a new folder.

    ``run after other.md`` goes on in the folder where the commands of the other document were run.
    """
    found = [(block["where"].strip(), block["commands"]) for block in _RUN.finditer(document.read_text("utf-8"))]
    before = {where.removeprefix("after ") for where, _ in found if where.startswith("after ")}
    return [one for name in sorted(before) for one in _scripts(document.parent / name) if one[0]] + found


@pytest.mark.parametrize(
    ("document", "text"),
    [(path, text) for path in DOCUMENTS for text in _SETTINGS.findall(path.read_text("utf-8"))],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_settings_in_documents_are_read(document: Path, text: str) -> None:
    read_settings(text.encode(), document.name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_nothing_names_a_registry_or_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.split(b"\0")
    if not any(tracked):
        pytest.skip("this is no git checkout")
    # Spelled in parts, so that this file does not find itself.
    hosts = [("files", "pythonhosted"), ("pypi", "org"), ("registry", "npmjs", "org"), ("proxy", "golang", "org")]
    places = [("", "work", "main"), ("", "root", "")]
    spelled = [".".join(host) for host in hosts] + ["/".join(place) for place in places]
    unwanted = re.compile("|".join(map(re.escape, spelled)).encode())
    found = {}
    for name in filter(None, tracked):
        path = ROOT / name.decode()
        if path.is_file() and (match := unwanted.search(path.read_bytes())):
            found[name.decode()] = match[0]
    assert found == {}
