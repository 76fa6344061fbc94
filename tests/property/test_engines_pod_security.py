"""The Pod Security Standards on Pods of any shape: no other error, and every level has all of the one below."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.engines.kyverno.pod_security import Exclusion, PodSecurity, violations
from gateproof.engines.kyverno.scalars import UndecidableError
from gateproof.engines.pod_security import CHECKS, Level, MalformedPodError, Pod, evaluate

KEYS = (
    *("securityContext", "containers", "initContainers", "volumes", "hostPath", "path", "name", "hostPID", "hostUsers"),
    *("capabilities", "add", "drop", "runAsUser", "runAsNonRoot", "seccompProfile", "type", "sysctls", "ports", "os"),
    *("hostPort", "privileged", "procMount", "seLinuxOptions", "user", "windowsOptions", "hostProcess", "image"),
    *("allowPrivilegeEscalation", "appArmorProfile", "livenessProbe", "httpGet", "host", "lifecycle", "preStop"),
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "ALL", "RuntimeDefault", "windows", "a"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=30,
)
ANNOTATIONS = st.dictionaries(
    st.sampled_from(["container.apparmor.security.beta.kubernetes.io/a", "seccomp.security.alpha.kubernetes.io/pod"]),
    st.sampled_from(["", "unconfined", "runtime/default"]),
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "allowPrivilegeEscalation": st.booleans(),
        "capabilities": st.fixed_dictionaries(
            {}, optional={part: st.lists(st.sampled_from(["ALL", "CHOWN", "SYS_ADMIN"])) for part in ("add", "drop")}
        ),
        "privileged": st.booleans(),
        "procMount": st.sampled_from(["Default", "Unmasked"]),
        "runAsNonRoot": st.booleans(),
        "runAsUser": st.integers(0, 1),
        "seccompProfile": st.fixed_dictionaries({"type": st.sampled_from(["RuntimeDefault", "Unconfined"])}),
    },
)
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abc"), "image": st.sampled_from("xy")}, optional={"securityContext": CONTEXTS}
    ),
    max_size=3,
)
SPECS = st.fixed_dictionaries(
    {"containers": CONTAINERS},
    optional={
        "hostPID": st.booleans(),
        "hostUsers": st.booleans(),
        "initContainers": CONTAINERS,
        "securityContext": CONTEXTS.map(
            lambda one: {key: one[key] for key in ("runAsNonRoot", "runAsUser", "seccompProfile") if key in one}
        ),
    },
)
MINORS = st.integers(0, 40)


@given(spec=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8), minor=MINORS)
def test_a_pod_of_any_shape_is_judged_or_malformed(spec: dict[str, Any], minor: int) -> None:
    try:
        found = evaluate(Pod.of(None, spec), Level.RESTRICTED, minor)
    except MalformedPodError:
        return
    for violation in found:
        assert violation.reason
        assert all(field.shown.startswith("spec.") for field in violation.fields)


@given(spec=SPECS, annotations=ANNOTATIONS, minor=MINORS)
def test_restricted_has_all_of_baseline(spec: dict[str, Any], annotations: dict[str, str], minor: int) -> None:
    pod = Pod.of({"annotations": annotations}, spec)
    baseline = {one.check for one in evaluate(pod, Level.BASELINE, minor)}
    restricted = {one.check for one in evaluate(pod, Level.RESTRICTED, minor)}
    instead = {
        replaced: check.id
        for check in CHECKS
        for revision in check.revisions
        if revision.since <= minor
        for replaced in revision.replaces
    }
    assert all(check in restricted or instead.get(check) in restricted for check in baseline)


@given(spec=SPECS, minor=st.integers(19, 40))
def test_what_a_cluster_turns_down_kyverno_does_too(spec: dict[str, Any], minor: int) -> None:
    pod = Pod.of(None, spec)
    for level in (Level.BASELINE, Level.RESTRICTED):
        if evaluate(pod, level, minor):
            assert violations(PodSecurity(level, f"v1.{minor}"), "Pod", {"kind": "Pod", "spec": spec})


@given(
    spec=SPECS,
    control=st.sampled_from(["Capabilities", "Seccomp", "Running as Non-root", "Running as Non-root user"]),
    images=st.lists(st.sampled_from(["x", "y", "*"]), min_size=1, max_size=2),
)
def test_an_exclusion_takes_nothing_away_but_its_own_control(
    spec: dict[str, Any], control: str, images: list[str]
) -> None:
    value = {"kind": "Pod", "spec": spec}
    plain = {one.check: one.fields for one in violations(PodSecurity(Level.RESTRICTED), "Pod", value)}
    exempt = [Exclusion(control=control, images=tuple(images))]
    left = {one.check: one.fields for one in violations(PodSecurity(Level.RESTRICTED), "Pod", value, exempt)}
    assert left.keys() <= plain.keys()
    for check, fields in left.items():
        assert set(fields) <= set(plain[check])
    own = {"Capabilities": "capabilities", "Seccomp": "seccompProfile", "Running as Non-root": "runAsNonRoot"}
    prefix = own.get(control, "runAsUser")
    assert all(left.get(check) == fields for check, fields in plain.items() if not check.startswith(prefix))


@given(value=st.dictionaries(st.sampled_from([*KEYS, "spec", "metadata", "annotations"]), VALUES, max_size=4))
def test_kyvernos_check_gives_violations_or_says_that_it_cannot(value: dict[str, Any]) -> None:
    for kind in ("Pod", "Deployment", "CronJob", "Service"):
        try:
            found = violations(PodSecurity(Level.RESTRICTED), kind, {**value, "kind": kind})
        except UndecidableError:
            continue
        assert kind != "Service"
        assert all(one.check for one in found)
