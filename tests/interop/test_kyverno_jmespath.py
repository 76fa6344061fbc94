"""``kyverno jp query`` on the same expressions and document: the same values, and the same that have none.

Left out are functions that do not give the same twice (``time_now``, ``random``), or that ask the network.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gateproof.engines.kyverno.jmespath import JmespathError, compile
from gateproof.engines.kyverno.jmespath.values import Int64, equal
from gateproof.rego.context import Context

Peer = Callable[[str], str]

DOCUMENT: dict[str, Any] = {
    "spec": {
        "replicas": 3,
        "ratio": 1.5,
        "containers": [
            {"name": "a", "image": "nginx:1", "resources": {"limits": {"memory": "1Gi"}}, "ports": [{"p": 80}]},
            {"name": "b", "image": "quay.io/x/y@sha256:" + "0" * 64, "ports": [{"p": 443}, {"p": 8080}]},
        ],
        "initContainers": [{"name": "i", "image": "busybox"}],
        "volumes": [{"name": "v", "hostPath": {"path": "/etc"}}, {"name": "w", "emptyDir": {}}],
        "empty": [],
        "nothing": None,
        "truth": True,
        "nested": [[1, 2], [3, [4]]],
    },
    "metadata": {"labels": {"app.kubernetes.io/name": "x", "team": "pay"}, "name": "Example"},
    "text": "Hello, wörld",
    "big": 123456789,
}

EXPRESSIONS = r"""
spec.replicas
spec.missing
spec.nothing.deeper
spec.missing.deeper
spec.missing || 'default'
spec.missing | @
spec.missing && 'x'
spec.truth && spec.missing
spec.containers[].name
spec.containers[*].resources.limits.memory
spec.containers[].resources
spec.containers[?resources].name
spec.containers[?!resources].name
spec.containers[?image=='nginx:1'].name | [0]
spec.containers[?ports[?p>`100`]].name
spec.containers[0].ports[0].p
spec.containers[-1].name
spec.containers[5].name
spec.containers[0:1].name
spec.containers[::-1].name
spec.containers[].ports[].p
spec.[ephemeralContainers, initContainers, containers][].image
spec.[initContainers, containers][].name
spec.volumes[].keys(@)[] | sort(@)
spec.volumes[].hostPath.path
spec.nested[]
spec.nested[][]
spec.nested[*][0]
spec.empty[]
spec.empty || `[]`
spec.nothing
spec.nothing[]
spec.*.name
metadata.labels.* | sort(@)
metadata.labels."app.kubernetes.io/name"
metadata.*.length(@)
*.replicas
{a: spec.replicas, b: spec.missing}
[spec.replicas, spec.missing]
spec.containers[].{n: name, i: image}
spec.replicas == `3`
spec.replicas == `3.0`
spec.replicas == '3'
spec.replicas != `3`
spec.replicas > `2`
spec.replicas >= spec.ratio
spec.missing > `2`
spec.missing == `null`
text < 'Z'
!spec.missing
!spec.truth
spec.truth == `true`
'raw'
'it\'s'
`"json"`
`{"a": [1, 2.5, null]}`
length(text)
length(spec)
length(spec.containers)
length(spec.missing)
length(spec.replicas)
length('')
keys(spec.missing)
keys(metadata.labels) | sort(@)
values(metadata.labels) | sort(@)
contains(text, 'wör')
contains(spec.containers[].name, 'b')
contains(spec.nested, `[1, 2]`)
contains(spec.replicas, 'a')
contains(text, `1`)
starts_with(text, 'He')
ends_with(text, 'x')
join('-', spec.containers[].name)
join('-', `[]`)
join('-', spec.nested)
max(spec.containers[].ports[].p)
min(`["b", "a"]`)
max(`[]`)
max(`[1, "a"]`)
sort(`[3, 1, 2]`)
sort(`["b", "a"]`)
sort_by(spec.containers, &image)[].name
sort_by(spec.containers, &resources)
max_by(spec.containers, &length(ports)).name
min_by(spec.containers, &name).name
map(&name, spec.containers)
map(&resources.limits.memory, spec.containers)
avg(`[1, 2, 4]`)
sum(`[1, 2, 4]`)
sum(`["1Gi", "512Mi"]`)
sum(`[]`)
abs(`-3`)
ceil(`1.2`)
floor(`-1.2`)
reverse(spec.containers)[].name
reverse('abc')
type(spec.replicas)
type(spec.missing)
type(spec.truth)
type('x')
to_array(text)
to_array(spec.empty)
to_string(spec.containers[0])
to_string(big)
to_string(`1.5`)
to_string(`1e21`)
to_string(`0.0000001`)
to_string('<&>')
to_number('12.5')
to_number('x')
to_number(spec.truth)
not_null(spec.missing, spec.nothing, 'x')
merge(metadata.labels, `{"team": "x"}`)
unknown_function('x')
length('a', 'b')
compare('a', 'b')
compare('a', 'b') == `-1`
type(compare('a', 'b'))
equal_fold('Straße', 'STRASSE')
equal_fold('Go', 'GO')
replace('aaa', 'a', 'b', `2`)
replace('aaa', 'a', 'b', `-1`)
replace('ab', '', '-', `2`)
replace_all('a.b.c', '.', '-')
to_upper(text)
to_lower(text)
to_upper(spec.replicas)
to_upper(spec.missing)
trim('xxaxx', 'x')
trim_prefix('v1.2', 'v')
split('a,b,c', ',')
split('abc', '')
regex_match('^h.*', 'hello')
regex_match('^[0-9]+$', `12`)
regex_match('(', 'x')
regex_replace_all('([a-z]+)@([a-z]+)', 'user@example', '$2 at $1')
regex_replace_all('a(x*)b', '-ab-axxb-', '${1}W')
regex_replace_all_literal('a(x*)b', '-ab-axxb-', '${1}')
regex_replace_all('[0-9]', `12345678`, 'x')
pattern_match('he*o', 'hello')
pattern_match('?2*', `123`)
pattern_match('a?', 'a')
label_match(`{"team": "pay"}`, metadata.labels)
label_match(`{"team": "x"}`, metadata.labels)
to_boolean('TRUE')
to_boolean('yes')
add(`1`, `2`)
add('1', '2')
add('1Gi', '512Mi')
add('1Ki', '1')
add('1500m', '500m')
add('1.5Gi', '1')
add('1h', '30s')
add('1h', '30m')
add('10m', `1`)
add('1e3', '1')
add('x', `1`)
subtract('10Mi', '1Ki')
subtract(`1`, `2`)
subtract('1h', '90m')
subtract('2h', '1h0m0.5s')
subtract('1Gi', '1Gi')
multiply(`2`, `3.5`)
multiply('100m', `3`)
multiply(`0.5`, '1Gi')
multiply('1h0s', `0.5`)
multiply('2Mi', '2Mi')
multiply('1Mi', `1.3`)
divide(`1`, `3`)
divide('10Mi', `3`)
divide('1', `3`)
divide('1.5', `4`)
divide('1Gi', '1Mi')
divide('1h0s', '30s')
divide('1h0s', `7`)
divide(`1`, `0`)
divide('1k', `3`)
modulo(`10`, `3`)
modulo(`-10`, `3`)
modulo(`10.5`, `3`)
modulo('10Mi', '3Ki')
modulo('10s', '3s')
round(`9.414675`, `2`)
round(`2.5`, `0`)
round(`-2.5`, `0`)
round(`1.5`, `-1`)
base64_encode(text)
base64_decode('SGVsbG8=')
base64_decode('%%%')
path_canonicalize('///var//lib/../x/./y/')
path_canonicalize('../../a')
path_canonicalize('/../a')
path_canonicalize('')
truncate(text, `7`)
truncate(text, `-1`)
truncate(text, `100`)
semver_compare('1.2.3', '>=1.2.0 <2.0.0')
semver_compare('1.2.3', '1.2.x')
semver_compare('2.0.0', '<1.0.0 || >=2.0.0')
semver_compare('1.2.3-alpha', '<1.2.3')
semver_compare('1.2.3', '!=1.2.3')
semver_compare('4.1.3', '>=4.1.x')
semver_compare('1.2.3', 'foo')
parse_json('{"a": [1, null]}')
parse_json('{')
parse_yaml('a: [1, yes, 0o7]')
parse_yaml('a: b: c')
lookup(metadata.labels, 'team')
lookup(metadata.labels, 'x')
lookup(spec.nested, `1`)
lookup(spec.nested, `9`)
lookup(spec.nested, 'x')
items(metadata.labels, 'k', 'v')
items(spec.nested, 'k', 'v')
object_from_lists(`["a", "b"]`, `[1]`)
object_from_lists(`[1, true]`, `[1, 2]`)
object_from_lists(`[[]]`, `[1]`)
time_since('', '2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')
time_since('Mon Jan _2 15:04:05 MST 2006', 'Mon Jan 02 15:04:05 MST 2021', 'Mon Jan 10 03:14:16 MST 2021')
time_to_cron('2022-04-11T03:14:05-07:00')
time_add('2021-01-02T15:04:05-07:00', '3h')
time_add('2021-01-02T15:04:05Z', '-1.5h')
time_add('2021-01-02', '3h')
time_parse('2006-01-02', '2021-02-30')
time_parse('2006-01-02', '2021-02-03')
time_parse('1234567890', '1658769600')
time_utc('2021-01-02T15:04:05-07:00')
time_diff('2021-01-02T15:04:05-07:00', '2021-01-10T03:14:16.5-07:00')
time_before('2021-01-02T15:04:05-07:00', '2021-01-02T15:04:05Z')
time_after('2021-01-02T15:04:05-07:00', '2021-01-02T15:04:05Z')
time_between('2021-01-02T15:04:05Z', '2021-01-01T15:04:05Z', '2021-01-03T15:04:05Z')
time_truncate('2021-01-02T15:04:05Z', '1h')
time_truncate('2021-01-02T15:04:05+05:30', '1h')
image_normalize('nginx')
image_normalize('localhost/a/b:1')
image_normalize('ghcr.io:5000/a/b')
image_normalize('A/b')
image_normalize('nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000')
image_normalize('nginx:')
is_external_url('http://10.1.2.3:80/x')
is_external_url('http://[fc00::1]/')
is_external_url('https://8.8.8.8')
sha256(text)
sha1(text)
md5(text)
spec.containers[].to_upper(name)
spec.containers[].to_upper(missing)
spec.containers[?to_upper(missing)=='X']
to_upper(spec.replicas)[]
spec.containers[].ports[?p == `80`][]
spec.containers[].ports[?p == `80`] | []
a b
spec.
length(@
spec.containers[?]
spec['x']
@
"""


def lines() -> list[str]:
    return [line for line in EXPRESSIONS.splitlines() if line]


def ours(expression: str) -> tuple[bool, Any]:
    """Whether it has a value, and which."""
    try:
        value = compile(expression).search(DOCUMENT, Context())
        return True, int(value) if isinstance(value, Int64) else value
    except JmespathError:
        return False, None


def theirs(command: Sequence[str], expressions: Sequence[str]) -> subprocess.CompletedProcess[str]:
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
    document = tmp_path / "document.json"
    document.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    command = [peer("kyverno"), "jp", "query", "-i", str(document)]
    found = {expression: ours(expression) for expression in lines()}
    with_value = [expression for expression, (has_value, _) in found.items() if has_value]
    without = [expression for expression in found if expression not in with_value]
    wrongly = {expression for expression in without if theirs(command, [expression]).returncode == 0}
    assert wrongly == set()
    done = theirs(command, with_value)
    assert done.returncode == 0, (done.stdout[-500:], done.stderr)
    different = {
        expression: (found[expression][1], value)
        for expression, value in zip(with_value, values(done.stdout, with_value), strict=True)
        if not equal(found[expression][1], value)
    }
    assert different == {}
    assert len(with_value) > 150
