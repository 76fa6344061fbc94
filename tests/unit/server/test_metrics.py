"""OpenMetrics text, as https://prometheus.io/docs/specs/om/open_metrics_spec/ has it."""

from __future__ import annotations

import re

from gateproof.server.metrics import Counter, Gauge, Histogram, exposition
from gateproof.server.telemetry import Telemetry

_LINE = re.compile(
    r"# (TYPE [a-z_]+ (counter|gauge|histogram)|HELP [a-z_]+ [^\n]+|EOF)"
    r'|[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? [-+0-9.e]+'
)


def test_the_text() -> None:
    count, gauge = Counter("a", "Of a."), Gauge("b", 'A "b"\n.')
    spread = Histogram("c", "Seconds.", (0.5, 1))
    count.add(kind='x"\\\n')
    count.add(2, kind="y")
    gauge.set(1.5)
    for value in (0.1, 0.5, 0.7, 9):
        spread.observe(value)
    assert exposition([count, gauge, spread]).decode() == (
        "# TYPE a counter\n# HELP a Of a.\n"
        'a_total{kind="x\\"\\\\\\n"} 1\na_total{kind="y"} 2\n'
        '# TYPE b gauge\n# HELP b A \\"b\\"\\n.\nb 1.5\n'
        "# TYPE c histogram\n# HELP c Seconds.\n"
        'c_bucket{le="0.5"} 2\nc_bucket{le="1"} 3\nc_bucket{le="+Inf"} 4\nc_sum 10.3\nc_count 4\n'
        "# EOF\n"
    )


def test_every_metric_of_the_server_is_well_formed() -> None:
    told = Telemetry()
    told.policies.set(1, bundle="sha256:0", revision="a\nb")
    text = told.exposition().decode()
    assert [line for line in text.splitlines() if not _LINE.fullmatch(line)] == []
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert all(name.startswith("gateproof_") for name in names)
