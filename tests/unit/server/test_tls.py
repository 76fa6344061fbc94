"""The certificate: that of the files, and how long it is good for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.server.certificates import write_certificate

from gateproof.errors import ConfigError
from gateproof.server import tls

START = datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_how_long_it_is_good_for(tmp_path: Path) -> None:
    loaded = tls.load(*write_certificate(tmp_path, begins=START, hours=1), None)
    assert "not valid before 2026-11-23T05:00:00Z" in loaded.problem(START - timedelta(seconds=1))
    assert loaded.problem(START) == ""
    assert loaded.problem(START + timedelta(minutes=59)) == ""
    assert "expired at 2026-11-23T06:00:00Z" in loaded.problem(START + timedelta(hours=1))


@pytest.mark.parametrize("wrong", ["certificate", "key", "another's key", "missing", "authority"])
def test_files_that_do_not_fit(tmp_path: Path, wrong: str) -> None:
    certificate, key = write_certificate(tmp_path)
    authority: Path | None = None
    match wrong:
        case "certificate":
            certificate.write_text("no certificate")
        case "key":
            key.write_text("no key")
        case "another's key":
            (tmp_path / "other").mkdir()
            key = write_certificate(tmp_path / "other")[1]
        case "missing":
            key.unlink()
        case "authority":
            authority = tmp_path / "ca"
            authority.write_text("no certificate")
    with pytest.raises(ConfigError) as caught:
        tls.load(certificate, key, authority)
    assert caught.value.hint
