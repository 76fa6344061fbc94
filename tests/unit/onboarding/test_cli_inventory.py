from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.onboarding.conftest import ALL, Command, write

from gateproof.onboarding.inventory import json_schema

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", sorted(ALL))
def test_text_of_each_repository(name: str, tmp_path: Path, command: Command) -> None:
    write(tmp_path / name, ALL[name])
    ran = command("inventory", str(tmp_path / name))
    assert ran.code == 0
    assert "Controls that touch deployments" in ran.out
    assert "hunter2" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 120


def test_json_is_what_the_schema_says(tmp_path: Path, command: Command) -> None:
    import jsonschema_rs

    for name, files in ALL.items():
        write(tmp_path / name, files)
        (tmp_path / name / ".git").mkdir()
    ran = command("inventory", str(tmp_path), "--format", "json")
    document = json.loads(ran.out)
    jsonschema_rs.validator_for(json.loads(json.dumps(json_schema()))).validate(document)
    names = [Path(each["name"]).name for each in document["repositories"]]
    assert names == ["application", "kubernetes", "terraform"]
    assert command("inventory", str(tmp_path), "--format", "json").out == ran.out


def test_several_repositories_are_put_together(tmp_path: Path, command: Command) -> None:
    for name, files in ALL.items():
        write(tmp_path / name, files)
    ran = command("inventory", *(str(tmp_path / name) for name in ALL))
    assert "3 repositories; in how many each control could be proved" in ran.out


def test_this_repository(command: Command) -> None:
    ran = command("inventory", str(ROOT), "--format", "json")
    (found,) = json.loads(ran.out)["repositories"]
    assert "examples/payments/gateproof.yaml" in found["configured"]
    assert "examples/payments/infra" in [module["path"] for module in found["terraform"] if module["root"]]


def test_the_published_schema_is_fresh() -> None:
    published = ROOT / "docs" / "reference" / "inventory.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == json.loads(json.dumps(json_schema()))


def test_no_such_folder(command: Command) -> None:
    ran = command("inventory", "nowhere")
    assert ran.error is not None
    assert ran.error.hint


def test_hostile_names_are_shown_harmlessly(tmp_path: Path, command: Command) -> None:
    write(tmp_path, {"\x1b[31m::error::x/main.tf": 'resource "\x1b]0;x" "y" {}\nresource "::set-output" "z" {}\n'})
    assert "\x1b" not in command("inventory", str(tmp_path)).out
    assert "\x1b" not in command("inventory", str(tmp_path), "--format", "json").out
