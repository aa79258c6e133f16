"""The documents of events, checks and commands say what the code says, completely."""

import dataclasses
import re
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

import pytest

from adapters.proto.v1 import subscriptions_pb2
from domain.dispatch import Command
from domain.instruments.events import TradingRules
from domain.reasons import Reason
from domain.registry import EVENT_TYPES, FORMS, KNOWN
from domain.risk.commands import Limits
from domain.risk.events import DecisionInputs
from domain.risk.rules.table import CHECKS

_DOCS: Final = Path(__file__).parents[2] / "docs"
_ROW: Final = re.compile(r"^\| `?([a-zA-Z0-9_.]+)`? \| (.*) \|$", re.MULTILINE)


def _rows(document: str) -> dict[str, str]:
    return dict(_ROW.findall((_DOCS / document).read_text()))


def _fields(kind: Any) -> list[str]:
    """Names in order; a question mark where the field may be empty."""
    hints = get_type_hints(kind)
    return [
        field.name + ("?" if NoneType in get_args(hints[field.name]) else "")
        for field in dataclasses.fields(kind)
    ]


def test_every_event_is_documented_with_its_fields() -> None:
    rows = _rows("events.md")
    documented = {name: rows[name].rsplit(" | ", 1)[1].split(", ") for name in KNOWN}
    assert documented == {name: _fields(FORMS.form(name)) for name in KNOWN}
    assert {name for name in rows if re.search(r"\.v[0-9]+$", name)} == KNOWN


@pytest.mark.parametrize(
    ("label", "kind"), [("limits", Limits), ("inputs", DecisionInputs), ("rules", TradingRules)]
)
def test_nested_shapes_are_documented(label: str, kind: type[object]) -> None:
    text = " ".join((_DOCS / "events.md").read_text().split())
    found = re.search(rf"`{label}`[^:]*: (.*?)\.( |$)", text)
    assert found is not None
    names = re.sub(r" \([^)]*\)", "", found.group(1)).split(", ")
    assert names == _fields(kind)


def test_every_check_is_documented_in_its_order_with_reasons_that_exist() -> None:
    text = (_DOCS / "reasons.md").read_text()
    rows = dict(_ROW.findall(text[text.index("## The checks of an order") :]))
    del rows["check"]
    assert list(rows) == [check.name for check in CHECKS]
    for cells in rows.values():
        reasons = cells.split(" | ")[0].split(", ")
        assert set(reasons) <= {reason.name for reason in Reason}


def test_every_part_of_a_subscription_s_definition_is_documented() -> None:
    text = (_DOCS / "subscriptions.md").read_text()
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"[a-z_]+", row)}
    request = subscriptions_pb2.CreateSubscriptionRequest.DESCRIPTOR
    assert named == set(request.fields_by_name)
    for table in ("named", "failed", "parked"):
        assert f"`{table}`" in text


def test_every_command_is_documented_with_events_that_exist() -> None:
    rows = _rows("commands.md")
    assert {command.__name__ for command in get_args(Command)} <= set(rows)
    named = set(re.findall(r"`([a-z]+\.[a-z_]+\.v1)`", "\n".join(rows.values())))
    assert named <= set(EVENT_TYPES)
    assert {name for name in EVENT_TYPES if not name.startswith("position.")} <= named
