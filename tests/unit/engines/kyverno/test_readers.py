"""References to images, versions and their ranges, quantities and durations that are computed with."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gateproof.engines.kyverno import measures, references, versions
from gateproof.engines.kyverno.images import ImageError, images_of, parse_image
from gateproof.engines.kyverno.measures import Quantity

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "registry", "path", "tag", "digest"),
    [
        ("nginx", "docker.io", "nginx", "latest", ""),
        ("nginx:1", "docker.io", "nginx", "1", ""),
        ("library/nginx", "docker.io", "library/nginx", "latest", ""),
        ("ghcr.io/a/b:2", "ghcr.io", "a/b", "2", ""),
        ("localhost/a", "localhost", "a", "latest", ""),
        ("localhost:5000/a/b", "localhost:5000", "a/b", "latest", ""),
        (f"quay.io/a@{DIGEST}", "quay.io", "a", "", DIGEST),
        (f"a:1@{DIGEST}", "docker.io", "a", "1", DIGEST),
        ("[::1]:5000/a", "[::1]:5000", "a", "latest", ""),
        ("A/b", "A", "b", "latest", ""),
    ],
)
def test_references_to_images(text: str, registry: str, path: str, tag: str, digest: str) -> None:
    image = parse_image(text)
    assert (image.registry, image.path, image.tag, image.digest) == (registry, path, tag, digest)
    assert image.name == path.rpartition("/")[2]
    assert image.reference == (f"{registry}/{path}@{digest}" if digest else f"{registry}/{path}:{tag}")


@pytest.mark.parametrize(
    "text", ["", ":", "a:", "a b", "a@sha256:12", "a//b", "-a", "a" * 2000, "docker.io/" + "a" * 300]
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(ImageError):
        parse_image(text)


def test_images_of_objects() -> None:
    containers = [{"name": "a", "image": "x"}, {"name": "b"}]
    job = {"spec": {"template": {"spec": {"containers": containers}}}}
    found = images_of({"kind": "CronJob", "spec": {"jobTemplate": job}})
    assert list(found) == ["containers"]
    assert found["containers"]["a"]["jsonPointer"] == "/spec/jobTemplate/spec/template/spec/containers/0/image"
    assert list(found["containers"]) == ["a"]
    assert images_of({"kind": "Service", "spec": {"containers": containers}}) == {}
    for spec in ({"containers": 1}, {"containers": [1]}, {"containers": [{"image": "x"}]}, 1):
        with pytest.raises(ImageError):
            images_of({"kind": "Pod", "spec": spec})


@pytest.mark.parametrize(
    ("wanted", "version", "inside"),
    [
        (">=1.2.0 <2.0.0", "1.9.9", True),
        (">=1.2.0 <2.0.0", "2.0.0", False),
        (">= 1.2.0", "1.2.0", True),
        ("1.2.x", "1.2.9", True),
        ("1.2.x", "1.3.0", False),
        ("1.x", "1.9.0", True),
        (">1.2.x", "1.2.9", False),
        (">1.2.x", "1.3.0", True),
        ("<=1.x", "1.9.9", True),
        ("<1.2.x", "1.2.0", False),
        ("!=1.2.x", "1.2.5", False),
        ("!1.2.3", "1.2.4", True),
        ("<1.0.0 || >=2.0.0", "2.1.0", True),
        ("1.0.0", "1.0.0+build", True),
        ("<1.0.0", "1.0.0-rc.1", True),
        (">1.0.0-rc.2", "1.0.0-rc.10", True),
        (">1.0.0-alpha", "1.0.0-1", False),
    ],
)
def test_ranges_of_versions(wanted: str, version: str, inside: bool) -> None:
    found = versions.parse(version)
    assert found is not None
    assert versions.parse_range(wanted).holds(found) is inside


@pytest.mark.parametrize("text", ["", "v1.2.3", "1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3 ", "1" * 300])
def test_what_is_no_version(text: str) -> None:
    assert versions.parse(text) is None


@pytest.mark.parametrize("text", ["", "||", "1.0.0 ||", "latest", "=>1.0.0", ">", ">=1.2", "1.0.0 " * 100])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="range"):
        versions.parse_range(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("1000", "1k"),
        ("1500m", "1500m"),
        ("1.5", "1500m"),
        ("1024", "1024"),
        ("1Ki", "1Ki"),
        ("1023Ki", "1023Ki"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("-2Gi", "-2Gi"),
        ("1e3", "1e3"),
        ("12e5", "1200e3"),
        ("100n", "100n"),
        ("5E", "5E"),
    ],
)
def test_quantities_as_kubernetes_writes_them(text: str, canonical: str) -> None:
    quantity = Quantity.parse(text)
    assert quantity is not None
    assert quantity.text() == canonical


def test_a_quantity_that_has_no_text() -> None:
    quantity = Quantity.parse("1n")
    assert quantity is not None
    assert Quantity(quantity.value / 10, 10, quantity.form).text() is None
    assert Quantity(Fraction(10**30), 0, quantity.form).text() == "1000000000000E"


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5µs"),
        (250_000_000, "250ms"),
        (1_500_000_000, "1.5s"),
        (90 * 10**9, "1m30s"),
        (-3_600 * 10**9, "-1h0m0s"),
        (86_400 * 10**9 + 1, "24h0m0.000000001s"),
    ],
)
def test_durations_as_go_writes_them(nanoseconds: int, text: str) -> None:
    assert measures.duration_text(nanoseconds) == text
    assert measures.duration(text) == nanoseconds


def test_references_in_long_texts_are_refused() -> None:
    with pytest.raises(references.UnresolvedError):
        references.replace({"a": "$(" * 50_000})
    assert references.replace({"a": ["x", {"b": "$(./../../0)y"}]}) == {"a": ["x", {"b": "xy"}]}
    assert references.replace({"a": 5, "b": "$(<=./../a)"}) == {"a": 5, "b": "<=5"}
