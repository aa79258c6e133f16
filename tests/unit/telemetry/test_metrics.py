"""Metrics have the names that dashboards rely on, and docs/metrics.md knows every one of them."""

import ast
import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from prometheus_client import REGISTRY

from adapters.telemetry import metrics

_ROOT: Final = Path(__file__).parents[3]
_ROW: Final = re.compile(r"\| `(?P<name>\w+)` \| (?P<kind>\w+) \| (?P<labels>[^|]*) \|")
_KINDS: Final = {"Counter", "Gauge", "Histogram"}


class _Metric(NamedTuple):
    name: str
    kind: str
    labels: tuple[str, ...]


def _exposed(name: str, kind: str) -> str:
    return name if kind != "counter" or name.endswith("_total") else f"{name}_total"


def _declared(path: Path) -> list[_Metric]:
    """Metrics that a module makes, read from its text: importing it may need a broker."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in _KINDS or not isinstance(node.args[0], ast.Constant):
            continue
        kind = node.func.id.lower()
        labels = node.args[2] if len(node.args) > 2 else ast.Tuple(elts=[])
        assert isinstance(labels, ast.Tuple | ast.List), ast.dump(node)
        names = tuple(str(ast.literal_eval(label)) for label in labels.elts)
        found.append(_Metric(_exposed(str(node.args[0].value), kind), kind, names))
    return found


def _documented() -> list[_Metric]:
    text = (_ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    return [
        _Metric(
            row["name"],
            row["kind"],
            tuple(label for label in re.split(r"[,\s`]+", row["labels"]) if label),
        )
        for row in _ROW.finditer(text)
    ]


def test_every_metric_is_documented_and_every_documented_metric_exists() -> None:
    declared = [
        metric
        for package in ("adapters", "streams")
        for path in sorted((_ROOT / package).rglob("*.py"))
        if "proto" not in path.parts
        for metric in _declared(path)
    ]
    assert len({metric.name for metric in declared}) == len(declared), "a name is used twice"
    assert sorted(declared) == sorted(_documented())
    assert all(metric.name.startswith("patriot_") for metric in declared)


@pytest.mark.asyncio
async def test_operations_are_timed_by_result() -> None:
    @metrics.track_operation_time("example", "NOWHERE")
    async def operation(*, works: bool) -> str:
        if not works:
            raise ValueError("a failure")
        return "done"

    def count(result: str) -> float:
        labels = {"operation": "example", "exchange": "NOWHERE", "result": result}
        return REGISTRY.get_sample_value("patriot_order_processing_seconds_count", labels) or 0

    assert await operation(works=True) == "done"
    with pytest.raises(ValueError, match="a failure"):
        await operation(works=False)
    assert (count("success"), count("error")) == (1, 1)
