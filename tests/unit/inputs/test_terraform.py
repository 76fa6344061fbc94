"""Resources of Terraform plans: what happens to each, what it refers to, where its module comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateproof import inputs
from gateproof.errors import LimitError


def bucket(address: str, *, actions: tuple[str, ...] = ("create",), **members: Any) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": "aws_s3_bucket",
        "name": "b",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": list(actions),
            "before": None,
            "after": None if set(actions) in ({"delete"}, {"forget"}) else {"acl": "private"},
            "after_unknown": {"id": True},
        },
        **members,
    }


def block(address: str, **members: Any) -> dict[str, Any]:
    """A public access block named ``p`` at ``address``."""
    return {**bucket(address), "type": "aws_s3_bucket_public_access_block", "name": "p", **members}


def views(*changes: dict[str, Any], **members: Any) -> list[dict[str, Any]]:
    subject = inputs.parse(json.dumps({"resource_changes": changes, **members}).encode())
    assert subject.problem == ""
    return [resource.view for resource in inputs.resources(subject)]


def configured(*references: str, attribute: Any = None, **members: Any) -> dict[str, Any]:
    """The configuration resource ``aws_s3_bucket_public_access_block.p`` that refers to something."""
    return {
        "address": "aws_s3_bucket_public_access_block.p",
        "expressions": attribute or {"bucket": {"references": list(references)}},
        **members,
    }


def test_the_view_holds_the_change() -> None:
    (view,) = views(bucket("module.m.aws_s3_bucket.b", module_address="module.m", previous_address="aws_s3_bucket.b"))
    assert view == {
        "address": "module.m.aws_s3_bucket.b",
        "previous_address": "aws_s3_bucket.b",
        "module_address": "module.m",
        "mode": "managed",
        "type": "aws_s3_bucket",
        "name": "b",
        "index": None,
        "deposed": None,
        "provider": "registry.terraform.io/hashicorp/aws",
        "actions": ["create"],
        "action": "create",
        "deleted": False,
        "before": None,
        "values": {"acl": "private"},
        "unknown": {"id": True},
        "sensitive": {},
        "references": {},
        "source": [],
        "configured": None,
        "provider_config": None,
    }


@pytest.mark.parametrize(
    ("actions", "action", "deleted"),
    [
        (["no-op"], "no-op", False),
        (["create"], "create", False),
        (["read"], "read", False),
        (["update"], "update", False),
        (["delete"], "delete", True),
        (["forget"], "forget", True),
        (["delete", "create"], "replace", False),
        (["create", "delete"], "replace", False),
        (["create", "forget"], "replace", False),
        (["something-new"], "something-new", False),
        ([], "create", False),
    ],
)
def test_actions_become_one_word(actions: list[str], action: str, deleted: bool) -> None:
    (view,) = views(bucket("aws_s3_bucket.b", actions=tuple(actions)))
    assert (view["actions"], view["action"], view["deleted"]) == (actions, action, deleted)


@pytest.mark.parametrize(
    ("address", "module", "mode", "kind", "name", "index"),
    [
        ("aws_s3_bucket.b", None, "managed", "aws_s3_bucket", "b", None),
        ("aws_s3_bucket.b[0]", None, "managed", "aws_s3_bucket", "b", 0),
        ('aws_s3_bucket.b["x.y"]', None, "managed", "aws_s3_bucket", "b", "x.y"),
        ("data.aws_s3_bucket.b", None, "data", "aws_s3_bucket", "b", None),
        ("module.m.aws_s3_bucket.b", "module.m", "managed", "aws_s3_bucket", "b", None),
        ('module.m["a].b\\""].module.n[1].data.t.b[2]', 'module.m["a].b\\""].module.n[1]', "data", "t", "b", 2),
        (r't.b["\x"]', None, "managed", "t", "b", r"\x"),
        (r't.b["\ud800"]', None, "managed", "t", "b", r"\ud800"),
        ('t.b["$${x}"]', None, "managed", "t", "b", "${x}"),
        ("nonsense", None, "managed", "", "", None),
        ("", None, "managed", "", "", None),
    ],
)
def test_a_plan_cut_by_hand_is_read_from_its_addresses(
    address: str, module: str | None, mode: str, kind: str, name: str, index: int | str | None
) -> None:
    (view,) = views({"address": address, "change": {"after": {}}})
    assert (view["module_address"], view["mode"], view["type"], view["name"], view["index"]) == (
        module,
        mode,
        kind,
        name,
        index,
    )
    assert view["address"] == (address or "resource_changes[0]")


def test_a_resource_says_where_it_stands() -> None:
    raw = json.dumps({"resource_changes": [bucket("aws_s3_bucket.a"), bucket("aws_s3_bucket.b")]}).encode()
    first, second = inputs.resources(inputs.parse(raw))
    assert (first.path, second.path) == (("resource_changes", 0), ("resource_changes", 1))
    assert (second.address, second.type, second.document) == ("aws_s3_bucket.b", "aws_s3_bucket", 0)


def test_a_deposed_object_has_an_address_of_its_own() -> None:
    raw = json.dumps({"resource_changes": [bucket("t.b"), bucket("t.b", actions=("delete",), deposed="0a1b")]}).encode()
    assert [r.address for r in inputs.resources(inputs.parse(raw))] == ["t.b", "t.b (deposed object 0a1b)"]


def test_references_lead_to_the_resource() -> None:
    root = {"resources": [configured("aws_s3_bucket.b.id", "aws_s3_bucket.b")]}
    _, view = views(
        bucket("aws_s3_bucket.b"),
        block("aws_s3_bucket_public_access_block.p"),
        configuration={"root_module": root},
    )
    assert view["references"] == {"bucket": ["aws_s3_bucket.b"]}


def test_references_in_nested_blocks_have_a_path_without_indices() -> None:
    expression = {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}
    rule = {"rule": [{"default": [{"key": expression, "algorithm": {"constant_value": "aws:kms"}}]}, {"default": [{}]}]}
    key = {**bucket("aws_kms_key.k"), "type": "aws_kms_key", "name": "k"}
    _, view = views(
        key,
        block("aws_s3_bucket_public_access_block.p"),
        configuration={"root_module": {"resources": [configured(attribute=rule)]}},
    )
    assert view["references"] == {"rule.default.key": ["aws_kms_key.k"]}


@pytest.mark.parametrize(
    ("references", "index", "expected"),
    [
        (["aws_s3_bucket.b", "each.key"], "x", ['aws_s3_bucket.b["x"]']),
        (["aws_s3_bucket.b", "each.key"], "z", ['aws_s3_bucket.b["x"]', 'aws_s3_bucket.b["y"]']),
        (["aws_s3_bucket.b"], None, ['aws_s3_bucket.b["x"]', 'aws_s3_bucket.b["y"]']),
        (['aws_s3_bucket.b["y"].id', 'aws_s3_bucket.b["y"]', "aws_s3_bucket.b"], "x", ['aws_s3_bucket.b["y"]']),
        (['aws_s3_bucket.b["gone"].id', 'aws_s3_bucket.b["gone"]', "aws_s3_bucket.b"], "x", None),
        (["each.value.id", "each.value"], "y", ['aws_s3_bucket.b["y"]']),
        (["each.key", "count.index", "local.b", "path.module", "self.id", "terraform.workspace"], "x", None),
        (["aws_s3_bucket.other.id", "var.missing", "module.missing.x", "module.m", "", "x", 'a["'], "x", None),
    ],
)
def test_instances_are_linked_by_their_key(
    references: list[str], index: str | None, expected: list[str] | None
) -> None:
    for_each = {"references": ["aws_s3_bucket.b"]}
    *_, view = views(
        bucket('aws_s3_bucket.b["x"]', index="x"),
        bucket('aws_s3_bucket.b["y"]', index="y"),
        block("p", index=index),
        configuration={"root_module": {"resources": [configured(*references, for_each_expression=for_each)]}},
    )
    assert view["references"] == ({"bucket": expected} if expected else {})


def test_references_pass_through_module_outputs_and_inputs() -> None:
    store = {
        "resources": [{"address": "aws_s3_bucket.b", "expressions": {}}],
        "outputs": {"id": {"expression": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}},
    }
    guard = {"resources": [configured("var.bucket")], "variables": {"bucket": {}}}
    calls = {
        "store": {"source": "./store", "module": store},
        "guard": {
            "source": "acme/guard/aws",
            "version_constraint": "~> 1.0",
            "expressions": {"bucket": {"references": ["module.store.id", "module.store"]}},
            "module": guard,
        },
    }
    _, view = views(
        bucket("module.store.aws_s3_bucket.b", module_address="module.store"),
        block("module.guard.aws_s3_bucket_public_access_block.p", module_address="module.guard"),
        configuration={"root_module": {"module_calls": calls}},
    )
    assert view["references"] == {"bucket": ["module.store.aws_s3_bucket.b"]}
    assert view["source"] == [{"call": "guard", "source": "acme/guard/aws", "version_constraint": "~> 1.0"}]


def test_instances_of_modules_are_kept_apart() -> None:
    module = {
        "resources": [{"address": "aws_s3_bucket.b"}, configured("aws_s3_bucket.b.id", "aws_s3_bucket.b")],
        "outputs": {"id": {"expression": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}},
    }
    root = {
        "module_calls": {"m": {"source": "./m", "module": module}},
        "resources": [
            {
                "address": "t.one",
                "expressions": {"a": {"references": ['module.m["x"].id', 'module.m["x"]', "module.m"]}},
            },
            {
                "address": "t.all",
                "expressions": {"a": {"references": ["module.m"]}, "b": {"references": ["module.m.id"]}},
            },
            {"address": "t.each", "expressions": {"a": {"references": ["module.m", "each.key", "module.m.id"]}}},
        ],
    }

    def change(address: str, **members: Any) -> dict[str, Any]:
        return {"address": address, "change": {}, **members}

    x, y = 'module.m["x"].aws_s3_bucket.b', 'module.m["y"].aws_s3_bucket.b'
    found = {
        view["address"]: view["references"]
        for view in views(
            change(x),
            change(y),
            change('module.m["y"].aws_s3_bucket_public_access_block.p'),
            change("t.one"),
            change("t.all"),
            change('t.each["y"]'),
            configuration={"root_module": root},
        )
    }
    assert found['module.m["y"].aws_s3_bucket_public_access_block.p'] == {"bucket": [y]}
    assert found["t.one"] == {"a": [x]}
    assert found["t.all"] == {"b": [x, y]}
    assert found['t.each["y"]'] == {"a": [y]}


def test_references_that_go_in_circles_end() -> None:
    module = {"outputs": {"o": {"expression": {"references": ["var.v"]}}}}
    call = {"expressions": {"v": {"references": ["module.m.o", "aws_s3_bucket.b"]}}, "module": module}
    root = {"module_calls": {"m": call}, "resources": [configured("module.m.o")]}
    _, _, view = views(
        bucket("aws_s3_bucket.b"),
        bucket("module.m.aws_s3_bucket.b", module_address="module.m"),
        block("aws_s3_bucket_public_access_block.p"),
        configuration={"root_module": root},
    )
    assert view["references"] == {"bucket": ["aws_s3_bucket.b"]}


def test_a_chain_of_thousands_of_modules_is_followed() -> None:
    length = 5000
    passing = {"outputs": {"o": {"expression": {"references": ["var.v"]}}}}
    calls = {
        f"m{i}": {"expressions": {"v": {"references": [f"module.m{i + 1}.o"]}}, "module": passing}
        for i in range(length)
    }
    calls[f"m{length}"] = {"expressions": {"v": {"references": ["aws_s3_bucket.b"]}}, "module": passing}
    changes = [bucket(f"module.m{i}.t.x", module_address=f"module.m{i}", type="t", name="x") for i in range(length + 1)]
    *_, view = views(
        bucket("aws_s3_bucket.b"),
        *changes,
        block("aws_s3_bucket_public_access_block.p"),
        configuration={"root_module": {"module_calls": calls, "resources": [configured("module.m0.o")]}},
    )
    assert view["references"] == {"bucket": ["aws_s3_bucket.b"]}


def test_many_instances_that_refer_to_the_same_things_share_one_list() -> None:
    module = {"outputs": {"o": {"expression": {"references": ["t.y"]}}}}
    both = {"q": {"references": ["module.m.o", "aws_s3_bucket.b"]}}
    *found, _ = views(
        *(block(f"p[{index}]", index=index) for index in range(3)),
        *({"address": f'module.m["{index}"].t.y', "change": {}} for index in range(2)),
        *(bucket(f'aws_s3_bucket.b["{index}"]', index=f"{index}") for index in range(2)),
        configuration={
            "root_module": {"module_calls": {"m": {"module": module}}, "resources": [configured(attribute=both)]}
        },
    )
    assert found[0]["references"]["q"] == [
        'module.m["0"].t.y',
        'module.m["1"].t.y',
        'aws_s3_bucket.b["0"]',
        'aws_s3_bucket.b["1"]',
    ]
    assert found[0]["references"]["q"] is found[2]["references"]["q"]


def test_references_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateproof.inputs.configuration.MAX_STEPS", 100)
    blocks = [block(f"p[{index}]", index=index) for index in range(20)]
    buckets = [bucket(f'aws_s3_bucket.b["{index}"]', index=str(index)) for index in range(20)]
    references = ["aws_s3_bucket.b", "aws_s3_bucket_public_access_block.p"]
    with pytest.raises(LimitError, match="multiply"):
        views(*blocks, *buckets, configuration={"root_module": {"resources": [configured(*references)]}})


@pytest.mark.parametrize(
    "root",
    [
        None,
        "x",
        {"resources": "x", "module_calls": "x", "outputs": 1, "variables": []},
        {"resources": ["x", {"address": 1}, {"address": "aws_s3_bucket.b", "expressions": "x"}]},
        {"resources": [{"address": "aws_s3_bucket.b", "expressions": {"a": {"references": [1, None]}, "b": [1]}}]},
        {"module_calls": {"m": "x", "n": {"module": "x", "expressions": 1}}},
    ],
)
def test_an_odd_configuration_gives_no_references(root: Any) -> None:
    (view,) = views(bucket("aws_s3_bucket.b"), configuration={"root_module": root})
    assert view["references"] == {}


@pytest.mark.parametrize(
    ("changes", "members", "problem"),
    [
        ([], {"errored": True}, "planning ended with an error"),
        (["aws_s3_bucket.b", "aws_s3_bucket.b"], {}, "changes aws_s3_bucket.b twice"),
        ([{"mode": "Managed"}], {}, "has an unknown mode"),
        ([{"change": {"actions": ["create"], "after": {}, "after_unknown": True}}], {}, "which values are unknown"),
        ([], {"planned_values": {"root_module": {"resources": [{"address": "a.b"}]}}}, "has values for a.b"),
        (
            ["aws_s3_bucket.b"],
            {"planned_values": {"root_module": {"child_modules": [{"resources": [{"address": "module.m.a.b"}]}]}}},
            "has values for module.m.a.b",
        ),
    ],
)
def test_a_plan_that_is_not_whole_is_not_judged(
    changes: list[str | dict[str, Any]], members: dict[str, Any], problem: str
) -> None:
    rows = [bucket(each) if isinstance(each, str) else bucket("aws_s3_bucket.b", **each) for each in changes]
    assert problem in inputs.parse(json.dumps({"resource_changes": rows, **members}).encode()).problem


def test_a_deposed_object_is_beside_its_resource_and_nothing_may_become_nothing() -> None:
    deposed = bucket("aws_s3_bucket.b", actions=("delete",), deposed="ab12")
    change = {"actions": ["no-op"], "before": None, "after": None}
    found = views(bucket("aws_s3_bucket.b"), deposed, bucket("aws_s3_bucket.c", change=change))
    assert [view["deleted"] for view in found] == [False, True, True]


@pytest.mark.parametrize("actions", [["create"], ["update"], ["delete", "create"], ["no-op"], []])
def test_what_stays_has_values(actions: list[str]) -> None:
    change = {"actions": actions, "before": {"acl": "private"}, "after": None}
    (view,) = views(bucket("aws_s3_bucket.b", change=change))
    assert (view["deleted"], view["values"]) == (False, {})


def test_a_removal_that_leaves_values_is_none() -> None:
    (view,) = views(
        bucket("aws_s3_bucket.b", change={"actions": ["delete"], "before": {}, "after": {"acl": "private"}})
    )
    assert view["deleted"] is False


def test_the_view_says_what_the_configuration_sets_and_for_which_provider() -> None:
    row = {
        "address": "aws_s3_bucket.b",
        "provider_config_key": "aws.replica",
        "expressions": {"bucket": {"constant_value": "x"}, "acl": {"references": ["var.acl"]}},
    }
    (view,) = views(bucket("aws_s3_bucket.b[0]", index=0), configuration={"root_module": {"resources": [row]}})
    assert (view["configured"], view["provider_config"]) == (["acl", "bucket"], "aws.replica")
    (view,) = views(
        bucket("aws_s3_bucket.b"), configuration={"root_module": {"resources": [{**row, "provider_config_key": 1}]}}
    )
    assert view["provider_config"] is None
